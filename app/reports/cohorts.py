"""How many buy again and what they spend, by the month in which they first bought. Pure.

A month that is not over is not known yet: it is never counted as one in which nobody came.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

AFTER = (1, 2, 3, 6, 12)
"""Months after the one of the first purchase that are told."""


class Cell(NamedTuple):
    """People of one `label` who first bought in month `cohort`: how many of them bought in the
    month that came `after` it, and for how much. After 0 months that is everybody."""

    label: str | None
    cohort: int
    after: int
    buyers: int
    spent_minor: int


@dataclass(frozen=True, slots=True)
class Group:
    """`again`: the share that bought in each month of AFTER, and `spent_minor`: the mean spent by
    one of them until its end, both of those whose month is over; None while it is so of nobody."""

    label: str | None
    people: int
    again: tuple[float | None, ...]
    spent_minor: tuple[float | None, ...]


def groups(cells: Iterable[Cell], current: int) -> tuple[Group, ...]:
    """One for each label, the largest first. `current` is the month that runs."""
    by_label: dict[str | None, list[Cell]] = {}
    for cell in cells:
        by_label.setdefault(cell.label, []).append(cell)
    found = (group(label, own, current) for label, own in by_label.items())
    return tuple(sorted(found, key=lambda one: (-one.people, one.label or "")))


def group(label: str | None, cells: Sequence[Cell], current: int) -> Group:
    """All of these people as one."""
    return Group(
        label,
        _people(cells),
        tuple(_again(cells, after, current) for after in AFTER),
        tuple(_spent(cells, after, current) for after in AFTER),
    )


def _again(cells: Sequence[Cell], after: int, current: int) -> float | None:
    known = _known(cells, after, current)
    came = sum(cell.buyers for cell in known if cell.after == after)
    return came / _people(known) if known else None


def _spent(cells: Sequence[Cell], after: int, current: int) -> float | None:
    known = _known(cells, after, current)
    spent = sum(cell.spent_minor for cell in known if cell.after <= after)
    return spent / _people(known) if known else None


def _known(cells: Sequence[Cell], after: int, current: int) -> list[Cell]:
    return [cell for cell in cells if cell.cohort + after < current]


def _people(cells: Sequence[Cell]) -> int:
    return sum(cell.buyers for cell in cells if cell.after == 0)
