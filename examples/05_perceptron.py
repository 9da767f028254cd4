"""The perceptron: sign(wᵀx + b), and the rule that finds a separating line if there is one.

A point on the wrong side moves the line towards itself: w ← w + y·x, b ← b + y. On separable
points this ends after finitely many mistakes (Novikoff, 1962).
"""

import warnings

import glassnet as gn
from glassnet import data, nn

points = data.gaussians(200, seed=0)
perceptron = nn.Perceptron(2)
perceptron.fit(points.inputs, points.targets, epochs=50, seed=0)
right = (perceptron.classify(points.inputs) == points.targets).mean()
print("mistakes per epoch:", perceptron.mistakes)
print(f"{right:.0%} of the points on the right side of their line")

# XOR has no such line, and the perceptron says so.
crossed = data.xor(200, seed=0)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", gn.ConvergenceWarning)
    nn.Perceptron(2).fit(crossed.inputs, crossed.targets, epochs=20, seed=0)
print(str(caught[0].message).splitlines()[0])
