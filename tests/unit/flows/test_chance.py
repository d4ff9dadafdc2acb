"""The holdout: a share that is right, and sides that nobody changes."""

from uuid import UUID

from app.flows.chance import arm_of, point
from app.flows.effects import Arm

STORE = UUID(int=7)


def held_out(share: int, people: int = 20_000) -> set[int]:
    return {
        number
        for number in range(people)
        if arm_of(STORE, "cart", UUID(int=number), share) is Arm.HOLDOUT
    }


def test_the_share_held_out_is_the_share_asked_for() -> None:
    assert abs(len(held_out(10)) / 20_000 - 0.10) < 0.01


def test_a_person_s_side_never_changes() -> None:
    # Written down once: a change here would move people between the arms of running experiments.
    assert point("holdout", STORE, "cart", UUID(int=1)) == 5793


def test_raising_the_share_keeps_everybody_who_was_held_out() -> None:
    assert held_out(5, 2_000) <= held_out(20, 2_000)


def test_no_share_means_nobody() -> None:
    assert held_out(0, 2_000) == set()
