"""One person's attention: who goes first, who goes later, and that nobody is lost on the way."""

import itertools
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.arbiter import Place, Taken, Wish, arrange
from app.messages.attention import DAY
from app.reasons import Reason
from app.stores.settings import Caps
from tests.unit.flows.making import NOW

HOUR = timedelta(hours=1)


def wish(key: str = "a", **values: object) -> Wish:
    usual = {
        "flow": f"flow-{key}",
        "channel": "email",
        "commercial": True,
        "priority": 50,
        "wanted_at": NOW,
        "deadline_at": NOW + 3 * DAY,
    }
    return Wish(key=key, **{**usual, **values})  # type: ignore[arg-type]


def at_once(_: Wish, moment: datetime) -> datetime:
    return moment


def from_ten_to_eight(_: Wish, moment: datetime) -> datetime:
    here = moment.astimezone(ZoneInfo("Europe/Rome"))
    if here.hour >= 20:
        here = (here + DAY).replace(hour=10, minute=0)
    return max(here, here.replace(hour=10, minute=0))


def places(*wishes: Wish, out: list[Taken] | None = None) -> dict[str, Place]:
    found = arrange(wishes, out or [], Caps(), at_once, NOW)
    return {str(place.wish.key): place for place in found}


def test_a_single_wish_is_granted_at_once() -> None:
    assert places(wish())["a"] == Place(wish=wish(), due_at=NOW)


@pytest.mark.requirement(44, 47)
def test_two_flows_that_want_the_same_evening_share_two() -> None:
    found = places(wish("low", priority=20), wish("high", priority=80))

    assert found["high"].due_at == NOW
    assert found["low"].due_at == NOW + DAY
    assert found["low"].reason is Reason.ANOTHER_FLOW_FIRST
    assert found["low"].compared["flow"] == "flow-high"


def test_the_more_important_flow_moves_one_that_is_planned_already() -> None:
    found = places(wish("planned", planned=True, priority=20), wish("new", priority=80))

    assert (found["new"].due_at, found["planned"].due_at) == (NOW, NOW + DAY)


def test_among_equals_the_planned_one_keeps_its_place() -> None:
    found = places(wish("planned", planned=True), wish("new", wanted_at=NOW - HOUR))

    assert (found["planned"].due_at, found["new"].due_at) == (NOW, NOW + DAY)


def test_one_promotion_a_day_counts_over_all_channels() -> None:
    text_out = Taken(at=NOW - HOUR, channel="sms", commercial=True)

    found = places(wish(), out=[text_out])["a"]

    assert found.due_at == NOW + 22 * HOUR
    assert found.reason is Reason.FREQUENCY_CAP
    assert found.compared["cap"] == "promotional_per_day"


def test_the_week_is_looked_at_as_well_as_the_day() -> None:
    out = [Taken(at=NOW - n * 24 * HOUR, channel="sms", commercial=True) for n in (2, 4)]

    found = places(wish(channel="sms", deadline_at=NOW + 7 * 24 * HOUR), out=out)["a"]

    assert (found.due_at, found.compared["cap"]) == (NOW + 3 * 24 * HOUR, "sms_per_week")


def test_a_message_planned_for_tomorrow_leaves_no_room_today() -> None:
    tomorrow = wish("planned", planned=True, wanted_at=NOW + 20 * HOUR)

    assert places(wish("new"), tomorrow)["new"].due_at == NOW + 43 * HOUR


def test_what_the_person_waits_for_is_never_moved_by_a_cap() -> None:
    out = [Taken(at=NOW - HOUR, channel="email", commercial=True)]

    assert places(wish(commercial=False), out=out)["a"].due_at == NOW


def test_a_message_without_room_before_its_deadline_is_given_up_with_the_values() -> None:
    found = places(wish("high", priority=80), wish("low", deadline_at=NOW + 12 * HOUR))["low"]

    assert (found.due_at, found.reason) == (None, Reason.DEADLINE_PASSED)
    assert found.compared["moved_for"] == Reason.ANOTHER_FLOW_FIRST
    assert found.compared["possible_at"] == (NOW + DAY).isoformat()


def test_a_cap_of_zero_gives_up_instead_of_looking_for_ever() -> None:
    caps = Caps(promotional_per_day=0)

    (found,) = arrange([wish(deadline_at=NOW + 700 * DAY)], [], caps, at_once, NOW)

    assert found.due_at is None


def test_the_night_moves_a_message_to_the_morning() -> None:
    night = datetime.fromisoformat("2026-03-02T22:30:00+01:00")

    (found,) = arrange([wish(wanted_at=night)], [], Caps(), from_ten_to_eight, night)

    assert found.reason is Reason.QUIET_HOURS
    assert found.due_at == datetime.fromisoformat("2026-03-03T10:00:00+01:00")


hours = st.integers(min_value=-72, max_value=200).map(lambda n: NOW + n * HOUR)
channels = st.sampled_from(["email", "sms", "whatsapp"])
wishes_ = st.lists(
    st.builds(
        Wish,
        key=st.uuids(),
        flow=st.sampled_from(["x", "y", "z"]),
        channel=channels,
        commercial=st.booleans(),
        priority=st.integers(0, 100),
        wanted_at=hours,
        deadline_at=hours,
        planned=st.booleans(),
    ),
    max_size=8,
)
past = st.lists(
    st.builds(
        Taken,
        at=hours.filter(lambda at: at <= NOW),
        channel=channels,
        commercial=st.booleans(),
    ),
    max_size=5,
)


@given(wishes_, past)
def test_a_moved_message_never_passes_its_deadline_nor_comes_too_soon(
    wishes: list[Wish], out: list[Taken]
) -> None:
    for place in arrange(wishes, out, Caps(), from_ten_to_eight, NOW):
        if place.due_at is not None:
            assert max(place.wish.wanted_at, NOW) <= place.due_at <= place.wish.deadline_at
            assert from_ten_to_eight(place.wish, place.due_at) == place.due_at
        else:
            assert place.reason is Reason.DEADLINE_PASSED


@given(wishes_, past)
def test_every_wish_has_one_answer_and_the_same_one_every_time(
    wishes: list[Wish], out: list[Taken]
) -> None:
    first = arrange(wishes, out, Caps(), at_once, NOW)

    assert first == arrange(list(reversed(wishes)), out, Caps(), at_once, NOW)
    assert {place.wish.key for place in first} == {wish.key for wish in wishes}


@given(wishes_)
def test_nobody_gets_two_promotions_within_a_day(wishes: list[Wish]) -> None:
    found = arrange(wishes, [], Caps(), at_once, NOW)

    times = sorted(p.due_at for p in found if p.due_at is not None and p.wish.commercial)
    assert all(later - sooner >= DAY for sooner, later in itertools.pairwise(times))
