"""DATA: inputs with their targets, where they come from, and how they are dealt out.

`dataset.py` is what data is and checks it; `shipped.py`, `points.py` and `surfaces.py` bring it;
`splits.py` parts it; `standardiser.py` scales it; `sampling.py` deals out mini-batches.
"""

from .catalogue import NAMES, load
from .checks import check_learnable
from .dataset import Dataset, Task, as_dataset
from .points import circles, gaussians, moons, spiral, xor
from .sampling import batches
from .shipped import digits, iris
from .splits import folds, split
from .standardiser import Standardiser, standardise
from .surfaces import curve, hills, plane

__all__ = [
    "NAMES",
    "Dataset",
    "Standardiser",
    "Task",
    "as_dataset",
    "batches",
    "check_learnable",
    "circles",
    "curve",
    "digits",
    "folds",
    "gaussians",
    "hills",
    "iris",
    "load",
    "moons",
    "plane",
    "spiral",
    "split",
    "standardise",
    "xor",
]
