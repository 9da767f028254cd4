"""An autoencoder learns what digits have in common; what is unlike them it cannot reconstruct.

So it tells corrupted images from clean ones without having seen a single corrupted one.
"""

import numpy as np

import glassnet as gn
from glassnet import data, losses, models, optim, view

learned, held = data.split(data.digits(), test=0.25, seed=0)
model = models.autoencoder((64,), hidden=(128, 64), code=16)
adam = optim.Adam(lr=optim.Cosine(3e-3, steps=100 * 43))
run = gn.fit(
    model,
    learned.unlabelled(),
    losses.binary_cross_entropy_with_logits,
    adam,
    epochs=100,
    batch_size=32,
    seed=0,
)


def errors(images: np.ndarray) -> np.ndarray:
    """The mean squared error of each reconstruction."""
    return ((run.predict(images) - images) ** 2).mean(axis=1)


rng = np.random.default_rng(0)
clean = np.asarray(held.inputs)
squares = clean.reshape(-1, 8, 8).copy()
for image in squares:
    row, column = rng.integers(0, 6, 2)
    image[row : row + 3, column : column + 3] = rng.random((3, 3))
corrupted = {
    "a square of 3×3 pixels of noise": squares.reshape(-1, 64),
    "noise of deviation 0.2 on all": np.clip(clean + 0.2 * rng.normal(size=clean.shape), 0, 1),
    "every tenth pixel black or white": np.where(
        rng.random(clean.shape) < 0.1, rng.integers(0, 2, clean.shape), clean
    ),
    "all pixels shuffled": rng.permuted(clean, axis=1),
}
for name, images in corrupted.items():
    area = view.auc(errors(clean), errors(images.astype(np.float32)))
    print(f"{name:<33} area under the ROC curve {area:.3f}")
view.roc(
    errors(clean),
    errors(squares.reshape(-1, 64)),
    names=("clean", "corrupted"),
    measure="reconstruction error",
).save("errors.svg")
