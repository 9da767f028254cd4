"""Derivatives of functions: a slope, a curvature, a gradient, a matrix of second derivatives."""

import glassnet as gn


def quartic(x):
    """x⁴ − 3x² + x, with two minima and a maximum between them."""
    return x**4 - 3 * x**2 + x


def rosenbrock(p):
    """(1 − x)² + 100·(y − x²)², a curved valley whose lowest point is (1, 1)."""
    x, y = p[0], p[1]
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


slope = gn.grad(quartic)
curvature = gn.grad(slope)  # a gradient is a function, and can be differentiated again
print("   x      f     f'    f''")
for x in (-1.5, -0.5, 0.5, 1.5):
    value, first, second = quartic(x), slope(x).item(), curvature(x).item()
    print(f"{x:5.1f} {value:6.2f} {first:6.2f} {second:6.2f}")

point = gn.tensor([-1.0, 2.0], dtype=gn.float64)
print()
print("gradient of the valley:", gn.grad(rosenbrock)(point).numpy())
print("its second derivatives:", gn.hessian(rosenbrock)(point).numpy().tolist())

# Finite differences agree, to second order; a rule that is wrong would raise GradientError.
gn.check_grads(rosenbrock, point, order=2)
