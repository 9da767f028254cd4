"""Real images of handwritten digits: train, judge on images never seen, report, keep, load."""

from pathlib import Path

import glassnet as gn
from glassnet import data, nn

learned, held = data.split(data.digits(), test=0.2, seed=0)  # stratified
learned, held = data.standardise(learned, held)  # with the mean and deviation of the first alone

model = nn.Sequential(
    nn.Flatten(),
    nn.Linear(64, 64),
    nn.ReLU(),
    nn.Linear(64, 32),
    nn.ReLU(),
    nn.Linear(32, 10),
)
print(model.summary(learned.inputs.shape[1:]))

run = gn.fit(model, learned, validation=held, epochs=60, batch_size=32, seed=0)
last = run.history[-1]
print(f"{last['validation_accuracy']:.1%} of {len(held)} unseen images right, {run.seconds:.1f} s")

run.save("digits")  # model, history and a report to open in a browser
print("kept:", *sorted(path.name for path in Path("digits").iterdir()))

again = gn.load("digits/model.safetensors")
alike = (again.predict(held.inputs) == model.predict(held.inputs)).all()
print("the loaded network answers alike:", alike)
