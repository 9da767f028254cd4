"""All passes in order: from an array program to the LLVM module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..program import Program
from .fuse import Fused, fuse
from .loop import lower, ready
from .module import Module, write_module
from .plan import Plan, plan
from .schedule import Schedule, schedule
from .target import Target


@dataclass(frozen=True, slots=True)
class Passes:
    """What each pass has made of a program."""

    program: Program  # in canonical shape
    fused: Fused
    plan: Plan
    schedule: Schedule
    module: Module

    @staticmethod
    def over(source: Program, updates: Mapping[int, int], threads: int, target: Target) -> Passes:
        """Runs them; output `updates[i]` is written over input i."""
        program = ready(source, target, threads)
        changes = {program.inputs[i]: program.outputs[o] for i, o in updates.items()}
        fused = fuse(program, changes)
        lower(fused, threads, target)
        places = plan(fused, changes)
        tasks = schedule(fused, places, threads, target)
        return Passes(program, fused, places, tasks, write_module(fused, places, tasks, target))
