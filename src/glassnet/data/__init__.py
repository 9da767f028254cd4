"""DATA: inputs with their targets, where they come from, and how they are dealt out.

`dataset.py` is what data is and checks it; `shipped.py`, `points.py` and `surfaces.py` bring it,
`idx.py` and `text.py` from files; `splits.py` parts it; `standardiser.py` scales it;
`augmentation.py` varies it; `sampling.py` deals out mini-batches.
"""

from .augmentation import Augmentation, Crop, Flip, Rotate, Shift
from .catalogue import NAMES, load
from .checks import check_learnable
from .dataset import Dataset, Task, as_dataset
from .idx import idx, idx_parts, read_idx
from .points import circles, gaussians, moons, spiral, xor
from .sampling import batches
from .shipped import digits, iris
from .splits import folds, split
from .standardiser import Standardiser, standardise
from .surfaces import curve, hills, plane
from .text import text, windows
from .vocabulary import Vocabulary

__all__ = [
    "NAMES",
    "Augmentation",
    "Crop",
    "Dataset",
    "Flip",
    "Rotate",
    "Shift",
    "Standardiser",
    "Task",
    "Vocabulary",
    "as_dataset",
    "batches",
    "check_learnable",
    "circles",
    "curve",
    "digits",
    "folds",
    "gaussians",
    "hills",
    "idx",
    "idx_parts",
    "iris",
    "load",
    "moons",
    "plane",
    "read_idx",
    "spiral",
    "split",
    "standardise",
    "text",
    "windows",
    "xor",
]
