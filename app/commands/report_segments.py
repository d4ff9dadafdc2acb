"""`comeback report segments`: how the segments of a store do, and what to look after next month."""

from collections.abc import Iterable

import click

from app.commands.ready import ready_store
from app.commands.report_output import options, show
from app.commands.segment_rows import HEADS, row_of
from app.commands.terminal import say
from app.models import Store
from app.money import major_units
from app.reports.focus import Stake, focus, stakes
from app.segments.health import Health, health
from app.tenancy import store_transaction


@click.command(short_help="How segments do, and next month's focus.")
@options
def segments(name: str, as_csv: bool) -> None:
    """Every segment of STORE by its last count: its size, whether it grows, what its people have
    spent, how likely they are to leave and what to do; then where most money is at risk."""
    with ready_store(name) as (_, store), store_transaction(store.store_id) as session:
        found = health(session)
        show(HEADS, [row_of(store, each) for each in found], as_csv)
        if not as_csv:
            tell_focus(store, found)


def tell_focus(store: Store, found: Iterable[Health]) -> None:
    for number, stake in enumerate(focus(stakes(found)), 1):
        say(f"Priority {number}: {_told(stake, store)}")


def _told(stake: Stake, store: Store) -> str:
    money = f"{major_units(stake.minor, store.currency)} {store.currency}"
    return f"{stake.slug}, {stake.at_risk} people at risk who stand for {money}."
