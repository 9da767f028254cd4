"""THE FLOW IN ONE PLACE: batch, forward, loss, backward, update; then what was measured.

`step.py` is one step; `runner.py` an epoch of them; `training.py` epoch after epoch, as `fit.py`
prepared them and `checkpoint.py` writes them down; `run.py` what it leaves behind; `predictor.py`
the trained network with what its inputs and outputs mean; `gauge.py` what is measured inside a
step, `statistics.py` what it was over time, and `findings.py` what that says. `approximation.py`
trains networks of growing width towards a function.
"""

from .approximant import Approximant
from .approximation import Approximation, approximate
from .average import Average
from .callbacks import Callback, Progress
from .checkpoint import Checkpoint
from .findings import Finding
from .fit import fit
from .history import History
from .measures import METRICS, top_k
from .metric import Answers, Metric
from .noise import GradientNoise, gradient_noise
from .output import writable_folder
from .predictor import Predictor
from .rates import RateCurve, find_rate
from .reading import READINGS, Reading
from .run import Run
from .statistics import Series, Statistics
from .step import Step

__all__ = [
    "METRICS",
    "READINGS",
    "Answers",
    "Approximant",
    "Approximation",
    "Average",
    "Callback",
    "Checkpoint",
    "Finding",
    "GradientNoise",
    "History",
    "Metric",
    "Predictor",
    "Progress",
    "RateCurve",
    "Reading",
    "Run",
    "Series",
    "Statistics",
    "Step",
    "approximate",
    "find_rate",
    "fit",
    "gradient_noise",
    "top_k",
    "writable_folder",
]
