"""BACKWARD: one loop over the graph, without knowledge of any operation.

`loop.py` is the loop; `backward`, `gradients`, `grad`, `value_and_grad` and `hessian` are what
users call; `scan` is a loop over the steps of a sequence, differentiated as another such loop;
`check_grads` holds every rule against finite differences; `diagnose` finds where a NaN came from.
"""

from .backward import backward, gradients
from .check import check_grads
from .diagnose import diagnose, diagnosing
from .functional import grad, hessian, value_and_grad
from .recurrence import scan
from .stationary import StationaryPoint, stationary_points

__all__ = [
    "StationaryPoint",
    "backward",
    "check_grads",
    "diagnose",
    "diagnosing",
    "grad",
    "gradients",
    "hessian",
    "scan",
    "stationary_points",
    "value_and_grad",
]
