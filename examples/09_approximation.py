"""Universal approximation: two layers and sigmoid units come as near to f as one wants.

f(x) = sin(6x) · exp(−x) on [0, 1]; the sup-error falls as the width grows (Cybenko, 1989).
"""

import numpy as np

import glassnet as gn

found = gn.approximate("sin(6*x) * exp(-x)", widths=(1, 2, 4, 8), tries=2)
print(found)

# The widest of them is an ordinary network: Linear, Sigmoid, Linear.
network = found.networks[-1].model
x = np.linspace(0.0, 1.0, 5)
for at, value in zip(x, network.predict(x[:, None])[:, 0], strict=True):
    print(f"x = {at:.2f}: network {value:8.4f}, f {np.sin(6 * at) * np.exp(-at):8.4f}")

found.picture().save("approximation.svg")  # target, networks, errors
gn.view.units(found, width=4).save("units.svg")  # the single units that add up to it
