"""`comeback science variants`: what each way of every trial has brought, counted now."""

from collections.abc import Iterator, Mapping

import click
from sqlalchemy.orm import Session

from app import clock
from app.commands.ready import ready_store
from app.commands.terminal import say, show_table
from app.experiments import Trial, TrialFound, Winner, newest
from app.experiments.counting import count_ways
from app.experiments.found import WORTH
from app.experiments.judged import judge
from app.experiments.trial import WayFound
from app.flows.known import KnownFlow
from app.flows.trials import read_trials
from app.flows.trying import lacking
from app.flows.versions import known_flow, list_flows
from app.tenancy import store_transaction

_HEADS = ("flow", "step", "by", "variant", "share", "people", "delivered", "rewarded", "rate", "")
_NOTHING = "Nothing is compared yet; docs/flows.md says how a flow tries several ways."
_WINNERS = {
    Winner.NOBODY: "nothing to compare yet",
    Winner.CLEAR: "",
    Winner.LEVEL: f"no change of {WORTH:.0%}",
    Winner.TOO_FEW: "not enough data",
}


@click.command(short_help="What each variant of a test has brought.")
@click.option("--store", "name", required=True, metavar="STORE")
def variants(name: str) -> None:
    """Count what each way of every step of STORE that learns, or splits by fixed shares, has
    brought: of the people drawn into it, to how many a message was delivered, and how many of those
    whose time is over answered."""
    with ready_store(name) as (_, shop), store_transaction(shop.store_id) as session:
        flows = [known_flow(session, shop, flow.slug) for flow in list_flows(session, shop)]
        rows = [row for flow in flows for row in _rows_of(session, flow)]
    if rows:
        say("In brackets what holds the rate 95 times in 100.")
        show_table(_HEADS, rows)
    else:
        say(_NOTHING)
    for flow in flows:
        for each in lacking(flow.definition):
            say(f"{flow.definition.slug}, step {each.node.id}: {each.sentence}")


def _rows_of(session: Session, flow: KnownFlow) -> Iterator[tuple[str, ...]]:
    for trial in read_trials(session, flow.flow_id):
        yield from _rows(session, flow.definition.slug, trial)


def _rows(session: Session, slug: str, trial: Trial) -> Iterator[tuple[str, ...]]:
    found = judge(count_ways(session, trial, clock.now()), _shares(session, trial))
    for way in found.ways:
        count = way.count
        figures = (f"{count.people}", f"{count.delivered}", f"{count.answered} of {count.sent}")
        head = (slug, trial.step, str(trial.learning.reward), way.name, f"{way.share:.0%}")
        yield (*head, *figures, _rate(way), _verdict(found, way))


def _shares(session: Session, trial: Trial) -> Mapping[str, float]:
    if trial.shares is not None:
        return trial.shares
    waves = {wave.step: wave.shares for wave in newest(session, [trial.flow_id])}
    kept = waves.get(trial.step, {})
    equal = dict.fromkeys(trial.ways, 1 / len(trial.ways))
    return kept if set(kept) == set(trial.ways) else equal


def _rate(way: WayFound) -> str:
    return "" if way.rate is None else f"{way.rate:.1%} ({way.low:.1%} to {way.high:.1%})"


def _verdict(found: TrialFound, way: WayFound) -> str:
    if found.best is not None:
        return "clearly better" if way.name == found.best else ""
    if way is not found.ways[0]:
        return ""
    told = _WINNERS[found.winner]
    if found.winner is Winner.TOO_FEW and found.needed is not None:
        told += f": {found.needed:,} of each would show {WORTH:.0%}"
    return told
