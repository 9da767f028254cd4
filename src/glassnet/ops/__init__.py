"""THE ONLY PLACE AN OPERATION IS DEFINED: `operation.py` is the contract, then a file per family.

An operation's name, symbol, formula, shape rule, forward, backward and samples stand together in
one class. Functions made of operations (mean, stack, …) need no backward of their own.
"""

from ..tensor import OPERATIONS
from .activation import elu, gelu, leaky_relu, relu, sigmoid, silu, softplus
from .arithmetic import (
    abs,
    add,
    divide,
    floor,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    sign,
    sqrt,
    subtract,
)
from .attention import attention, attention_logsumexp, attention_weights
from .comparison import (
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    where,
)
from .contraction import contract, linear, matmul
from .conv import conv1d, conv2d, conv_transpose1d, conv_transpose2d
from .convolution import convolve, convolve_transposed, convolve_weight
from .dropout import dropout
from .exponential import cos, erf, exp, expm1, log, log1p, sin, tanh
from .indexing import gather, index, one_hot, scatter_add
from .move import (
    broadcast_to,
    cast,
    concat,
    expand_dims,
    flip,
    pad,
    reshape,
    slice_,
    squeeze,
    stack,
    transpose,
)
from .normalisation import rms_norm, standardise
from .operation import Elementwise, Operation, Sample, needs_gradient, onto, sample
from .pool import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from .pooling import max_pool, max_pool_place, pick, sum_pool, sum_unpool, unpool
from .position import angles, rotary, sinusoidal_positions
from .random import normal, uniform
from .reduction import argmax, logsumexp, max, mean, min, sum, var
from .softmax import log_softmax, softmax, softmax_cross_entropy
from .upsampling import upsample

__all__ = [
    "OPERATIONS",
    "Elementwise",
    "Operation",
    "Sample",
    "abs",
    "add",
    "angles",
    "argmax",
    "attention",
    "attention_logsumexp",
    "attention_weights",
    "avg_pool1d",
    "avg_pool2d",
    "broadcast_to",
    "cast",
    "concat",
    "contract",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "convolve",
    "convolve_transposed",
    "convolve_weight",
    "cos",
    "divide",
    "dropout",
    "elu",
    "equal",
    "erf",
    "exp",
    "expand_dims",
    "expm1",
    "flip",
    "floor",
    "gather",
    "gelu",
    "greater",
    "greater_equal",
    "index",
    "leaky_relu",
    "less",
    "less_equal",
    "linear",
    "log",
    "log1p",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "logsumexp",
    "matmul",
    "max",
    "max_pool",
    "max_pool1d",
    "max_pool2d",
    "max_pool_place",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "needs_gradient",
    "negative",
    "normal",
    "one_hot",
    "onto",
    "pad",
    "pick",
    "power",
    "relu",
    "reshape",
    "rms_norm",
    "rotary",
    "sample",
    "scatter_add",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinusoidal_positions",
    "slice_",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sqrt",
    "squeeze",
    "stack",
    "standardise",
    "subtract",
    "sum",
    "sum_pool",
    "sum_unpool",
    "tanh",
    "transpose",
    "uniform",
    "unpool",
    "upsample",
    "var",
    "where",
]
