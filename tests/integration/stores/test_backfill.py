"""Reading a shop's history: piece by piece, resumable, people before orders."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.config import Config
from app.errors import AccessLost, ComebackError, Unreachable
from app.events import CustomerSeen, Person
from app.inbox.sync import apply_history
from app.models import Customer, Journey
from app.platforms import Page, Resource
from app.stores import backfill
from app.tenancy import store_transaction
from tests.conftest import Clock


class Shelf:
    """A shop's history in pages, by hand; an exception in the row is raised in its turn."""

    def __init__(self, pages: dict[Resource, list[Page | ComebackError]]) -> None:
        self.pages = pages
        self.asked: list[tuple[Resource, str | None]] = []

    def read(self, resource: Resource, cursor: str | None, since: datetime | None = None) -> Page:
        self.asked.append((resource, cursor))
        page = self.pages[resource].pop(0)
        if isinstance(page, ComebackError):
            raise page
        return page


def person(clock: Clock, number: int) -> CustomerSeen:
    who = Person(platform_key=str(number), email=f"p{number}@example.com")
    return CustomerSeen(person=who, updated_at=clock())


def page(facts: Sequence[CustomerSeen] = (), cursor: str | None = None, done: int = 0) -> Page:
    return Page(facts=facts, cursor=cursor, done=done, total=3)


def shelf(clock: Clock) -> Shelf:
    return Shelf(
        {
            Resource.PRODUCTS: [page()],
            Resource.CUSTOMERS: [
                page([person(clock, 1), person(clock, 2)], cursor="2", done=2),
                page([person(clock, 3)], done=3),
            ],
            Resource.ORDERS: [page()],
        }
    )


def read_all(store_id: UUID, shop: Shelf, config: Config) -> None:
    apply = partial(apply_history, keys=config.keys)
    while backfill.read_next(store_id, shop, apply):  # type: ignore[arg-type]
        pass


def start(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        backfill.start(session)


def statuses(store_id: UUID) -> dict[str, tuple[str, int, str | None]]:
    with store_transaction(store_id) as session:
        rows = backfill.progress(session)
    return {row.resource: (row.status, row.done, row.error) for row in rows}


def people(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        return session.scalar(select(func.count()).select_from(Customer)) or 0


def test_everything_is_read_in_order_and_nobody_enters_a_flow(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    shop = shelf(clock)
    start(store_id)

    read_all(store_id, shop, config)

    assert [resource for resource, _ in shop.asked] == [
        Resource.PRODUCTS,
        Resource.CUSTOMERS,
        Resource.CUSTOMERS,
        Resource.ORDERS,
    ]
    assert people(store_id) == 3
    assert statuses(store_id)["customers"] == ("finished", 3, None)
    with store_transaction(store_id) as session:
        assert session.scalar(select(func.count()).select_from(Journey)) == 0


def test_a_stop_in_the_middle_continues_where_it_was(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    shop = shelf(clock)
    shop.pages[Resource.CUSTOMERS].insert(1, Unreachable("The shop is asleep.", retry_after=30))
    start(store_id)

    read_all(store_id, shop, config)
    assert statuses(store_id)["customers"] == ("reading", 2, "The shop is asleep.")
    read_all(store_id, shop, config)
    assert people(store_id) == 2
    clock.advance(seconds=31)
    read_all(store_id, shop, config)

    assert shop.asked[-2] == (Resource.CUSTOMERS, "2")
    assert people(store_id) == 3


def test_a_page_that_cannot_be_applied_is_read_again(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    shop = shelf(clock)
    shop.pages[Resource.CUSTOMERS].insert(0, shop.pages[Resource.CUSTOMERS][0])
    start(store_id)
    apply = partial(apply_history, keys=config.keys)
    backfill.read_next(store_id, shop, apply)  # type: ignore[arg-type]

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        backfill.read_next(store_id, shop, broken)  # type: ignore[arg-type]
    clock.advance(minutes=6)
    read_all(store_id, shop, config)

    assert people(store_id) == 3


def test_lost_access_stops_the_reading_and_says_why(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    shop = shelf(clock)
    shop.pages[Resource.PRODUCTS] = [AccessLost("The shop refuses our key.")]
    start(store_id)

    read_all(store_id, shop, config)

    assert statuses(store_id)["products"] == ("stopped", 0, "The shop refuses our key.")


def test_beginning_again_reads_from_the_start(store_id: UUID, clock: Clock, config: Config) -> None:
    start(store_id)
    read_all(store_id, shelf(clock), config)

    start(store_id)
    read_all(store_id, shelf(clock), config)

    assert people(store_id) == 3
    assert statuses(store_id)["orders"][0] == "finished"
