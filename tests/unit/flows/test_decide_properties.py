"""What holds of every flow and every life: nothing twice, nothing by chance, no way back."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.customers.snapshot import Snapshot
from app.flows import effects as e
from app.flows.decide import decide
from app.flows.definition import Definition, Purpose
from tests.unit.flows.making import NOW, flow, journey, order, person, situation

HOUR = timedelta(hours=1)
LEAVES = [
    "{send: {channel: email, message: hello, deadline: 2 days}}",
    "{send: {channel: sms, message: hello}}",
    "{wait: {for: 3 hours}}",
    "{wait: {for: 2 days, since: entry}}",
    "{wait: {until: '10:00'}}",
    "{wait: {until: best_time, within: ['08:00', '21:00']}}",
    "{tag: {add: seen}}",
]
steps_ = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: (
        st.builds(
            "{{branch: [{{when: {{customer.orders_count: {{at_least: 1}}}}, steps: [{}, {}]}},"
            " {{steps: [{}]}}]}}".format,
            inner,
            inner,
            inner,
        )
        | st.builds(
            "{{wait: {{event: link_clicked, timeout: 1 day,"
            " then: [{}], otherwise: [{}, {}]}}}}".format,
            inner,
            inner,
            inner,
        )
        | st.builds(
            "{{split: [{{name: a, share: 50, steps: [{}]}},"
            " {{name: b, share: 50, steps: [{}]}}]}}".format,
            inner,
            inner,
        )
    ),
    max_leaves=6,
)
flows_ = st.lists(steps_, min_size=1, max_size=4).map(
    lambda steps: flow("\n".join(f"  - {step}" for step in steps))
)
moments = st.integers(0, 200).map(lambda n: NOW + n * HOUR)
lives = st.builds(
    person,
    orders_count=st.integers(0, 2),
    events=st.lists(moments, max_size=3).map(lambda at: {"link_clicked": tuple(sorted(at))}),
    phone=st.sampled_from(["+393331234567", None]),
    holds_promotions=st.booleans(),
)


@dataclass
class Life:
    """A journey played to its end."""

    verdicts: list[e.Verdict]

    def effects(self) -> list[e.Effect]:
        return [effect for verdict in self.verdicts for effect in verdict.effects]


def play(definition: Definition, who: Snapshot, late: int, arm: e.Arm = e.Arm.TREATED) -> Life:
    """Every look comes `late` hours after it was due. A journey ends, or this does not."""
    inside = journey(definition, arm=arm)
    now, verdicts = NOW, []
    for _ in range(2_000):
        known = replace(who, events=_until(who, now))
        verdict = decide(definition, inside, known, situation(), now)
        verdicts.append(verdict)
        if isinstance(verdict.next, e.End):
            return Life(verdicts)
        assert verdict.next.due_at > now
        inside = replace(
            inside,
            step=verdict.next.step,
            step_since=verdict.next.since,
            context=verdict.context,
        )
        now = verdict.next.due_at + late * HOUR
    raise AssertionError("the journey never ended")


def _until(who: Snapshot, now: datetime) -> dict[str, tuple[datetime, ...]]:
    return {name: tuple(at for at in found if at <= now) for name, found in who.events.items()}


@settings(max_examples=60, deadline=None)
@given(flows_, lives, st.integers(0, 100))
def test_no_step_acts_twice_and_every_journey_ends(
    definition: Definition, who: Snapshot, late: int
) -> None:
    done = Counter(effect.step for effect in play(definition, who, late).effects())

    assert all(count == 1 for count in done.values())


@settings(max_examples=40, deadline=None)
@given(flows_, lives, st.integers(0, 30))
def test_the_same_life_is_decided_the_same_way(
    definition: Definition, who: Snapshot, late: int
) -> None:
    assert play(definition, who, late) == play(definition, who, late)


@settings(max_examples=40, deadline=None)
@given(flows_, lives, st.integers(0, 30))
def test_the_holdout_gets_nothing_whatever_the_flow(
    definition: Definition, who: Snapshot, late: int
) -> None:
    assert play(definition, who, late, e.Arm.HOLDOUT).effects() == []


@settings(max_examples=40, deadline=None)
@given(flows_, lives, st.integers(0, 100))
def test_no_message_is_asked_for_after_its_deadline(
    definition: Definition, who: Snapshot, late: int
) -> None:
    for effect in play(definition, who, late).effects():
        if isinstance(effect, e.Send):
            assert effect.due_at <= effect.deadline_at


@settings(max_examples=30, deadline=None)
@given(flows_, lives)
def test_whoever_has_bought_gets_nothing_more(definition: Definition, who: Snapshot) -> None:
    bought = replace(who, orders=(order(NOW + HOUR),))
    welcome = replace(definition, purpose=Purpose.WELCOME)

    assert play(welcome, bought, 0).effects() == []
