"""Who is one person, who is not, and what moves when two turn out to be one."""

from uuid import UUID

import pytest
from sqlalchemy import Select, Table, func, select

from app import clock, customers
from app.customers import ChangeKind
from app.customers.merging import tables_of_customers
from app.events import CustomerActed, Person
from app.models import (
    Base,
    Customer,
    Decision,
    Flow,
    FlowMember,
    FlowVersion,
    Identity,
    Journey,
    Merge,
    Message,
    Order,
    new_id,
)
from app.tenancy import store_transaction
from tests.conftest import START
from tests.integration.customers.people import at, cart, choice, kinds, order, seen, tell

PHONE = "+393471234567"


def people(store_id: UUID) -> list[Customer]:
    with store_transaction(store_id) as session:
        return list(session.scalars(select(Customer).order_by(Customer.first_seen_at)))


@pytest.mark.requirement(10)
def test_a_guest_who_opens_an_account_is_one_person(store_id: UUID) -> None:
    tell(store_id, order("1", 0, Person(email="ana@example.com")))

    changes = tell(store_id, seen(60, platform_key="7", email="Ana@example.com"))

    [ana] = people(store_id)
    assert (ana.platform_key, ana.email, ana.orders_count) == ("7", "ana@example.com", 1)
    assert kinds(changes) == [ChangeKind.CUSTOMER_CHANGED]


def test_an_order_that_names_two_customers_makes_them_one_and_says_why(store_id: UUID) -> None:
    tell(store_id, seen(0, platform_key="7"), seen(5, email="ana@example.com"))
    first, second = people(store_id)

    changes = tell(store_id, order("1", 9, Person(platform_key="7", email="ana@example.com")))

    [merged] = [change for change in changes if change.kind is ChangeKind.MERGED]
    assert merged.customer_id == first.customer_id
    assert merged.values["gone_id"] == second.customer_id
    with store_transaction(store_id) as session:
        record = session.get_one(Merge, (store_id, second.customer_id))
    assert record.kept_id == first.customer_id
    assert record.because["kinds"] == ["order_seen"]
    assert record.because["by"] == ["email", "platform"]


def test_a_checkout_token_of_one_on_an_order_of_another_makes_them_one(store_id: UUID) -> None:
    tell(store_id, cart("t1", minutes=0, person=Person(email="ana@example.com")))
    tell(store_id, seen(1, email="ana@work.example"))

    tell(store_id, order("1", 2, Person(email="ana@work.example"), cart_keys=("t1",)))

    [ana] = people(store_id)
    assert ana.orders_count == 1


@pytest.mark.parametrize("order_of_arrival", [1, -1])
def test_a_number_shared_by_a_family_keeps_two_people(
    store_id: UUID, order_of_arrival: int
) -> None:
    facts = [
        order("1", 0, Person(email="ana@example.com", phone=PHONE)),
        order("2", 5, Person(email="ugo@example.com", phone=PHONE)),
    ]

    tell(store_id, *facts[::order_of_arrival])

    assert {person.email for person in people(store_id)} == {"ana@example.com", "ugo@example.com"}


def test_somebody_known_by_a_number_becomes_whoever_is_first_named_with_it(store_id: UUID) -> None:
    tell(store_id, choice(0, "subscribed", "sms", phone=PHONE))

    tell(store_id, order("1", 5, Person(email="ana@example.com", phone=PHONE)))

    [ana] = people(store_id)
    with store_transaction(store_id) as session:
        consent = customers.consent_now(session, [ana.customer_id])[ana.customer_id]
    assert ana.email == "ana@example.com"
    assert consent["sms"].state == "subscribed"


def test_an_older_claim_takes_over_what_only_the_number_said(store_id: UUID) -> None:
    score = CustomerActed(
        event_key="s1",
        name="score_given",
        person=Person(phone=PHONE),
        values={"value": 3},
        updated_at=at(30),
    )
    tell(store_id, order("2", 20, Person(email="ugo@example.com", phone=PHONE)), score)

    tell(store_id, order("1", 10, Person(email="ana@example.com", phone=PHONE)))

    scores = {person.email: person.score for person in people(store_id)}
    assert scores == {"ana@example.com": 3, "ugo@example.com": None}


