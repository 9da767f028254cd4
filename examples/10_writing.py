"""A small GPT reads a text character by character, and then writes on.

python examples/10_writing.py BOOK.txt reads for 2,000 steps, as nanoGPT does on a processor;
without a book it has a short look at the pages on Python that come with Python.
"""

import sys
from pathlib import Path
from pydoc_data.topics import topics

import glassnet as gn
from glassnet import data, models, optim

book = (
    Path(sys.argv[1]).read_text(encoding="utf-8") if len(sys.argv) > 1 else "".join(topics.values())
)
steps = 2000 if len(sys.argv) > 1 else 60

letters = data.Vocabulary.characters(book)
tokens = letters.encode(book)
cut = len(tokens) * 9 // 10
learned = data.windows(tokens[:cut], 64, vocabulary=letters)
held = data.windows(tokens[cut:], 64, vocabulary=letters)
held = held.subset(range(0, min(len(held), 100_000), 64))  # one after the other, none twice

model = models.gpt(len(letters), context=64, layers=4, heads=4, width=128, bias=False)
warm = min(100, steps // 2)
schedule = optim.WarmUp(optim.Cosine(1e-3, steps=steps - warm, final=1e-4), steps=warm, start=0.01)
adamw = optim.AdamW(lr=schedule, betas=(0.9, 0.99), weight_decay=0.1, clip_norm=1.0)
places = gn.Generator(0).integers(0, len(learned), (12 * steps,))  # 12 random places a step

run = gn.fit(
    model, learned.subset(places), validation=held, optimizer=adamw, epochs=1, batch_size=12, seed=0
)
last = run.history[-1]
print(f"validation loss {last['validation_loss']:.3f} after {steps} steps, {run.seconds:.1f} s")

written = models.generate(model, letters.encode("\n"), 300, temperature=0.8, top_k=20, seed=0)
print(letters.decode(written))
