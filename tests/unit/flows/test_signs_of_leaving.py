"""Whom the answer to signs of leaving is for, and who gives it (the playbook, #78)."""

from collections.abc import Sequence

import pytest

from app.customers.signals import LEVEL, OWNER, Level, Signal
from app.flows import definition as d
from app.flows import effects
from app.segments import holds
from tests.unit.flows.making import look
from tests.unit.flows.test_presets import read
from tests.unit.segments.people import NOW, person

PRESET = "signs-of-leaving"


def gravest(signs: Sequence[Signal]) -> Level | None:
    return max((LEVEL[sign] for sign in signs), key=list(Level).index, default=None)


@pytest.mark.requirement(73, 76, 77, 79)
@pytest.mark.parametrize(
    ("signs", "enters"),
    [
        ([], False),
        ([Signal.CART_LEFT, Signal.SILENT, Signal.USE_DOWN, Signal.TICKETS_UP], False),
        ([Signal.LOGINS_DOWN], True),
        ([Signal.PAYMENT_FAILED], True),
        ([Signal.SCORE_FELL], True),
        ([Signal.COMPLAINED, Signal.SILENT], True),
        ([Signal.LOW_SCORE], False),  # Answered by a flow of its own, within the hour.
        ([Signal.LOW_SCORE, Signal.SCORE_FELL], False),
        ([Signal.LOW_SCORE, Signal.LEAVING], True),
    ],
)
def test_it_answers_grave_signs_and_leaves_a_low_score_to_its_own_flow(
    signs: list[Signal], enters: bool
) -> None:
    trigger = read(PRESET).trigger
    ana = person(signals=signs, risk_level=gravest(signs))

    assert isinstance(trigger, d.SegmentTrigger)
    assert holds(trigger.condition, ana, {}, NOW).result is enters


@pytest.mark.requirement(78)
def test_each_level_is_answered_by_its_owner_and_only_the_gravest_holds_promotions() -> None:
    tasks = [node for node in read(PRESET).nodes.values() if isinstance(node, d.MakeTask)]

    assert [(task.owner, task.holds_promotions) for task in tasks] == [
        (OWNER[Level.HIGH], False),
        (OWNER[Level.CRITICAL], True),
    ]


@pytest.mark.requirement(74, 75)
@pytest.mark.parametrize(
    ("name", "signs", "enters"),
    [
        ("tickets-up", [Signal.TICKETS_UP, Signal.USE_DOWN], True),
        ("tickets-up", [Signal.USE_DOWN], False),
        ("tickets-up", [Signal.TICKETS_UP, Signal.COMPLAINED], False),  # Answered more gravely.
        ("use-down", [Signal.USE_DOWN, Signal.CART_LEFT], True),
        (
            "use-down",
            [Signal.USE_DOWN, Signal.TICKETS_UP],
            False,
        ),  # Not in the middle of a trouble.
        ("use-down", [Signal.USE_DOWN, Signal.LEAVING], False),
    ],
)
def test_a_milder_sign_is_answered_where_no_graver_one_is_there(
    name: str, signs: list[Signal], enters: bool
) -> None:
    definition = read(name)
    ana = person(signals=signs, risk_level=gravest(signs))

    assert isinstance(definition.trigger, d.SegmentTrigger) and definition.filter is not None
    begins = holds(definition.trigger.condition, ana, {}, NOW).result
    assert (begins and holds(definition.filter, ana, {}, NOW).result) is enters


@pytest.mark.requirement(78)
@pytest.mark.parametrize(
    ("level", "owners"),
    [(Level.HIGH, [OWNER[Level.HIGH]]), (Level.CRITICAL, [OWNER[Level.CRITICAL]]), (None, [])],
)
def test_whose_signs_are_over_before_the_first_step_is_asked_after_by_nobody(
    level: Level | None, owners: list[str]
) -> None:
    """A flow that was switched off and on again takes its steps late."""
    verdict = look(read(PRESET), who=person(risk_level=level))

    assert [e.owner for e in verdict.effects if isinstance(e, effects.MakeTask)] == owners
