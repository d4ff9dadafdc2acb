"""`comeback science lift`: what each flow has changed, measured now."""

import click

from app import clock
from app.commands.flows import NO_FLOW
from app.commands.ready import ready_store
from app.commands.terminal import say, show_table
from app.experiments import WITHIN, Found, Verdict, together
from app.experiments.entrants import read_entrants
from app.experiments.found import WORTH
from app.experiments.lift import find_lift
from app.flows.holdouts import holdouts
from app.flows.versions import known_flow, list_flows
from app.money import major_units
from app.science.intervals import Interval
from app.tenancy import store_transaction

_VERDICTS = {
    Verdict.NOBODY: "nobody to compare yet",
    Verdict.MISMATCH: "sides unlike what they were set to be: means nothing",
    Verdict.MORE: "more buyers",
    Verdict.LESS: "fewer buyers",
    Verdict.LEVEL: f"no change of {WORTH:.0%}",
    Verdict.TOO_FEW: "not enough data",
}


@click.command(short_help="What each flow has changed, by its holdout.")
@click.option("--store", "name", required=True, metavar="STORE")
def lift(name: str) -> None:
    """Compare the people of each flow of STORE with those held out of it: everybody by their first
    entry, on the side they were assigned to, with what they bought in the 30 days after it."""
    found = {}
    with ready_store(name) as (_, shop), store_transaction(shop.store_id) as session:
        for flow in list_flows(session, shop):
            flow_id = known_flow(session, shop, flow.slug).flow_id
            known = flow_id, holdouts(session, flow_id)
            entered = read_entrants(session, shop, known, WITHIN, clock.now())
            found[flow.slug] = find_lift(entered, seed=flow_id.int % 2**32)
    if not found:
        say(NO_FLOW)
        return
    say(f"Purchases within {WITHIN.days} days; in brackets what holds the truth 95 times in 100.")
    heads = ("flow", "in the flow", "held out", "buyers of 100", f"{shop.currency} altogether", "")
    show_table(heads, [_row(slug, one, shop.currency) for slug, one in found.items()])
    if pooled := together(found.values()):
        say(f"All flows together, buyers of 100: {_hundredths(pooled.interval)}.")


def _row(slug: str, one: Found, currency: str) -> tuple[str, ...]:
    verdict = _VERDICTS[one.verdict]
    if one.verdict is Verdict.TOO_FEW and one.needed is not None:
        verdict += f": {one.needed:,} held out would show {WORTH:.0%}"
    return (
        slug,
        f"{one.treated.buyers} of {one.treated.people}",
        f"{one.held_out.buyers} of {one.held_out.people}",
        _hundredths(one.rate) if one.rate else "",
        _money(one.total, currency) if one.total else "",
        verdict,
    )


def _hundredths(rate: Interval) -> str:
    return f"{rate.difference * 100:+.2f} ({rate.low * 100:+.2f} to {rate.high * 100:+.2f})"


def _money(total: Interval, currency: str) -> str:
    shown = [major_units(round(minor), currency) for minor in (total.difference, total.low)]
    return f"{shown[0]} ({shown[1]} to {major_units(round(total.high), currency)})"
