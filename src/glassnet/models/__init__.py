"""READY NETWORKS: one file each, made of public layers alone."""

from ..nn import Module
from .generation import generate
from .gpt import GPT, gpt

# Classes that a model file may name beside those of nn.
LIBRARY: tuple[type[Module], ...] = (GPT,)

__all__ = ["GPT", "LIBRARY", "generate", "gpt"]
