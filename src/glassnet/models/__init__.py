"""READY NETWORKS: one file each, made of public layers alone."""

from ..nn import Module
from .autoencoder import Autoencoder, autoencoder
from .cnn import cnn
from .generation import generate
from .gpt import GPT, gpt
from .lenet import lenet
from .lstm_classifier import SequenceClassifier, lstm_classifier
from .mlp import mlp
from .resnet import ResidualBlock, resnet
from .vae import VAE, vae

# Classes that a model file may name beside those of nn.
LIBRARY: tuple[type[Module], ...] = (GPT, VAE, Autoencoder, ResidualBlock, SequenceClassifier)

__all__ = [
    "GPT",
    "LIBRARY",
    "VAE",
    "Autoencoder",
    "ResidualBlock",
    "SequenceClassifier",
    "autoencoder",
    "cnn",
    "generate",
    "gpt",
    "lenet",
    "lstm_classifier",
    "mlp",
    "resnet",
    "vae",
]
