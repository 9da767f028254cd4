"""The sections of a report, one file each: what makes one of a run is listed in `SECTIONS`.

A section is a function from a run to pieces of HTML: one, several, or none where it has nothing to
say about such a run. Whoever adds one writes a file and a line here.
"""

from collections.abc import Callable

from ...train import Run
from .flow import flow
from .head import head, headline
from .inside import inside
from .looks import looked
from .network import network
from .results import results
from .settings import settings
from .training import training

Section = Callable[[Run], list[str]]
SECTIONS: tuple[Section, ...] = (training, results, looked, inside, flow, network, settings)

__all__ = ["SECTIONS", "Section", "head", "headline"]
