"""The purchases of CDNOW's customers from January 1997 to June 1998, as the package `lifetimes` has
them: of a tenth of the customers (the published estimates are of these), and of all."""

from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from app.science.purchases import Purchases, purchases

START = date(1997, 1, 1)
CALIBRATED = (date(1997, 9, 30) - START).days
"""The last day the published estimates know of."""
END = (date(1998, 6, 30) - START).days


@cache
def sample() -> Purchases:
    """2,357 customers."""
    return _read("CDNOW_sample.txt", (0, 2, 4))


@cache
def everybody() -> Purchases:
    """23,570 customers."""
    return _read("CDNOW_master.txt", (0, 1, 3))


def _read(name: str, columns: tuple[int, int, int]) -> Purchases:
    rows = [line.split() for line in _file(name).read_text().splitlines()]
    who, when, spent = zip(
        *([row[place] for place in columns] for row in rows if len(row) > 1 and row[1].isdigit()),
        strict=True,
    )
    days = [(date(int(text[:4]), int(text[4:6]), int(text[6:])) - START).days for text in when]
    return purchases([int(text) for text in who], days, [float(text) for text in spent])


def _file(name: str) -> Path:
    found = find_spec("lifetimes")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "datasets" / name
