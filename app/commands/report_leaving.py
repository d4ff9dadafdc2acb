"""`comeback report migration` and `churn`: who moved between groups and who is leaving."""

import click

from app import clock
from app.commands.ready import ready_store
from app.commands.report_output import label_of, options, show
from app.commands.report_segments import tell_focus
from app.commands.terminal import say
from app.reports.leaving import Churn, Left
from app.reports.left import read_churn
from app.reports.migration import PERIOD, balances, read_moves
from app.reports.months import months_until
from app.science.rfm import Group
from app.segments.health import health
from app.tenancy import store_transaction


@click.command(short_help="Who moved between RFM groups in the last 30 days.")
@options
def migration(name: str, as_csv: bool) -> None:
    """How many came to each RFM group of STORE in the last 30 days and how many left it, each
    person once: from where they stood first to where they stand last. As CSV: every move."""
    with ready_store(name) as (_, store), store_transaction(store.store_id) as session:
        moves = read_moves(session, clock.now())
    if as_csv:
        rows = [(move.was or "", move.became or "", move.people) for move in moves]
        show(("from", "to", "people"), rows, as_csv)
        return
    say(f"In the last {PERIOD.days} days:")
    known = balances(moves, Group)
    show(
        ("group", "came", "left", "net"),
        [(one.group, one.came, one.left, f"{one.net:+}") for one in known],
        as_csv,
    )


@click.command(short_help="Who came to be at risk in the last 30 days, and what is known of why.")
@options
def churn(name: str, as_csv: bool) -> None:
    """Customers of STORE who came to be at risk in the last 30 days: by what is known of why, stage
    before, month of the first purchase and last product; then where most money is at risk."""
    with ready_store(name) as (_, store), store_transaction(store.store_id) as session:
        now = clock.now()
        found = read_churn(session, store, months_until(now, store.timezone), now)
        show(("by", "what", "people", "came back", "silent for longer"), _rows(found), as_csv)
        if not as_csv:
            tell_focus(store, health(session))


def _rows(found: Churn) -> list[tuple[object, ...]]:
    ways: dict[str, tuple[Left, ...]] = {
        "": (found.everybody,),
        "why": found.signs,
        "stage before": found.stages,
        "first bought": found.months,
        "last product": found.products,
    }
    return [
        (way, label_of(one.label, way), one.people, one.back, one.lapsed)
        for way, rows in ways.items()
        for one in rows
    ]
