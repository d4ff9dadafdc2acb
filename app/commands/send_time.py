"""`comeback science send-time`: whether the best hour brings more answers than a random one."""

import click

from app import clock
from app.commands.ready import ready_store
from app.commands.terminal import say, show_table
from app.messages import count_by_hour
from app.reasons import Reason
from app.science.rates import people_needed, rate_difference
from app.tenancy import store_transaction

_LEAST = 30
"""Answers at random hours below which no interval is shown."""
_GAIN, _AT_RANDOM = 0.2, 0.1
_Count = tuple[int, int]


@click.command(short_help="The best hour of a message beside a random one.")
@click.option("--store", "name", required=True, metavar="STORE")
@click.option("--days", type=click.IntRange(7, 730), default=180, show_default=True)
def send_time(name: str, days: int) -> None:
    """Of the messages that STORE has sent after a wait for the best time, how many were answered by
    a click or an order, at the hour chosen for the person and at a random one."""
    with ready_store(name) as (_, shop), store_transaction(shop.store_id) as session:
        found = count_by_hour(session, clock.now(), days)
    best = found.get(Reason.BEST_HOUR, (0, 0))
    random = found.get(Reason.RANDOM_HOUR, (0, 0))
    show_table(
        ("hour", "messages", "answered", "rate"), [_row("best", best), _row("random", random)]
    )
    say(_difference(best, random) if random[0] >= _LEAST and best[1] else _too_few(best, random))


def _row(name: str, count: _Count) -> tuple[str, ...]:
    answered, sent = count
    return name, str(sent), str(answered), f"{answered / sent:.1%}" if sent else "-"


def _difference(best: _Count, random: _Count) -> str:
    found = rate_difference(best, random)
    clear = "a clear difference" if found.is_clear else "which may be chance"
    return (
        f"The best hour is answered {100 * found.difference:+.2f} points more often, between"
        f" {100 * found.low:+.2f} and {100 * found.high:+.2f} in 95 of 100 cases: {clear}."
    )


def _too_few(best: _Count, random: _Count) -> str:
    """How many random hours show a gain of a fifth, where it can be said at all."""
    answered, sent = best[0] + random[0], best[1] + random[1]
    told = f"Not enough data: {random[0]} answers at a random hour, at least {_LEAST} are needed"
    if not 0 < answered * (1 + _GAIN) < sent:
        return f"{told}."
    needed = people_needed(answered / sent, _GAIN, _AT_RANDOM)
    return f"{told}; a gain of a fifth shows with about {needed:,} messages at a random hour."
