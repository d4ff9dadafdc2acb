"""`comeback import`: order history from CSV files, shown before it is read, reported row by row.

Exit code 0: all of it is in; 3: all but the rows in the report; 1: nothing was imported.
"""

import csv
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import astuple, fields
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app import clock
from app.commands.ready import ready_store
from app.commands.terminal import counted, require_yes, say, show_table, warn
from app.config import Config
from app.errors import InvalidInput
from app.inbox.imports import Import, Outcome, Watch
from app.models import Store
from app.platforms import ShopFacts
from app.platforms.csvfile import (
    NOTHING_SAID,
    Mapping,
    Problem,
    Source,
    inspect,
    read_mapping,
)

PARTLY = 3
_FORMULA = ("=", "+", "-", "@")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import", short_help="Read order history from CSV files.")
@click.option("--store", "name", required=True, help="A part of the shop's domain, or its id.")
@click.option("--mapping", type=_FILE, help="A YAML file that names columns; see docs/import.md.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Gets the rows that could not be taken. Default: beside the first file.",
)
@click.option("--look", is_flag=True, help="Only show how the files would be read.")
@click.option("--yes", is_flag=True, help="Import without asking.")
@click.argument("files", nargs=-1, required=True, type=_FILE)
def import_orders(
    name: str,
    mapping: Path | None,
    report: Path | None,
    look: bool,
    yes: bool,
    **given: tuple[Path, ...],
) -> None:
    """Import order history from FILES: Shopify's or WooCommerce's exports, or any CSV.

    Give all parts of one export together. Importing a file again changes nothing.
    """
    paths = given["files"]
    said = read_mapping(_text_of(mapping)) if mapping else NOTHING_SAID
    problems = report or _report_beside(paths[0])
    _require_folder(problems)
    with ready_store(name) as (config, shop):
        sources = look_at(shop, paths, said)
        for source in sources:
            show(source)
        if look:
            return
        require_yes(f"Import into {shop.domain}?", yes)
        outcome = run(config, shop, sources, problems)
    if outcome.problems:
        raise SystemExit(PARTLY if outcome.orders else 1)


def _text_of(mapping: Path) -> str:
    try:
        return mapping.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("--mapping", f"{mapping} is not text in UTF-8") from error


def _require_folder(report: Path) -> None:
    """Refuse a report that could not be written before the first row is read."""
    folder = report.absolute().parent
    if not os.access(folder, os.W_OK):
        raise InvalidInput("--report", f"nothing can be written into the folder {folder}")


def look_at(shop: Store, paths: Sequence[Path], mapping: Mapping) -> list[Source]:
    """How each file would be read. Raises InvalidInput for the first that cannot be."""
    facts = ShopFacts(currency=shop.currency, timezone=shop.timezone, domain=shop.domain)
    return [inspect(path, facts, clock.now(), mapping) for path in dict.fromkeys(paths)]


def show(source: Source) -> None:
    """The columns of a file as they are understood."""
    layout = source.layout
    say(f"{source.sheet.path} is read as {layout.format.title} ({source.sheet.encoding}).")
    show_table(["what", "column", "first row"], source.columns())
    say(f"Without a zone, times are {layout.timezone}; without a currency, {layout.currency}.")
    if "status" not in layout.columns:
        warn("No column says what became of an order: each counts as paid.")
    if "order_id" not in layout.columns:
        warn("No column holds the shop's own id of an order: its number is taken instead.")
    if layout.unused:
        say(f"Not read: {', '.join(layout.unused)}.")


def run(config: Config, shop: Store, sources: Sequence[Source], report: Path) -> Outcome:
    """Import, with bars on the way and a sentence at the end; problems go into `report`."""
    with ExitStack() as stack:
        bars = stack.enter_context(_bars())
        write = stack.enter_context(_Report(report))
        read, applied = bars.add_task("reading", total=None), bars.add_task("applying", total=None)
        watch = Watch(
            problem=write,
            reading=lambda done, total: bars.update(read, completed=done, total=total),
            applying=lambda done, total: bars.update(applied, completed=done, total=total),
        )
        outcome = Import(shop.store_id, sources, config.keys, watch).run()
    say(
        f"{counted(outcome.rows, 'row')}, {counted(outcome.orders, 'order')}: {outcome.new} new,"
        f" {outcome.changed} changed, {outcome.unchanged} known already."
    )
    if outcome.problems:
        found = counted(outcome.problems, "problem")
        warn(f"{report} names {found}: put right what it says and import again.")
    return outcome


class _Report:
    """The report file. It is made with the first problem; one of an earlier run is removed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._write: Callable[[Sequence[object]], object] | None = None

    def __enter__(self) -> "_Report":
        self._path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __call__(self, problem: Problem) -> None:
        if self._write is None:
            try:
                file = self._path.open("w", encoding="utf-8-sig", newline="")
            except OSError as error:
                raise InvalidInput("--report", f"cannot be written: {error.strerror}") from error
            self._write = csv.writer(self._stack.enter_context(file)).writerow
            self._write([field.name for field in fields(Problem)])
        self._write([_harmless(value) for value in astuple(problem)])


def _harmless(value: object) -> object:
    """A spreadsheet must not run what somebody wrote into a cell."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _report_beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}-problems.csv")


def _bars() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console())
