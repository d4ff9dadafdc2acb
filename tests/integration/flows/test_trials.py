"""A step that learns, in the database: who is drawn, what counts, and the waves that follow."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app import customers, points
from app.experiments.counting import count_ways
from app.experiments.making import share_out
from app.experiments.trial import Count, Reward
from app.experiments.waves import found_of
from app.flows.chance import point, way_of
from app.flows.trials import read_trials
from app.inbox.lifts import measure_lifts
from app.inbox.waves import make_waves
from app.messages.touches import record_click
from app.models import Customer, Draw, Message, Wave
from app.points import Point
from app.science.bandit import Prior
from app.tenancy import store_transaction
from tests.conftest import MakeStore
from tests.integration.flows.conftest import Shop

TRIED = "  - id: subject\n    send: {channel: email, message: tried, deadline: 10 days}"
SPLIT = (
    "  - id: gift\n    split: {by: orders, ways: ["
    "{name: a, steps: [{send: {channel: email, message: hello}}]},"
    " {name: b, steps: [{send: {channel: email, message: again}}]}]}"
)
FIXED = (
    "  - id: gift\n    split: ["
    "{name: a, share: 70, steps: [{send: {channel: email, message: hello}}]},"
    " {name: b, share: 30, steps: [{send: {channel: email, message: again}}]}]"
)
WAY = (
    "{{name: {0}, steps: ["
    "{{offer: {{name: {0}, percent: {1}, expires: {{after: 4 days}}}}}},"
    " {{send: {{channel: email, message: hello, offer: {0}, deadline: 1 day}}}}]}}"
)
OFFERS = (
    "  - id: gift\n    split: {by: orders, ways: ["
    f"{WAY.format('ten', 10)}, {WAY.format('twenty', 20)}]}}"
)
DAY = timedelta(days=1)


def enter(shop: Shop, people: int, first: int = 0) -> list[UUID]:
    ids = [shop.customer(f"p{first + number}") for number in range(people)]
    shop.fire(*(shop.act(one, key=f"e-{one}") for one in ids))
    shop.advance()
    return ids


def delivered(shop: Shop, was: str = "planned", **values: object) -> None:
    """What becomes of every message that was planned: it has arrived, unless `values` say more."""
    said: dict[str, Any] = {"status": "delivered", "sent_at": Message.due_at, **values}
    with store_transaction(shop.store_id) as session:
        session.execute(
            update(Message)
            .where(Message.store_id == shop.store_id, Message.status == was)
            .values(**said)
        )


def counted(shop: Shop) -> dict[str, Count]:
    with store_transaction(shop.store_id) as session:
        (trial,) = read_trials(session, shop.flow_id("test-flow"))
        return count_ways(session, trial, shop.clock())


def total(shop: Shop) -> Count:
    found = counted(shop).values()
    return Count(*(sum(getattr(one, name) for one in found) for name in Count.__slots__))


def drawn(shop: Shop) -> dict[UUID, str]:
    return {draw.customer_id: draw.way for draw in shop.all(Draw)}


def test_the_variant_of_each_person_is_on_the_message_and_on_the_record(shop: Shop) -> None:
    shop.has_flow(TRIED)
    enter(shop, 12)

    by_message = {message.customer_id: message.variant for message in shop.messages()}
    assert by_message == drawn(shop)
    assert set(by_message.values()) == {"original", "short"}
    assert shop.reasons().count("drawn") == shop.reasons().count("planned") == 12


@pytest.mark.requirement(111)
def test_the_offer_of_each_person_is_that_of_their_way(shop: Shop) -> None:
    shop.has_flow(OFFERS)
    enter(shop, 12)

    wanted = {offer.customer_id: offer.percent for offer in shop.offers()}
    assert wanted == {who: {"ten": 10, "twenty": 20}[way] for who, way in drawn(shop).items()}
    assert set(wanted.values()) == {10, 20}


def test_who_enters_again_after_the_shares_have_changed_keeps_their_way(shop: Shop) -> None:
    shop.has_flow(SPLIT)
    ids = enter(shop, 8)
    before = drawn(shop)
    for lean in ("a", "b"):
        _wave(shop, lean)
        shop.clock.advance(days=1)
        shop.fire(*(shop.act(one, key=f"{lean}-{one}") for one in ids))
        shop.advance()

    assert drawn(shop) == before
    assert {m.customer_id: {"hello": "a", "again": "b"}[m.name] for m in shop.messages()} == before
    assert len(shop.messages()) == 24


def _wave(shop: Shop, lean: str) -> None:
    other = {"a": "b", "b": "a"}[lean]
    row = {"day": shop.clock().date(), "made_at": shop.clock(), "reward": Reward.ORDERS}
    seen = {"seed": 1, "hits": 1.0, "misses": 1.0, "found": {"ways": []}}
    shares = {lean: 0.95, other: 0.05}
    wave = Wave(
        store_id=shop.store_id,
        flow_id=shop.flow_id("test-flow"),
        step="gift",
        shares=shares,
        **row,
        **seen,
    )
    with store_transaction(shop.store_id) as session:
        session.add(wave)


class Died(BaseException):
    """A worker is gone in the middle of a batch."""


@pytest.mark.parametrize("point", [Point.ARRANGING, Point.STEPS_TAKEN])
def test_a_worker_that_dies_draws_nobody_twice(shop: Shop, point: Point) -> None:
    def die(here: Point) -> None:
        if here is point:
            raise Died

    shop.has_flow(SPLIT)
    ana = shop.customer()
    shop.fire(shop.act(ana))
    points.watch(die)
    with pytest.raises(Died):
        shop.advance()
    points.watch(None)

    before = drawn(shop)
    shop.advance_at(shop.clock() + timedelta(hours=1))

    way = ("a", "b")[way_of([0.5, 0.5], "draw", shop.flow_id("test-flow"), "gift", ana)]
    assert drawn(shop) == {ana: way} == {**before, ana: way}
    assert [message.name for message in shop.messages()] == [{"a": "hello", "b": "again"}[way]]
    assert shop.decision("drawn") == {"variant": way, "share": 50}


def test_the_held_out_are_in_no_trial(shop: Shop) -> None:
    shop.has_flow(SPLIT, holdout="50%")
    enter(shop, 30)

    treated = {journey.customer_id for journey in shop.journeys(arm="treated")}
    assert 5 < len(treated) < 25
    assert set(drawn(shop)) == treated == {message.customer_id for message in shop.messages()}


def test_who_opted_out_is_not_written_to_whatever_they_were_drawn_into(shop: Shop) -> None:
    shop.has_flow(TRIED)
    ana = shop.customer()
    shop.opts_out(ana)
    shop.fire(shop.act(ana))
    shop.advance()

    assert (shop.messages(), drawn(shop)) == ([], {})
    assert "opted_out" in shop.reasons()


def test_a_cap_that_leaves_no_time_is_kept_and_the_trial_waits(shop: Shop) -> None:
    low = TRIED.replace("10 days", "20 hours")
    shop.has_flow(low, priority="20")
    shop.has_flow("  - send: {channel: email, message: hello}", slug="high", priority="80")
    enter(shop, 1)
    delivered(shop)
    shop.clock.advance(days=4)

    assert [message.name for message in shop.messages()] == ["hello"]
    assert shop.reasons().count("deadline_passed") == 1
    assert total(shop) == Count(1, 0, 0, 0)


def test_a_moved_refused_or_lost_message_is_no_send(shop: Shop) -> None:
    shop.has_flow(TRIED)
    shop.clock.travel(shop.clock().replace(hour=21))  # Quiet: moved to the morning.
    enter(shop, 6)
    shop.clock.advance(days=5)

    assert {
        message.moved or message.due_at > message.planned_at for message in shop.messages()
    } == {True}
    assert total(shop) == Count(6, 0, 0, 0)

    for status in ("held", "failed", "accepted", "unknown"):
        delivered(shop, status=status)
        assert total(shop) == Count(6, 0, 0, 0)
        delivered(shop, was=status, status="planned")
    delivered(shop)
    assert total(shop) == Count(6, 6, 6, 0)


def test_an_answer_counts_once_when_its_time_is_over_in_whatever_order_it_comes(
    shop: Shop,
) -> None:
    shop.has_flow(TRIED)
    enter(shop, 4)
    delivered(shop)
    sent = shop.clock()
    early, late, both, _ = shop.messages()
    clicks = [(early, 1), (late, 73), (both, 80), (both, 2), (both, 2), (early, 90)]
    for message, hours in clicks:
        with store_transaction(shop.store_id) as session:
            row = session.get_one(Message, (shop.store_id, message.message_id))
            record_click(session, row, sent + timedelta(hours=hours), shop.connections.config.keys)
    shop.clock.travel(sent + timedelta(hours=71))
    assert total(shop) == Count(4, 4, 0, 0)

    shop.clock.travel(sent + timedelta(hours=72))
    assert total(shop) == Count(4, 4, 4, 2), "of `late` after the three days, of `both` once"


def test_orders_count_that_came_after_the_send_and_within_its_time(shop: Shop) -> None:
    shop.has_flow(SPLIT)
    before, soon, twice, too_late = people = enter(shop, 4)
    shop.order(before, "o-1")
    shop.clock.advance(hours=1)
    delivered(shop, sent_at=shop.clock())
    start = shop.clock()
    for days, who, key in (
        (1, soon, "o-2"),
        (2, twice, "o-3"),
        (3, twice, "o-4"),
        (8, too_late, "o-5"),
    ):
        shop.clock.travel(start + days * DAY)
        shop.order(who, key)

    assert total(shop) == Count(len(people), 4, 4, 2)


@pytest.mark.requirement(116)
def test_each_way_of_a_fixed_split_is_counted_by_orders_and_its_share_stays(shop: Shop) -> None:
    shop.has_flow(FIXED)
    people = enter(shop, 20)
    delivered(shop)
    start = shop.clock()
    shop.clock.advance(days=1)
    buyers = [who for who, way in drawn(shop).items() if way == "b"]
    for who in buyers:
        shop.order(who, f"o-{who}")
    shop.clock.travel(start + 8 * DAY)

    assert drawn(shop) == {who: _by_hash(shop, who) for who in people}
    assert counted(shop) == {
        "a": Count(20 - len(buyers), 20 - len(buyers), 20 - len(buyers), 0),
        "b": Count(len(buyers), len(buyers), len(buyers), len(buyers)),
    }

    measure_lifts(shop.store_id)

    (wave,) = shop.all(Wave)
    assert wave.shares == {"a": 0.7, "b": 0.3}, "whatever the ways bring"
    with store_transaction(shop.store_id) as session:
        found, _ = found_of(session, wave.flow_id)["gift"]
    assert (found.winner, found.best) == ("clear", "b")


def _by_hash(shop: Shop, who: UUID) -> str:
    """The way everybody had before splits were counted, too."""
    return "a" if point("split", shop.flow_id("test-flow"), "gift", who) < 7_000 else "b"


def test_who_enters_a_fixed_split_again_keeps_their_way_and_counts_once(shop: Shop) -> None:
    shop.has_flow(FIXED)
    ids = enter(shop, 8)
    before = drawn(shop)
    shop.has_flow(FIXED.replace("share: 70", "share: 1").replace("share: 30", "share: 99"))
    shop.clock.advance(days=1)
    shop.fire(*(shop.act(one, key=f"again-{one}") for one in ids))
    shop.advance()

    assert drawn(shop) == before
    assert {m.customer_id: {"hello": "a", "again": "b"}[m.name] for m in shop.messages()} == before
    assert total(shop).people == 8


def test_the_held_out_are_in_no_fixed_split_either(shop: Shop) -> None:
    shop.has_flow(FIXED, holdout="50%")
    enter(shop, 30)

    treated = {journey.customer_id for journey in shop.journeys(arm="treated")}
    assert 5 < len(treated) < 25
    assert set(drawn(shop)) == treated


@pytest.mark.parametrize("split", [SPLIT, FIXED])
def test_a_way_whose_message_is_itself_tried_in_two_texts_is_counted(
    shop: Shop, split: str
) -> None:
    both = split.replace("{send: {", "{id: one, send: {", 1).replace(
        "message: hello", "message: tried"
    )
    shop.has_flow(both)
    enter(shop, 12)
    delivered(shop)
    shop.clock.advance(days=8)

    with store_transaction(shop.store_id) as session:
        found = {
            trial.step: count_ways(session, trial, shop.clock())
            for trial in read_trials(session, shop.flow_id("test-flow"))
        }

    assert sum(count.sent for count in found["gift"].values()) == 12
    assert sum(count.sent for count in found["one"].values()) == found["gift"]["a"].sent > 0


def test_each_day_has_one_wave_that_comes_again_from_what_it_keeps(shop: Shop) -> None:
    shop.has_flow(TRIED)
    enter(shop, 10)
    delivered(shop, clicked_at=Message.due_at)
    shop.clock.advance(days=4)

    assert measure_lifts(shop.store_id) == 1
    (wave,) = shop.all(Wave)
    with store_transaction(shop.store_id) as session:
        (trial,) = read_trials(session, wave.flow_id)
        found, made_at = found_of(session, wave.flow_id)["subject"]
        kept = {way.name: way.count for way in found.ways}
    assert made_at == shop.clock()
    assert sum(count.answered for count in kept.values()) == 10
    assert share_out(trial, kept, Prior(wave.hits, wave.misses), wave.seed) == wave.shares

    delivered(shop, was="delivered", status="failed")
    make_waves(shop.store_id, wave.flow_id, shop.clock())
    (same,) = shop.all(Wave)
    assert same.shares == wave.shares, "a wave is never changed"

    enter(shop, 20, first=100)
    assert {draw.day for draw in shop.all(Draw)} == {None, wave.day}


def test_a_message_to_everybody_at_once_is_shared_equally(shop: Shop) -> None:
    shop.has_flow(TRIED, trigger="{date: {on: 2026-11-27, at: '09:00'}}")
    shop.clock.advance(days=2)
    measure_lifts(shop.store_id)

    (wave,) = shop.all(Wave)
    assert wave.shares == {"original": 0.5, "short": 0.5}


def test_another_shop_s_trials_are_its_own(shop: Shop, make_store: MakeStore) -> None:
    other = shop.beside(make_store())
    shop.has_flow(TRIED)
    other.has_flow(TRIED)
    enter(other, 3)

    assert (len(drawn(shop)), len(drawn(other))) == (0, 3)
    assert total(shop) == Count()


def test_what_somebody_was_drawn_into_is_exported_and_forgotten_with_them(shop: Shop) -> None:
    shop.has_flow(TRIED)
    (ana,) = enter(shop, 1)
    with store_transaction(shop.store_id) as session:
        row = session.get_one(Customer, (shop.store_id, ana))
        (told,) = customers.export_customer(session, row)["draws"]
        keys = shop.connections.config.keys
        customers.erase_customer(session, row, keys=keys, now=shop.clock())

    assert told["step"] == "subject" and told["way"] in ("original", "short")
    assert drawn(shop) == {}
