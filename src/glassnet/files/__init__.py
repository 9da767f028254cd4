"""A MODEL ON DISK, and back: data that can never name code, written whole or not at all.

`container.py` is the format, `model_file.py` what a model's file says, `run_folder.py` what a run
leaves behind, `checkpoint.py` a training under way, `tensorboard.py` a run for another viewer,
`atomic.py` how any of it is written.
"""

from .atomic import write_atomically
from .checkpoint import load_checkpoint, save_checkpoint
from .model_file import load, load_predictor, save
from .run_folder import Kept, read_run, save_run
from .tensorboard import tensorboard

__all__ = [
    "Kept",
    "load",
    "load_checkpoint",
    "load_predictor",
    "read_run",
    "save",
    "save_checkpoint",
    "save_run",
    "tensorboard",
    "write_atomically",
]
