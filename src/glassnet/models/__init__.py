"""READY NETWORKS: one file each, made of public layers alone."""

from ..nn import Module
from .cnn import cnn
from .generation import generate
from .gpt import GPT, gpt
from .lenet import lenet
from .lstm_classifier import SequenceClassifier, lstm_classifier
from .resnet import ResidualBlock, resnet

# Classes that a model file may name beside those of nn.
LIBRARY: tuple[type[Module], ...] = (GPT, ResidualBlock, SequenceClassifier)

__all__ = [
    "GPT",
    "LIBRARY",
    "ResidualBlock",
    "SequenceClassifier",
    "cnn",
    "generate",
    "gpt",
    "lenet",
    "lstm_classifier",
    "resnet",
]
