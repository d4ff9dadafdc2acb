"""`comeback science report`: which way to say who buys again serves a store best, and how good it
is, by the store's own history; then what is kept of the last time this was learnt."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

from app import clock
from app.commands.lift import lift
from app.commands.ready import ready_store
from app.commands.send_time import send_time
from app.commands.terminal import counted, say, show_table
from app.commands.variants import variants
from app.customers.bought import FIRST_DAY
from app.customers.forecasting import DAYS, ground_of, study_of
from app.customers.predictions import CLUSTERS
from app.errors import InvalidInput
from app.models import Forecast, Store
from app.science import gates
from app.science.contest import Contest
from app.science.forecaster import Contender
from app.science.gates import Gate
from app.science.judging import Bin, Judgement
from app.science.study import Problem, Study, study
from app.tenancy import store_transaction

_NAMES = {
    Contender.RECENCY: "recency",
    Contender.RFM: "RFM sum",
    Contender.MODEL: "MBG/NBD",
    Contender.BLEND: "blend",
    Contender.SEASONAL: "blend, same season a year before",
}
_GATES = {
    Gate.BUYERS: f"{gates.BUYERS} customers who have bought",
    Gate.HISTORY: f"{gates.DAYS} days since the first order",
    Gate.RECENT: f"an order in the last {gates.SILENT_DAYS} days",
    Gate.REPEATERS: f"somebody who has bought on {gates.OFTEN} days",
}


@click.group(short_help="What is estimated about customers, and how well.")
def science() -> None:
    """What is estimated about customers, and how well."""


science.add_command(lift)
science.add_command(send_time)
science.add_command(variants)


@science.command(short_help="The contest of forecasts on a store's own history.")
@click.option("--store", "name", required=True, metavar="STORE")
@click.option("--until", metavar="DAY", help="As if this day had just ended. Default: today.")
@click.option("--days", type=click.IntRange(7, 365), default=DAYS, show_default=True)
def report(name: str, until: str | None, days: int) -> None:
    """Hold back the last days of STORE's history, let every way to say who buys again learn from
    what was before, and judge each by what came. Then what is kept of the last time."""
    day = None if until is None else _day(until)
    with ready_store(name) as (_, shop):
        with store_transaction(shop.store_id) as session:
            ground = ground_of(session, shop, _moment(shop, day), days)
            kept = session.get(Forecast, shop.store_id)
        _tell(study(ground), days)
        _tell_kept(kept)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("--until", "give a day such as 2026-03-31") from error


def _moment(shop: Store, day: date | None) -> datetime:
    """The end of that day by the shop's own clock."""
    now, zone = clock.now(), ZoneInfo(shop.timezone)
    if day is None:
        return now
    if day > now.astimezone(zone).date():
        raise InvalidInput("--until", f"{day} is yet to come")
    return datetime.combine(day + timedelta(days=1), time(), zone) - timedelta(microseconds=1)


def _tell(found: Study, days: int) -> None:
    say(f"{counted(found.buyers, 'customer')} have bought.")
    for gate in found.missing:
        use = "the plain model stands beside the rules" if found.small else "plain rules are used"
        say(f"A model needs {_GATES[gate]}: until then {use}.")
    if found.contest is None:
        say(f"No contest could be held: {_problem(found, days)}.")
        return
    contest = found.contest
    began = FIRST_DAY + timedelta(days=contest.cut)
    say(f"Who buys within {contest.days} days, learnt until {began} and judged by the days since:")
    show_table(("way", "AUC", "Brier", "skill", "lift", "told", "bought"), _rows(contest))
    say(
        f"Used: {_NAMES[contest.winner]}, judged on {contest.judged[contest.winner].people} people."
    )
    say("Calibration of it, by tenths of what was told:")
    show_table(("people", "told", "bought"), _bins(contest.judged[contest.winner].bins))
    if contest.year_ago:
        say("The same days a year before:")
        show_table(
            ("way", "AUC", "Brier", "skill", "lift", "told", "bought"),
            [_row(contest.winner, contest.year_ago)],
        )


def _problem(found: Study, days: int) -> str:
    if found.problem is Problem.YOUNG:
        return f"there is no history of {3 * days} days"
    return f"in {days} days of its history nobody bought, or everybody"


def _tell_kept(kept: Forecast | None) -> None:
    """What pages, flows and segments go by."""
    found = study_of(kept)
    if kept is None or found is None:
        say("Nothing is kept yet: it is learnt after the first walk through everybody.")
        return
    way = found.learnt.way
    say(f"Kept since {kept.learnt_at:%Y-%m-%d %H:%M} UTC: {_NAMES[way.name] if way else 'no way'}.")
    if kept.told_at:
        say(f"Everybody was told by it on {kept.told_at:%Y-%m-%d %H:%M} UTC.")
    if clusters := found.learnt.clusters:
        say(f"Clusters, with a stability of {clusters.stability:.2f}:")
        traits = dict(zip(clusters.numbers, clusters.traits, strict=True))
        show_table(
            ("cluster", "people", "sets apart"),
            [
                (CLUSTERS[number - 1], str(people), ", ".join(traits[number]))
                for number, people in found.sizes.items()
            ],
        )


def _rows(contest: Contest) -> Iterable[tuple[str, ...]]:
    return [_row(name, judged) for name, judged in contest.judged.items()]


def _row(name: Contender, judged: Judgement) -> tuple[str, ...]:
    """`told`: the mean of what it told; `bought`: the share that did."""
    told = sum(one.people * one.told for one in judged.bins) / judged.people
    return (
        _NAMES[name],
        f"{judged.auc:.3f}",
        f"{judged.brier:.4f}",
        f"{judged.skill:.3f}",
        f"{judged.lift:.2f}",
        f"{told:.1%}",
        f"{judged.happened / judged.people:.1%}",
    )


def _bins(bins: Iterable[Bin]) -> list[tuple[str, ...]]:
    return [(str(one.people), f"{one.told:.1%}", f"{one.happened:.1%}") for one in bins]
