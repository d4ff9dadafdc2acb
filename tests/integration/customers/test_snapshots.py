"""What decisions get to know about people, and what it costs to know it of many."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import event, select

from app import clock, customers, db
from app.config import Config
from app.customers import Incoming
from app.customers.snapshot import Snapshot
from app.events import CustomerActed, CustomerFact, Person
from app.models import Customer, Flow, FlowVersion, Journey, Task, new_id
from app.tenancy import store_transaction
from tests.conftest import START, Clock, MakeStore
from tests.integration.customers.people import at, cart, choice, line, order, seen, tell

ANA = Person(platform_key="7", email="ana@example.com", phone="+393471234567", first_name="Ana")


def ids(store_id: UUID) -> list[UUID]:
    with store_transaction(store_id) as session:
        return list(session.scalars(select(Customer.customer_id)))


def snapshots(store_id: UUID) -> dict[UUID, Snapshot]:
    with store_transaction(store_id) as session:
        return customers.load_snapshots(session, ids(store_id), clock.now())


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)


@pytest.mark.requirement(12, 13, 14)
def test_a_snapshot_holds_all_that_a_decision_may_know(
    store_id: UUID, config: Config, clock: Clock
) -> None:
    click = CustomerActed(event_key="k", name="link_clicked", person=ANA, updated_at=at(8))
    tell(
        store_id,
        order("1", 0, ANA, lines=(line("tea"), line("mint"))),
        order("2", 5, ANA, currency="EUR"),
        choice(6, "subscribed", email="ana@example.com"),
        cart("t2", "c2", minutes=7, person=ANA),
        click,
    )
    clock.travel(at(9))
    with store_transaction(store_id) as session:
        customers.suppress(session, "sms", "+393471234567", "bounced", keys=config.keys)

    [found] = snapshots(store_id).values()

    assert (found.currency, found.locale, found.taken_at) == ("EUR", "it", at(9))
    assert (found.orders_count, found.spent_minor, found.last_active_at) == (2, 2_000, at(8))
    assert [bought.order_key for bought in found.orders] == ["2", "1"]
    assert set(found.orders[1].product_keys) == {"tea", "mint"}
    assert found.consent["email"].state == "subscribed"
    assert found.suppressed == {"sms": "bounced"}
    assert [(open_.keys, open_.status) for open_ in found.carts] == [(("c2", "t2"), "active")]
    assert found.events == {"link_clicked": (at(8),)}
    assert found.holds_promotions is False


def test_an_open_task_holds_promotions_until_it_is_closed(store_id: UUID) -> None:
    tell(store_id, seen(0, email="ana@example.com"))
    [person] = ids(store_id)
    task_id = _task(store_id, person)

    held = snapshots(store_id)[person].holds_promotions
    with store_transaction(store_id) as session:
        session.get_one(Task, (store_id, task_id)).closed_at = START

    assert (held, snapshots(store_id)[person].holds_promotions) == (True, False)


def test_only_purchases_are_remembered_and_fifty_at_most(store_id: UUID) -> None:
    tell(store_id, *(order(f"{n:02}", n, ANA) for n in range(52)), order("t", 99, ANA, test=True))

    [found] = snapshots(store_id).values()

    assert [bought.order_key for bought in found.orders] == [f"{n:02}" for n in range(51, 1, -1)]
    assert found.orders_count == 52


def test_who_does_not_exist_has_no_snapshot(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        assert customers.load_snapshots(session, [new_id()], START) == {}
        assert customers.load_snapshots(session, [], START) == {}


def test_another_store_s_people_have_no_snapshot(make_store: MakeStore) -> None:
    ours, theirs = make_store(), make_store()
    tell(theirs, seen(0, email="ana@example.com"))

    with store_transaction(ours) as session:
        assert customers.load_snapshots(session, ids(theirs), START) == {}


def test_snapshots_of_many_take_the_statements_of_one(store_id: UUID) -> None:
    tell(store_id, *_busy(range(40)))
    everybody = ids(store_id)

    counts = []
    for some in (everybody[:1], everybody):
        with store_transaction(store_id) as session, statements() as sent:
            customers.load_snapshots(session, some, START)
        counts.append(len(sent))

    assert len(everybody) == 40
    assert counts[0] == counts[1] <= 11


@pytest.mark.parametrize("of", ["new", "known", "merging"])
def test_a_batch_of_200_facts_takes_the_statements_of_one(
    store_id: UUID, config: Config, of: str
) -> None:
    make: dict[str, Callable[[range], list[CustomerFact]]] = {
        "new": _busy,
        "known": lambda some: [order(f"again{n}", n + 1, _person(n)) for n in some],
        "merging": lambda some: [
            order(f"m{n}", n, Person(platform_key=f"k{n}", email=f"other{n}@example.com"))
            for n in some
        ],
    }
    if of != "new":
        tell(store_id, *_busy(range(300)))
        tell(store_id, *(seen(0, email=f"other{n}@example.com") for n in range(300)))

    counts = []
    for some in (range(1), range(1, 201 if of != "new" else 51)):
        facts = make[of](some)
        incoming = [Incoming(fact=fact, source="webhook", live=True) for fact in facts]
        with store_transaction(store_id) as session, statements() as sent:
            customers.apply(session, incoming, START, keys=config.keys)
        counts.append(len(sent))

    # Among many facts there may be a kind of thing that one fact did not meet.
    assert counts[1] <= counts[0] + 2
    assert counts[1] <= 43


def _person(number: int) -> Person:
    return Person(platform_key=f"k{number}", email=f"p{number}@example.com")


def _busy(numbers: range) -> list[CustomerFact]:
    """Four facts about each person: a cart, an order that ends it, a choice and a click."""
    facts: list[CustomerFact] = []
    for n in numbers:
        facts += [
            cart(f"t{n}", minutes=n, person=_person(n)),
            order(f"o{n}", n + 1, _person(n), cart_keys=(f"t{n}",)),
            choice(n, "subscribed", platform_key=f"k{n}"),
            CustomerActed(event_key=f"e{n}", name="seen", person=_person(n), updated_at=at(n)),
        ]
    return facts


def _task(store_id: UUID, customer_id: UUID) -> UUID:
    flow_id, journey_id, task_id = new_id(), new_id(), new_id()
    about = {"store_id": store_id, "flow_id": flow_id, "version": 1}
    person = {"customer_id": customer_id, "journey_id": journey_id}
    with store_transaction(store_id) as session:
        session.add(Flow(store_id=store_id, flow_id=flow_id, slug="score", version=1))
        session.flush()
        session.add(FlowVersion(**about, source="x"))
        session.flush()
        session.add(Journey(**about, **person, entry_key="1", arm="treated"))
        session.flush()
        session.add(
            Task(
                store_id=store_id,
                task_id=task_id,
                **person,
                step="call",
                title="Call",
                script="",
                owner="support",
                due_at=START,
                holds_promotions=True,
            )
        )
    return task_id
