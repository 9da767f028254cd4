"""PICTURES: of graphs, descents, data and training, and the report of a run.

Every picture is a `Picture`: it shows itself in a notebook, saves itself as SVG, PNG or HTML, has a
light and a dark form in colours that everybody can tell apart, and says in words what it shows.
Graphs are drawn here; their layout comes from grandalf, and all plots from matplotlib, which are
imported when a picture is made.
"""

from ..tensor import HOOKS
from .activations import activations
from .animation import Animation
from .approximation import approximation, units
from .attention import attention
from .backpropagation import backpropagation
from .boundary import boundary
from .codes import codes
from .compared import compared_report
from .comparison import compare
from .confusion import confusion
from .curves import curves
from .descent import descent
from .descent_steps import descent_steps
from .dreams import dreams
from .feature_maps import feature_maps
from .filters import filters
from .grad_cam import grad_cam
from .graph import describe, graph
from .hidden_units import hidden_units
from .histograms import histograms
from .landscape import landscape
from .losses import losses
from .network import network
from .network_steps import network_steps
from .next_token import next_token
from .noise import noise
from .norms import norms
from .notebook import notebook
from .occlusion import occlusion
from .perceptron import perceptron, perceptron_updates
from .picture import Picture
from .progress import progress
from .rates import rates
from .regression import predicted_against_true
from .report import report
from .roc import auc, roc
from .saliency import saliency
from .samples import mistakes, samples
from .states import states
from .surprise import surprise
from .walk import walk

HOOKS["approximation"] = approximation
HOOKS["descent"] = descent
HOOKS["noise"] = noise
HOOKS["notebook"] = notebook
HOOKS["rates"] = rates
HOOKS["report"] = report

__all__ = [
    "Animation",
    "Picture",
    "activations",
    "approximation",
    "attention",
    "auc",
    "backpropagation",
    "boundary",
    "codes",
    "compare",
    "compared_report",
    "confusion",
    "curves",
    "descent",
    "descent_steps",
    "describe",
    "dreams",
    "feature_maps",
    "filters",
    "grad_cam",
    "graph",
    "hidden_units",
    "histograms",
    "landscape",
    "losses",
    "mistakes",
    "network",
    "network_steps",
    "next_token",
    "noise",
    "norms",
    "occlusion",
    "perceptron",
    "perceptron_updates",
    "predicted_against_true",
    "progress",
    "rates",
    "report",
    "roc",
    "saliency",
    "samples",
    "states",
    "surprise",
    "units",
    "walk",
]
