"""DATA: inputs with their targets, where they come from, and how they are dealt out.

`dataset.py` is what data is and checks it. It comes from `shipped.py`, `points.py`, `surfaces.py`,
from the net by `mnist.py`, and out of files by `table.py`, `images.py`, `text.py`, `idx.py`,
`arrays.py` and `mapped.py`, which `catalogue.py` tells apart. `sequences.py` takes sequences of
different lengths, which `padding.py` fills up. `splits.py` parts it, `standardiser.py` scales it,
`augmentation.py` varies it, and `sampling.py` deals out mini-batches.
"""

from .arrays import npz
from .augmentation import Augmentation, Crop, Flip, Rotate, Shift
from .catalogue import NAMES, load
from .checks import check_learnable
from .columns import Column, Columns
from .dataset import Dataset, Task, as_dataset
from .idx import idx, idx_parts, read_idx
from .images import images
from .mapped import mapped, write_map
from .mnist import fashion_mnist, mnist
from .padding import Padded, pad
from .points import circles, gaussians, moons, spiral, xor
from .sampling import batches, class_weights
from .sequences import sequences
from .shipped import digits, iris
from .splits import folds, split
from .standardiser import Standardiser, standardise
from .surfaces import curve, hills, plane
from .table import table
from .text import text, windows
from .vocabulary import Vocabulary

__all__ = [
    "NAMES",
    "Augmentation",
    "Column",
    "Columns",
    "Crop",
    "Dataset",
    "Flip",
    "Padded",
    "Rotate",
    "Shift",
    "Standardiser",
    "Task",
    "Vocabulary",
    "as_dataset",
    "batches",
    "check_learnable",
    "circles",
    "class_weights",
    "curve",
    "digits",
    "fashion_mnist",
    "folds",
    "gaussians",
    "hills",
    "idx",
    "idx_parts",
    "images",
    "iris",
    "load",
    "mapped",
    "mnist",
    "moons",
    "npz",
    "pad",
    "plane",
    "read_idx",
    "sequences",
    "spiral",
    "split",
    "standardise",
    "table",
    "text",
    "windows",
    "write_map",
    "xor",
]
