"""An operation of your own: one class, and it is checked, drawn and differentiated like others."""

import glassnet as gn
from glassnet import ops


class Softsign(ops.Elementwise):
    """softsign(a) = a / (1 + |a|)

    d/da = 1 / (1 + |a|)²
    """

    name = "softsign"
    symbol = "softsign"

    def forward(self, xp, a):
        return xp.divide(a, xp.add(xp.absolute(a), 1.0))

    def backward(self, grad, out, a):
        return (grad / (1.0 + ops.abs(a)) ** 2,)

    def samples(self, rng):
        return [ops.sample(rng.uniform((3, 4), 0.5, 2.0, dtype=gn.float64))]


softsign = Softsign()

for sample in softsign.samples(gn.Generator(0)):
    gn.check_grads(softsign, *sample.inputs, order=2)
print("softsign agrees with finite differences, to second order")

x = gn.tensor([-3.0, 0.0, 1.0], name="x", requires_grad=True)
loss = (softsign(x) ** 2).sum()
loss.backward()
print(gn.Graph(loss))
print("gradient:", x.grad.numpy())
