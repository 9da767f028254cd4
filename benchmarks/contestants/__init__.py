"""Who takes part: one file a contestant, chosen by what can be imported."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from .base import Contestant


@dataclass(frozen=True)
class Entry:
    """A contestant's name in tables, its class, and the packages it needs."""

    label: str
    where: str
    packages: tuple[str, ...]

    def load(self) -> type[Contestant]:
        """Imports the contestant's library and returns its class."""
        name = self.where.partition(":")[2]
        found: type[Contestant] = getattr(self.module(), name)
        return found

    def module(self) -> Any:
        """Imports the contestant's library and returns its file."""
        return importlib.import_module(f"{__name__}.{self.where.partition(':')[0]}")


CONTESTANTS = {
    "torch_eager": Entry("PyTorch eager", "torch_eager:TorchEager", ("torch",)),
    "torch_compile": Entry("torch.compile", "torch_compile:TorchCompile", ("torch",)),
    "torch_whole": Entry("torch.compile, whole step", "torch_whole:TorchWhole", ("torch",)),
    "jax_step": Entry("JAX jit per step", "jax_step:JaxStep", ("jax", "jaxlib")),
    "jax_scan": Entry("JAX scan over steps", "jax_scan:JaxScan", ("jax", "jaxlib")),
    "sklearn": Entry("scikit-learn MLP", "sklearn_mlp:SklearnMLP", ("scikit-learn",)),
    "numpy": Entry("NumPy by hand", "numpy_hand:NumpyHand", ("numpy",)),
    "glassnet_numpy": Entry("glassnet, numpy engine", "glassnet_eager:GlassnetEager", ("numpy",)),
    "glassnet_step": Entry(
        "glassnet, compiled step", "glassnet_step:GlassnetStep", ("numpy", "llvmlite")
    ),
    "glassnet_loop": Entry(
        "glassnet, compiled loop", "glassnet_loop:GlassnetLoop", ("numpy", "llvmlite")
    ),
}
NETWORKS = {
    "torch_network": Entry("PyTorch eager", "torch_network:TorchNetwork", ("torch",)),
    "torch_network_compile": Entry(
        "torch.compile", "torch_network:TorchNetworkCompile", ("torch",)
    ),
    "jax_network": Entry("JAX jit per step", "jax_network:JaxNetwork", ("jax", "jaxlib")),
    "glassnet_network": Entry(
        "glassnet, compiled loop", "glassnet_network:GlassnetNetwork", ("numpy", "llvmlite")
    ),
}
TRAINED = CONTESTANTS | NETWORKS  # who trains step by step
OURS = tuple(name for name in TRAINED if name.startswith("glassnet_"))
PEERS = tuple(name for name in TRAINED if name not in OURS)

KERNELS = {
    "matmul_numpy": Entry("NumPy (BLAS)", "matmul_numpy:MatmulNumpy", ("numpy",)),
    "matmul_native": Entry("glassnet native", "matmul_native:MatmulNative", ("numpy", "llvmlite")),
}
FITS = {
    "sklearn_fit": Entry("scikit-learn MLPClassifier", "sklearn_fit:SklearnFit", ("scikit-learn",)),
    "glassnet_fit_numpy": Entry("glassnet fit, numpy", "glassnet_fit:FitNumpy", ("numpy",)),
    "glassnet_fit": Entry("glassnet fit, native", "glassnet_fit:FitNative", ("numpy", "llvmlite")),
}
RECIPED = {
    "torch_recipe": Entry("PyTorch eager", "torch_recipe:", ("torch",)),
    "glassnet_recipe": Entry("glassnet fit, native", "glassnet_recipe:", ("numpy", "llvmlite")),
}
ENTRIES = TRAINED | KERNELS | FITS
