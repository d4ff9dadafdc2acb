"""`comeback science send-time`: whether the best hour brings more answers than a random one."""

import click

from app import clock
from app.commands.ready import ready_store
from app.commands.terminal import say, show_table
from app.experiments.hours import LEAST, Answers, HoursFound
from app.reports.hours import DAYS, read_hours
from app.science.intervals import Interval
from app.tenancy import store_transaction


@click.command(short_help="The best hour of a message beside a random one.")
@click.option("--store", "name", required=True, metavar="STORE")
@click.option("--days", type=click.IntRange(7, 730), default=DAYS, show_default=True)
def send_time(name: str, days: int) -> None:
    """Of the messages that STORE has sent after a wait for the best time, how many were answered by
    a click or an order, at the hour chosen for the person and at a random one."""
    with ready_store(name) as (_, shop), store_transaction(shop.store_id) as session:
        found = read_hours(session, clock.now(), days)
    rows = [_row("best", found.best), _row("random", found.random)]
    show_table(("hour", "messages", "answered", "rate"), rows)
    say(_difference(found.gain) if found.gain else _too_few(found))


def _row(name: str, one: Answers) -> tuple[str, ...]:
    return name, str(one.sent), str(one.answered), "-" if one.rate is None else f"{one.rate:.1%}"


def _difference(gain: Interval) -> str:
    clear = "a clear difference" if gain.is_clear else "which may be chance"
    return (
        f"The best hour is answered {100 * gain.difference:+.2f} points more often, between"
        f" {100 * gain.low:+.2f} and {100 * gain.high:+.2f} in 95 of 100 cases: {clear}."
    )


def _too_few(found: HoursFound) -> str:
    """How many random hours show a gain of a fifth, where it can be said at all."""
    there = found.random.answered
    told = f"Not enough data: {there} answers at a random hour, at least {LEAST} are needed"
    if found.needed is None:
        return f"{told}."
    return f"{told}; a gain of a fifth shows with about {found.needed:,} messages at a random hour."
