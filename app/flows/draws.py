"""Drawing a person into one of the ways of a trial. Pure: shares that are learnt come with the
situation.

A person keeps their way for ever, also when the shares change or they enter again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.flows import definition as d
from app.flows import effects as e
from app.flows.chance import variant_of, way_of
from app.reasons import Outcome, Reason


@dataclass(frozen=True, slots=True)
class Drawn:
    """`effect` None: they had their way before."""

    way: str
    record: e.Record
    effect: e.Draw | None = None


def draw(journey: e.JourneyView, step: str, ways: Sequence[str], situation: e.Situation) -> Drawn:
    before = situation.drawn.get(step)
    if before is not None and before in ways:
        return Drawn(before, _record(step, Reason.DRAWN_BEFORE, {"variant": before}))
    wave = situation.waves.get(step, e.NO_WAVE)
    if set(wave.shares) != set(ways):
        # The first day, or an edit since: nothing is known of some of them.
        wave = e.NO_WAVE
    shares = wave.shares or dict.fromkeys(ways, 1 / len(ways))
    person = ("draw", journey.flow_id, step, journey.customer_id)
    way = ways[way_of([shares[one] for one in ways], *person)]
    compared: dict[str, object] = {"variant": way, "share": round(100 * shares[way])}
    if wave.made_at is not None:
        compared["since"] = wave.made_at.isoformat()
    record = _record(step, Reason.DRAWN, compared)
    return Drawn(way, record, e.Draw(step=step, way=way, day=wave.day))


def draw_fixed(journey: e.JourneyView, node: d.Split, situation: e.Situation) -> Drawn:
    """By the shares of the file. A way that gets nobody any more keeps nobody."""
    before = situation.drawn.get(node.id)
    kept = any(share.name == before and share.share for share in node.shares)
    way = before if before is not None and kept else _by_share(journey, node)
    record = _record(node.id, Reason.SPLIT, {"variant": way})
    # Who is held out gets no message of any way, so none is told by them.
    counts = node.learning is not None and journey.arm != e.Arm.HOLDOUT
    drawn = e.Draw(step=node.id, way=way, day=None) if counts and way != before else None
    return Drawn(way, record, drawn)


def _by_share(journey: e.JourneyView, node: d.Split) -> str:
    return variant_of(journey.flow_id, node.id, journey.customer_id, node.shares).name


def _record(step: str, reason: Reason, compared: dict[str, object]) -> e.Record:
    return e.Record(step=step, outcome=Outcome.DONE, reason=reason, compared=compared)
