"""A loss as a graph: values flow forward, gradients flow back to the leaves.

L(a, b, w, t) = ((a + b)·w − t)² + w², the error of a tiny network and a penalty on its weight.
"""

import glassnet as gn

a = gn.tensor(1.0, name="a", requires_grad=True)
b = gn.tensor(2.0, name="b", requires_grad=True)
w = gn.tensor(2.0, name="w", requires_grad=True)
t = gn.tensor(4.0, name="t", requires_grad=True)

loss = ((a + b) * w - t) ** 2 + w**2
loss.backward()

# Every value in the order of computation, with the gradient of the loss by it.
print(gn.Graph(loss))

# The same by hand, with the chain rule: e = (a + b)·w − t, so L = e² + w².
e = (a.item() + b.item()) * w.item() - t.item()
print()
print("dL/da =", 2 * e * w.item(), "and backward says", a.grad.item())
print("dL/dw =", 2 * e * (a.item() + b.item()) + 2 * w.item(), "and backward says", w.grad.item())
print("dL/dt =", -2 * e, "and backward says", t.grad.item())