def test_a_number_nobody_can_read_names_nobody(store_id: UUID) -> None:
    changes = tell(store_id, choice(0, "subscribed", "sms", phone="347 123 4567"))

    assert changes == []
    assert people(store_id) == []


def test_everything_of_the_one_who_goes_moves_and_a_double_journey_ends(store_id: UUID) -> None:
    tell(store_id, order("1", 0, Person(platform_key="7")), order("2", 5, Person(email="a@b.it")))
    kept, gone = people(store_id)
    theirs = _journeys(store_id, kept.customer_id, gone.customer_id)

    tell(store_id, seen(9, platform_key="7", email="a@b.it"))

    with store_transaction(store_id) as session:
        journeys = {row.journey_id: row for row in session.scalars(select(Journey))}
        left = [
            (table.name, session.scalar(_of(table, store_id, gone.customer_id)))
            for table in [*tables_of_customers(), Base.metadata.tables["customers"]]
        ]
        orders = session.scalars(select(Order.customer_id)).all()
        decided = session.scalars(select(Decision.customer_id)).all()
        sent = session.scalars(select(Message.customer_id)).all()
        names = session.scalar(select(func.count()).select_from(Identity))
    assert [entry for entry in left if entry[1]] == []
    assert set(orders) | set(decided) | set(sent) == {kept.customer_id}
    assert names == 2
    ended = journeys[theirs]
    assert (ended.status, ended.end_reason, ended.due_at) == ("exited", "merged_away", None)
    assert sorted(row.status for row in journeys.values()) == ["active", "exited"]


def _of(table: Table, store_id: UUID, customer_id: UUID) -> Select[int]:
    return (
        select(func.count())
        .select_from(table)
        .where(table.c.store_id == store_id, table.c.customer_id == customer_id)
    )


def _journeys(store_id: UUID, first: UUID, second: UUID) -> UUID:
    """Both people inside one flow by the same entry, the second with a message and a decision."""
    flow_id, journeys = new_id(), (new_id(), new_id())
    with store_transaction(store_id) as session:
        session.add(Flow(store_id=store_id, flow_id=flow_id, slug="welcome", version=1))
        session.flush()
        session.add(FlowVersion(store_id=store_id, flow_id=flow_id, version=1, source="x"))
        session.flush()
        for journey_id, customer_id in zip(journeys, (first, second), strict=True):
            session.add(
                Journey(
                    store_id=store_id,
                    journey_id=journey_id,
                    flow_id=flow_id,
                    version=1,
                    customer_id=customer_id,
                    entry_key="once",
                    arm="treated",
                    due_at=START,
                )
            )
        session.flush()
        session.add(
            Message(
                store_id=store_id,
                journey_id=journeys[1],
                flow_id=flow_id,
                version=1,
                step="mail",
                customer_id=second,
                channel="email",
                name="mail",
                purpose="welcome",
                commercial=True,
                basis="opt_in",
                locale="it",
                due_at=START,
            )
        )
        session.add(
            Decision(
                store_id=store_id,
                customer_id=second,
                flow_id=flow_id,
                version=1,
                journey_id=journeys[1],
                outcome="wait",
                reason="waited",
                decided_at=clock.now(),
            )
        )
    return journeys[1]


def test_only_journeys_can_clash_when_two_people_become_one() -> None:
    """A new unique index with a customer in it needs a rule in `merging` for the double row."""
    unique = {
        table.name
        for table in tables_of_customers()
        for index in table.indexes
        if index.unique and "customer_id" in index.columns
    }

    assert unique == {"journeys"}


def test_both_on_a_list_of_people_are_on_it_once(store_id: UUID) -> None:
    tell(store_id, order("1", 0, Person(platform_key="7")), order("2", 5, Person(email="a@b.it")))
    kept, gone = people(store_id)
    with store_transaction(store_id) as session:
        flow = Flow(store_id=store_id, slug="vip", version=1)
        session.add(flow)
        session.flush()
        for customer in (kept, gone):
            session.add(
                FlowMember(
                    store_id=store_id, flow_id=flow.flow_id, customer_id=customer.customer_id
                )
            )

    tell(store_id, seen(9, platform_key="7", email="a@b.it"))

    with store_transaction(store_id) as session:
        assert session.scalars(select(FlowMember.customer_id)).all() == [kept.customer_id]
