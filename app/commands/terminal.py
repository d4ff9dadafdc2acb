"""How commands speak: one plain sentence, one table, one question at a time.

What shops and shoppers wrote is printed as text and never as markup or as terminal codes.
"""

import sys
import warnings
from collections.abc import Iterable, Sequence
from getpass import GetPassWarning

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

_PIPED_WIDTH = 200
"""Columns for a program that reads us: wide enough that no cell is broken over two lines."""

_BLANKS = "\n\u00a0\u202f"
"""What a price is written with is no danger, though Python does not call it printable."""

console = Console(highlight=False)


def plain(text: str) -> str:
    """`text` without the characters that move a cursor or change a colour."""
    return "".join(char if char.isprintable() or char in _BLANKS else "\ufffd" for char in text)


def counted(count: int, thing: str) -> str:
    """1 order, 2 orders."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def say(sentence: str) -> None:
    """One line on standard output, never folded: the reader may be a program."""
    click.echo(plain(sentence))


def warn(sentence: str) -> None:
    """One line that somebody should look at, on standard error."""
    click.secho(plain(sentence), fg="yellow", err=True)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """The rows under their column names."""
    table = Table(*columns, box=SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(Text(plain(str(cell))) for cell in row))
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(highlight=False, width=width).print(table)


def bars() -> Progress:
    """Progress bars that count what is done of what there is."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console()
    )


def ask(question: str, *, hidden: bool = False) -> str:
    """What is typed as the answer. Raises when nobody is there to answer, as in a script."""
    try:
        with warnings.catch_warnings():
            # In a script there is no terminal whose echo could be switched off.
            warnings.simplefilter("ignore", GetPassWarning)
            answer: str = click.prompt(question, hide_input=hidden)
    except click.Abort:
        raise click.ClickException(
            f"{question}: nobody answered, so nothing was changed. --help names the options that"
            " give the answers beforehand."
        ) from None
    return answer


def require_yes(question: str, yes: bool) -> None:
    """Ask, unless `--yes` was given; anything but a yes ends the command with exit code 1."""
    try:
        agreed = yes or click.confirm(plain(question))
    except click.Abort:
        # Nobody is there to answer, as in a script. The answer must not stand on our line.
        click.echo()
        agreed = False
    if not agreed:
        raise click.ClickException("Nothing was changed. To agree beforehand, add --yes.")
