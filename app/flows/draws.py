"""Drawing a person into one of the ways of a trial. Pure: the shares come with the situation.

A person keeps their way for ever, also when the shares change or they enter again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.flows import effects as e
from app.flows.chance import way_of
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


def _record(step: str, reason: Reason, compared: dict[str, object]) -> e.Record:
    return e.Record(step=step, outcome=Outcome.DONE, reason=reason, compared=compared)
