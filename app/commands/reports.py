"""`comeback report`: what is reported of a store's people, measured now."""

import click

from app import clock
from app.commands.ready import ready_store
from app.commands.report_leaving import churn, migration
from app.commands.report_output import label_of, options, show
from app.commands.report_segments import segments
from app.commands.terminal import say
from app.models import Store
from app.money import major_units
from app.reports.cohorts import AFTER, Group
from app.reports.levers import FEWEST, GOAL, Lever, Year, moved, ratio, worth_minor
from app.reports.people import Cohorts, read_cohorts
from app.reports.years import read_year
from app.stores.settings import read_settings
from app.tenancy import store_transaction

_NO_COST = "LTV:CAC is not known: what a new customer costs can be written on the page Settings."


@click.group(short_help="Who comes back, what they are worth, who leaves.")
def report() -> None:
    """Who comes back, what they are worth, who leaves."""


report.add_command(migration)
report.add_command(churn)
report.add_command(segments)


@report.command(short_help="How many buy again, by the month of their first purchase.")
@options
def cohorts(name: str, as_csv: bool) -> None:
    """Of those who first bought in a month of the last two years: the share that bought in the
    month so many months after it. What is empty is not over yet."""
    _, found, _ = _read(name)
    heads = ("first bought", "people", *(f"month {after}" for after in AFTER))
    rows = [("all", *_again(found.everybody))]
    rows += [(one.label, *_again(one)) for one in found.months]
    show(heads, rows, as_csv)


@report.command(short_help="What customers have spent, by how they began.")
@options
def ltv(name: str, as_csv: bool) -> None:
    """The mean spent by a customer until the end of the month so many months after the first
    purchase, by its month, product, channel and offer. What is empty is not over yet."""
    store, found, year = _read(name)
    groups = {
        "": (found.everybody,),
        "month": found.months,
        "product": found.products,
        "channel": found.channels,
        "offer": found.offers,
    }
    heads = ("by", "first", "people", *(f"{store.currency} until month {n}" for n in AFTER))
    rows = [
        (by, label_of(one.label, by), *_spent(one, store.currency))
        for by, known in groups.items()
        for one in known
    ]
    show(heads, rows, as_csv)
    if not as_csv:
        _tell_levers(store, year)


def _read(name: str) -> tuple[Store, Cohorts, Year]:
    with ready_store(name) as (_, store), store_transaction(store.store_id) as session:
        now = clock.now()
        return store, read_cohorts(session, store, now), read_year(session, store, now)


def _tell_levers(store: Store, year: Year) -> None:
    if not year.is_known:
        say(
            f"Lifetime value needs {FEWEST} buyers of the year before the last, of whom some stayed"
            f" away since; there were {year.before}, and {year.again} came back."
        )
        return
    worth = major_units(round(worth_minor(year)), store.currency)
    kept, basket = f"{year.retention:.1%}", major_units(round(year.basket_minor), store.currency)
    say(f"Lifetime value {worth} {store.currency}: {basket} x {year.frequency:.2f} / (1 - {kept}).")
    for one in moved(year):
        step = "5 points" if one.lever is Lever.RETENTION else "5 %"
        say(f"  {one.lever} up by {step}: {one.change:+.1%}")
    cost = read_settings(store.settings).acquisition_cost_minor
    found = ratio(year, cost)
    told = f"LTV:CAC {found:.1f}, the goal is {GOAL} or more." if found else _NO_COST
    say(told)


def _again(one: Group) -> tuple[object, ...]:
    return one.people, *("" if share is None else f"{share:.1%}" for share in one.again)


def _spent(one: Group, currency: str) -> tuple[object, ...]:
    shown = ("" if x is None else major_units(round(x), currency) for x in one.spent_minor)
    return one.people, *shown
