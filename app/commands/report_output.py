"""How reports are asked for and told: as tables on a screen, as CSV for a spreadsheet."""

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from app.commands.terminal import plain, show_table
from app.reports.firsts import NOTHING, OTHER_CODE

_FORMULAS = ("=", "+", "-", "@")
"""What a spreadsheet would work out instead of showing (OWASP, CSV injection)."""
_LABELS = {None: "all others", NOTHING: "not known", OTHER_CODE: "another code"}


def options(command: Callable[..., None]) -> Callable[..., None]:
    """What all reports are asked by."""
    command = click.option("--csv", "as_csv", is_flag=True, help="For a spreadsheet.")(command)
    return click.option("--store", "name", required=True, metavar="STORE")(command)


def show(heads: Sequence[str], rows: Iterable[Sequence[Any]], as_csv: bool) -> None:
    """On a screen, or as CSV on standard output."""
    if not as_csv:
        show_table(heads, rows)
        return
    write = csv.writer(sys.stdout).writerow
    write(heads)
    for row in rows:
        write([_safe(cell) for cell in row])


def label_of(label: str | None, by: str) -> str:
    """What the people of one line have in common; all of them where they are told apart by
    nothing."""
    return _LABELS.get(label) or str(label) if by else "all"


def _safe(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    shown = plain(cell)
    return f"'{shown}" if shown.startswith(_FORMULAS) else shown
