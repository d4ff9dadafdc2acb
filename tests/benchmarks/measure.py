"""Rounds and medians. A figure is the median of its rounds; a ratio is made of two of one run."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from app.launch import ROOT

LARGE = 1_000_000


@dataclass(frozen=True)
class Sizes:
    """How much of everything one round takes; `apply` is for each store."""

    rounds: int = 5
    intake: int = 2_000
    connections: int = 32
    apply: int = 1_000
    stores: tuple[int, ...] = (1, 2, 4, 8)
    a_second: int = 200
    seconds: int = 10
    steps: int = 4_000
    sends: int = 60
    people: tuple[int, ...] = (10_000, 100_000)
    fleet: int = 10_000

    def rounds_at(self, people: int) -> int:
        """How many of its rounds a store of so many people plays: a large one is long enough in
        one, after one for warming up."""
        return min(self.rounds, 1) if people >= LARGE else self.rounds


TINY = Sizes(
    rounds=1,
    intake=200,
    apply=40,
    stores=(1, 2),
    a_second=40,
    seconds=1,
    steps=60,
    sends=6,
    people=(200,),
    fleet=20,
)


def sized(sizes: Sizes, words: Sequence[str]) -> Sizes:
    """`sizes` with what the words say: `people=10000,100000`."""
    told: dict[str, Any] = {}
    for name, _, value in (word.partition("=") for word in words):
        numbers = tuple(int(part) for part in value.split(","))
        told[name] = numbers if isinstance(getattr(sizes, name), tuple) else numbers[0]
    return replace(sizes, **told)


@dataclass
class Figure:
    """One measured thing and all its rounds."""

    what: str
    unit: str
    rounds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.rounds)

    @property
    def spread(self) -> str:
        return f"{min(self.rounds):,.0f} to {max(self.rounds):,.0f}"


def run_module(name: str, wish: dict[str, Any]) -> dict[str, Any]:
    """Run a module of this package as a process of its own; its answer."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", json.dumps(wish)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def machine() -> str:
    """The machine in a line."""
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {sys.platform}"
