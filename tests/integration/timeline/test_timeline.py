"""A person's timeline: everything once, in a stable order, in pages, and nobody else's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event

from app import customers, db
from app.customers import Entry, EntryKind, Page, Place
from app.errors import InvalidInput
from app.models import Customer
from app.tenancy import store_transaction
from tests.conftest import MakeStore
from tests.fakes.life import buy, cart, click, give_score, live_through_everything, stay_a_while
from tests.fakes.town import Town


def read(store_id: UUID, customer_id: UUID, before: Place | None = None, limit: int = 100) -> Page:
    with store_transaction(store_id) as session:
        return customers.timeline(session, customer_id, before, limit)


def all_of(town: Town, customer_id: UUID, limit: int) -> list[Entry]:
    """Every page, one after the other."""
    page = read(town.store_id, customer_id, limit=limit)
    entries = page.entries
    while page.older is not None:
        page = read(town.store_id, customer_id, page.older, limit)
        entries = [*entries, *page.entries]
    return entries


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    yield seen
    event.remove(db.engine(), "before_cursor_execute", note)


def test_everything_that_happened_to_a_person_is_told_in_the_order_it_happened(town: Town) -> None:
    ana = live_through_everything(town)

    entries = read(town.store_id, ana).entries

    assert {entry.kind for entry in entries} == set(EntryKind)
    assert [entry.place for entry in entries] == sorted((e.place for e in entries), reverse=True)
    assert len({entry.entry_id for entry in entries}) == len(entries)


def test_nothing_is_told_twice(town: Town) -> None:
    """A click is a touch and a fact, a choice a fact and a line of the ledger."""
    ana = live_through_everything(town)

    entries = read(town.store_id, ana).entries

    acts = [e.values["name"] for e in entries if e.kind is EntryKind.CUSTOMER_ACTED]
    assert acts == ["score_given", "cart_abandoned"]
    assert [e.kind for e in entries].count(EntryKind.CLICK) == 1
    choices = [e.state for e in entries if e.kind is EntryKind.CONSENT]
    assert choices.count("subscribed") == choices.count("unsubscribed") == 3


def test_an_entry_carries_the_ids_and_the_values_behind_it(town: Town) -> None:
    ana = live_through_everything(town)

    told = {entry.kind: entry for entry in read(town.store_id, ana).entries}

    credit, click_, message = (told[EntryKind(k)] for k in ("credit", "click", "message"))
    assert credit.order_key == "o-1"
    assert credit.message_id == click_.message_id == message.entry_id
    assert credit.flow_id == message.flow_id
    refund = told[EntryKind.REFUND_SEEN].values
    assert refund == {"number": "#o-1", "currency": "EUR", "total_minor": 1_200}
    assert told[EntryKind.CART_ENDED].state == "recovered"
    assert told[EntryKind.MERGE].values["by"] == ["email", "platform"]


def test_entries_hold_no_address(town: Town) -> None:
    ana = live_through_everything(town)

    assert "@" not in str([entry.values for entry in read(town.store_id, ana).entries])


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_follow_each_other_without_a_gap_or_a_repeat(town: Town, limit: int) -> None:
    ana = live_through_everything(town)

    whole = read(town.store_id, ana)

    assert whole.older is None
    assert all_of(town, ana, limit) == whole.entries


def test_entries_of_one_moment_are_in_the_order_they_were_written(town: Town) -> None:
    for score in range(10):
        give_score(town, f"score-{score}", score)

    told = [
        e.values["told"] for e in all_of(town, town.ana, 4) if e.kind is EntryKind.CUSTOMER_ACTED
    ]

    assert told == list(reversed(range(10)))


def test_a_longer_life_takes_no_more_statements(town: Town) -> None:
    ana = stay_a_while(town)
    with statements() as short:
        before = read(town.store_id, ana, limit=500)

    town.clock.advance(hours=1)
    for number in range(20):
        at = town.clock.advance(minutes=2)
        message_id = town.plan(town.journey())
        town.send()
        click(town, message_id)
        give_score(town, f"again-{number}", number % 10)
        town.tell(cart(at, f"Product {number}"))
        buy(town, f"again-{number}")
    with statements() as long:
        after = read(town.store_id, ana, limit=500)

    assert len(after.entries) > len(before.entries) + 100
    assert len(long) == len(short) <= 2 + 8  # The transaction's own, and one for each table.


def test_nobody_elses_life_is_told(town: Town, make_store: MakeStore) -> None:
    ana = live_through_everything(town)

    assert read(make_store(), ana) == Page([], None)


def test_what_is_left_of_somebody_forgotten_says_nothing_of_them(town: Town) -> None:
    ana = stay_a_while(town)
    with store_transaction(town.store_id) as session:
        person = session.get_one(Customer, (town.store_id, ana))
        at = town.clock.moment
        customers.erase_customer(session, person, keys=town.config.keys, now=at)

    entries = read(town.store_id, ana).entries

    assert EntryKind.MESSAGE in {entry.kind for entry in entries}
    told = str([entry.values for entry in entries])
    assert not any(word in told for word in ("Ana", "@", "+39", "Timo"))


def test_a_place_survives_being_written_down(town: Town) -> None:
    entry = read(town.store_id, town.ana).entries[0]

    assert Place.read(f" {entry.place} ") == entry.place


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-03-02T11:00:00_x", "_", f"2026-03-02_{UUID(int=0)}"]
)
def test_a_place_nobody_was_given_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInput, match="before: give the place"):
        Place.read(text)


def test_what_comes_later_by_the_clock_is_on_an_earlier_page(town: Town) -> None:
    """A late fact stands where it happened, not where it was heard of."""
    give_score(town, "now", 9)
    late = town.clock.moment - timedelta(days=30)
    town.tell(cart(late, "Old"))

    titles = [
        e.values["titles"] for e in all_of(town, town.ana, 5) if e.kind is EntryKind.CART_SEEN
    ]

    assert titles[-1] == ["Old"]
