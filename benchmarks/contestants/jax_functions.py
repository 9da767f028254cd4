"""The networks in JAX, as functions of (parameters by name, inputs), channels last.

Each returns the logits and the running statistics that it moved on.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Array = np.ndarray[Any, Any]
Parameters = dict[str, Any]
Outcome = tuple[Any, Parameters]
EPSILON = 1e-5


def converted(arrays: dict[str, Array]) -> Parameters:
    """Linear weights as (in, out), convolutions as (height, width, in, out)."""
    found = {}
    for name, a in arrays.items():
        turned = name.endswith("weight") or ".weight_" in name
        if a.ndim == 4:
            a = a.transpose(1, 2, 3, 0)
        elif a.ndim == 2 and turned and not name.startswith(("tokens", "positions")):
            a = a.T
        found[name] = jnp.array(a)
    return found


def _conv(p: Parameters, name: str, x: Any, stride: int = 1, pad: int = 0) -> Any:
    numbers = ("NHWC", "HWIO", "NHWC")
    pads = [(pad, pad)] * 2
    weight = p[f"{name}.weight"]
    out = jax.lax.conv_general_dilated(x, weight, (stride,) * 2, pads, dimension_numbers=numbers)
    return out + p[f"{name}.bias"] if f"{name}.bias" in p else out


def _linear(p: Parameters, name: str, x: Any) -> Any:
    return x @ p[f"{name}.weight"] + p[f"{name}.bias"]


def _pool(x: Any) -> Any:
    window = (1, 2, 2, 1)
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")


def _rows(x: Any) -> Any:
    return x.reshape(len(x), -1)


def lenet(p: Parameters, x: Any) -> Outcome:
    x = _pool(jax.nn.relu(_conv(p, "0", x, pad=2)))
    x = _rows(_pool(jax.nn.relu(_conv(p, "3", x))))
    x = jax.nn.relu(_linear(p, "9", jax.nn.relu(_linear(p, "7", x))))
    return _linear(p, "11", x), {}


def cnn(p: Parameters, x: Any) -> Outcome:
    x = jax.nn.relu(_conv(p, "2", jax.nn.relu(_conv(p, "0", x))))
    return _linear(p, "8", jax.nn.relu(_linear(p, "6", _rows(_pool(x))))), {}


def _norm(p: Parameters, moved: Parameters, name: str, x: Any) -> Any:
    mean, var = x.mean((0, 1, 2)), x.var((0, 1, 2))
    count = x.size // x.shape[-1]
    for kind, value in (("mean", mean), ("var", var * count / (count - 1))):
        key = f"{name}.running_{kind}"
        moved[key] = 0.9 * p[key] + 0.1 * jax.lax.stop_gradient(value)
    scale = p[f"{name}.weight"] * jax.lax.rsqrt(var + EPSILON)
    return (x - mean) * scale + p[f"{name}.bias"]


def resnet(p: Parameters, x: Any) -> Outcome:
    moved: Parameters = {}
    x = jax.nn.relu(_norm(p, moved, "1", _conv(p, "0", x, pad=1)))
    for layer, stride in (("3", 1), ("4", 2), ("5", 2)):
        body = _norm(p, moved, f"{layer}.body.1", _conv(p, f"{layer}.body.0", x, stride, 1))
        body = _conv(p, f"{layer}.body.3", jax.nn.relu(body), pad=1)
        body = _norm(p, moved, f"{layer}.body.4", body)
        if stride > 1:
            x = _conv(p, f"{layer}.shortcut.0", x, stride)
            x = _norm(p, moved, f"{layer}.shortcut.1", x)
        x = jax.nn.relu(body + x)
    return _linear(p, "7", x.mean((1, 2))), moved


def lstm(p: Parameters, x: Any) -> Outcome:
    """The inputs' part of all gates in one product before the loop."""
    bias = p["body.bias_ih_l0"] + p["body.bias_hh_l0"]
    given = jnp.swapaxes(x @ p["body.weight_ih_l0"] + bias, 0, 1)

    def step(state: Any, own: Any) -> Any:
        h, c = state
        i, f, g, o = jnp.split(own + h @ p["body.weight_hh_l0"], 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    start = jnp.zeros((len(x), 128), x.dtype)
    (h, _), _ = jax.lax.scan(step, (start, start), given)
    return _linear(p, "head", h), {}


def _layer_norm(p: Parameters, name: str, x: Any) -> Any:
    centred = x - x.mean(-1, keepdims=True)
    scale = jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
    return centred * scale * p[f"{name}.weight"] + p[f"{name}.bias"]


def _attention(p: Parameters, name: str, x: Any, heads: int = 4) -> Any:
    b, t, width = x.shape
    q, k, v = (
        _linear(p, f"{name}.{part}_proj", x).reshape(b, t, heads, width // heads) for part in "qkv"
    )
    seen = jax.nn.dot_product_attention(q, k, v, is_causal=True)
    return _linear(p, f"{name}.out_proj", seen.reshape(b, t, width))


def gpt(p: Parameters, tokens: Any) -> Outcome:
    x = p["tokens.weight"][tokens] + p["positions.weight"]
    for layer in range(4):
        name = f"blocks.{layer}"
        x = x + _attention(p, f"{name}.self_attn", _layer_norm(p, f"{name}.norm1", x))
        inner = _linear(p, f"{name}.linear1", _layer_norm(p, f"{name}.norm2", x))
        x = x + _linear(p, f"{name}.linear2", jax.nn.gelu(inner, approximate=False))
    return _layer_norm(p, "norm", x) @ p["tokens.weight"].T, {}


FUNCTIONS = {"lenet": lenet, "cnn": cnn, "resnet": resnet, "lstm": lstm, "gpt": gpt}
