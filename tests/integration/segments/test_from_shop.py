"""Who is in a segment of the shop's own: read page by page, resumed, and brought up to date."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app import customers, segments
from app.errors import InvalidInput
from app.models import Customer, Identity, Segment, ShopMember, ShopSegment, Store
from app.platforms import Members, SegmentSeen
from app.segments import matching, parse_condition
from app.tenancy import store_transaction
from tests.conftest import Clock

ITALY = SegmentSeen("500123", "Ship to Italy")


@pytest.fixture
def people(store_id: UUID, clock: Clock) -> list[UUID]:
    """Three of whom the shop has told; their keys are 1, 2 and 3."""
    with store_transaction(store_id) as session:
        made = [Customer(store_id=store_id, first_seen_at=clock()) for _ in range(3)]
        session.add_all(made)
        session.flush()
        for number, customer in enumerate(made, 1):
            named = {"kind": "platform", "value": str(number)}
            session.add(Identity(store_id=store_id, customer_id=customer.customer_id, **named))
        return [customer.customer_id for customer in made]


def adopt(store_id: UUID, clock: Clock, seen: SegmentSeen = ITALY) -> str:
    with store_transaction(store_id) as session:
        return segments.adopt(session, seen, clock()).slug


def read(store_id: UUID, clock: Clock, keys: Sequence[str], cursor: str | None = None) -> bool:
    """One page, as a worker would read it; whether any was due."""
    with store_transaction(store_id) as session:
        asked = segments.claim_page(session, clock())
    clock.advance(seconds=1)
    if asked is not None:
        with store_transaction(store_id) as session:
            segments.keep_page(session, asked, Members(keys, cursor), clock())
    return asked is not None


def inside(session: Session, clock: Clock) -> set[UUID]:
    store = session.get_one(Store, session.info["store_id"])
    condition = parse_condition({"segment.ship-to-italy": {"is": True}}, "test")
    return set(session.scalars(matching(session, condition, store, clock())))


def who(store_id: UUID, clock: Clock) -> set[UUID]:
    with store_transaction(store_id) as session:
        return inside(session, clock)


@pytest.mark.requirement(41)
def test_members_come_with_each_page_and_leave_with_the_last(
    store_id: UUID, clock: Clock, people: list[UUID]
) -> None:
    one, two, three = people
    assert adopt(store_id, clock) == "ship-to-italy"

    assert read(store_id, clock, ["1", "99"], "next")
    assert who(store_id, clock) == {one}
    assert read(store_id, clock, ["2"])
    assert who(store_id, clock) == {one, two}

    assert not read(store_id, clock, [])
    clock.advance(days=1)
    assert read(store_id, clock, ["3"], "next")
    assert who(store_id, clock) == {one, two, three}
    assert read(store_id, clock, ["2"])
    assert who(store_id, clock) == {two, three}


def test_a_page_that_never_came_is_asked_for_again_where_the_reading_was(
    store_id: UUID, clock: Clock, people: list[UUID]
) -> None:
    adopt(store_id, clock)
    read(store_id, clock, ["1"], "second")
    with store_transaction(store_id) as session:
        lost = segments.claim_page(session, clock())
        assert lost is not None and lost.cursor == "second"

    assert not read(store_id, clock, [])
    clock.advance(hours=1)
    assert read(store_id, clock, ["2"])
    with store_transaction(store_id) as session:
        segments.keep_page(session, lost, Members(["3"], None), clock())

    assert who(store_id, clock) == set(people[:2])


def test_a_worker_whose_clock_is_behind_puts_nobody_out(
    store_id: UUID, clock: Clock, people: list[UUID]
) -> None:
    adopt(store_id, clock)
    read(store_id, clock, ["1"], "next")
    with store_transaction(store_id) as session:
        asked = segments.claim_page(session, clock())
        assert asked is not None
        segments.keep_page(session, asked, Members(["2"], None), clock() - timedelta(minutes=5))

    assert who(store_id, clock) == set(people[:2])


def test_one_that_the_shop_has_no_more_stays_as_it_was_and_is_news_once(
    store_id: UUID, clock: Clock, people: list[UUID]
) -> None:
    slug = adopt(store_id, clock)
    read(store_id, clock, ["1"], "second")
    news = []
    for _ in range(2):
        clock.advance(days=1)
        with store_transaction(store_id) as session:
            asked = segments.claim_page(session, clock())
            assert asked is not None
            news.append(segments.note_gone(session, asked, clock()))
            assert segments.claim_page(session, clock() + timedelta(hours=23)) is None

    assert news == ["Ship to Italy", None]
    assert who(store_id, clock) == {people[0]}
    with store_transaction(store_id) as session:
        since = segments.gone_since(session, segments.get_segment(session, slug))
        assert since == clock() - timedelta(days=1)
    clock.advance(days=1)
    assert read(store_id, clock, ["2"]), "it may come back"
    assert who(store_id, clock) == {people[1]}
    with store_transaction(store_id) as session:
        assert segments.gone_since(session, segments.get_segment(session, slug)) is None


def test_archived_it_is_forgotten_and_read_no_more(
    store_id: UUID, clock: Clock, people: list[UUID]
) -> None:
    slug = adopt(store_id, clock)
    read(store_id, clock, ["1"])
    with store_transaction(store_id) as session:
        with pytest.raises(InvalidInput, match="read from the shop"):
            segments.keep(session, segments.Draft(slug, "x", "customer.score: {is: 1}"), clock())
        segments.archive(session, slug, clock())
        assert session.query(ShopMember).count() == session.query(ShopSegment).count() == 0

    assert adopt(store_id, clock) == slug


def test_a_name_that_is_taken_gets_the_shop_s_key(store_id: UUID, clock: Clock) -> None:
    with store_transaction(store_id) as session:
        draft = segments.Draft("ship-to-italy", "Mine", "customer.country: {is: IT}")
        segments.keep(session, draft, clock())

    assert adopt(store_id, clock) == adopt(store_id, clock) == "ship-to-italy-500123"
    assert adopt(store_id, clock, SegmentSeen("7", "李")) == "7"
    assert adopt(store_id, clock, SegmentSeen("8", "New")) == "new-8", "its page would be another's"
    with store_transaction(store_id) as session:
        assert session.query(Segment).filter_by(kind="shop").count() == 3


def test_who_is_erased_is_in_none(store_id: UUID, clock: Clock, people: list[UUID]) -> None:
    adopt(store_id, clock)
    read(store_id, clock, ["1"])
    with store_transaction(store_id) as session:
        customer = session.get_one(Customer, (store_id, people[0]))
        assert "shop_members" in customers.export_customer(session, customer)

        customers.erase_customer(session, customer, keys=["k" * 43 + "="], now=clock())

        assert session.query(ShopMember).count() == 0


def test_nothing_is_read_of_a_store_that_has_left(store_id: UUID, clock: Clock) -> None:
    adopt(store_id, clock)
    with store_transaction(store_id) as session:
        segments.put_off_pages(session, clock())
        assert segments.claim_page(session, clock() + timedelta(hours=23)) is None
