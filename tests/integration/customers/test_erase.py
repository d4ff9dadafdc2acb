"""Forgetting a person, finding one, and telling them what we hold."""

import json
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app import customers
from app.config import Config
from app.events import CustomerFact, Person
from app.models import (
    Base,
    Customer,
    Decision,
    Flow,
    FlowVersion,
    Journey,
    Message,
    Order,
    Webhook,
    WebhookStatus,
    new_id,
)
from app.tenancy import store_transaction
from tests.conftest import START
from tests.integration.customers.people import at, cart, choice, order, seen, tell

EMAIL, PHONE = "ana@example.com", "+393471234567"
ANA = Person(
    platform_key="7654321", email=EMAIL, phone=PHONE, first_name="Annunziata", last_name="Rossi"
)


@pytest.fixture
def facts() -> list[CustomerFact]:
    return [
        seen(0, platform_key="7654321", email=EMAIL, phone=PHONE, first_name="Annunziata"),
        cart("cart-token-1", minutes=1, person=ANA),
        order(
            "1",
            5,
            ANA,
            cart_keys=("cart-token-1",),
            discount_codes=("ANA-10",),
            utm={"utm_id": "x"},
        ),
        choice(6, "subscribed", email=EMAIL, platform_key="7654321"),
    ]


def erase(store_id: UUID, config: Config, text: str = EMAIL) -> list[str]:
    with store_transaction(store_id) as session:
        customer = customers.find_customer(session, text)
        assert customer is not None
        return customers.erase_customer(session, customer, keys=config.keys, now=at(60))


def everything(store_id: UUID) -> str:
    """All rows of the store as text."""
    with store_transaction(store_id) as session:
        tables = [t for t in Base.metadata.sorted_tables if "store_id" in t.columns]
        rows = [str(dict(row)) for t in tables for row in session.execute(select(t)).mappings()]
    return "\n".join(rows)


@pytest.mark.requirement(125)
def test_nothing_that_names_an_erased_person_stays(
    store_id: UUID, config: Config, facts: list[CustomerFact]
) -> None:
    tell(store_id, *facts, keys=config.keys)
    _message(store_id)
    _webhooks(store_id)

    addresses = erase(store_id, config)

    assert addresses == sorted([EMAIL, PHONE])
    left = everything(store_id)
    for trace in (
        EMAIL,
        PHONE,
        "7654321",
        "Annunziata",
        "Rossi",
        "ANA-10",
        "cart-token-1",
        "utm_id",
    ):
        assert trace not in left


def test_the_orders_of_an_erased_person_stay_in_the_accounts(
    store_id: UUID, config: Config, facts: list[CustomerFact]
) -> None:
    tell(store_id, *facts, keys=config.keys)
    erase(store_id, config)

    with store_transaction(store_id) as session:
        customers.rebuild(session)
        customer = session.scalars(select(Customer)).one()
        bought = session.scalars(select(Order)).one()
    assert (customer.erased_at, customer.orders_count) == (at(60), 1)
    assert (bought.customer_id, bought.total_minor, bought.counts) == (
        customer.customer_id,
        1_000,
        True,
    )


def test_no_source_brings_an_erased_person_back(
    store_id: UUID, config: Config, facts: list[CustomerFact]
) -> None:
    tell(store_id, *facts, keys=config.keys)
    erase(store_id, config)

    tell(store_id, *facts, keys=config.keys)
    tell(
        store_id,
        order("2", 90, ANA),
        choice(91, "subscribed", "sms", phone=PHONE),
        keys=config.keys,
    )

    with store_transaction(store_id) as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 1
        assert session.get_one(Order, (store_id, "2")).customer_id is None
        reasons = {
            customers.is_suppressed(session, channel, address, keys=config.keys)
            for channel, address in (("email", EMAIL), ("sms", PHONE), ("whatsapp", PHONE))
        }
    assert reasons == {"erased"}
    assert EMAIL not in everything(store_id)


def test_a_number_that_somebody_else_has_stays_theirs(
    store_id: UUID, config: Config, facts: list[CustomerFact]
) -> None:
    tell(store_id, *facts, order("2", 9, Person(email="ugo@example.com", phone=PHONE)))

    addresses = erase(store_id, config)

    assert addresses == [EMAIL]
    with store_transaction(store_id) as session:
        assert customers.is_suppressed(session, "sms", PHONE, keys=config.keys) is None
        ugo = customers.find_customer(session, "ugo@example.com")
    assert ugo is not None and ugo.phone == PHONE


@pytest.mark.requirement(125)
def test_a_refusal_by_number_outlives_the_ledger_of_whoever_made_it(
    store_id: UUID, config: Config, facts: list[CustomerFact]
) -> None:
    tell(store_id, *facts, choice(8, "unsubscribed", "sms", phone=PHONE, email=EMAIL))
    tell(store_id, order("2", 9, Person(email="ugo@example.com", phone=PHONE)))

    erase(store_id, config)

    with store_transaction(store_id) as session:
        ugo = customers.find_customer(session, "ugo@example.com")
        assert ugo is not None and ugo.suppressed == {"sms": "opted_out"}


def test_a_refusal_by_number_silences_nobody_who_has_agreed_since(
    store_id: UUID, config: Config, facts: list[CustomerFact]
) -> None:
    ugo = Person(email="ugo@example.com", phone=PHONE)
    tell(
        store_id,
        *facts,
        choice(8, "unsubscribed", "sms", phone=PHONE, email=EMAIL),
        order("2", 9, ugo),
        choice(10, "subscribed", "sms", phone=PHONE, email=ugo.email),
    )

    erase(store_id, config)

    with store_transaction(store_id) as session:
        assert customers.is_suppressed(session, "sms", PHONE, keys=config.keys) is None


def test_erasing_twice_is_erasing_once(
    store_id: UUID, config: Config, facts: list[CustomerFact]
) -> None:
    tell(store_id, *facts)
    with store_transaction(store_id) as session:
        customer = customers.find_customer(session, EMAIL)
        assert customer is not None
    erase(store_id, config)

    assert erase(store_id, config, str(customer.customer_id)) == []


def test_an_export_holds_everything_as_json(store_id: UUID, facts: list[CustomerFact]) -> None:
    tell(store_id, *facts)
    with store_transaction(store_id) as session:
        customer = customers.find_customer(session, EMAIL)
        assert customer is not None
        content = customers.export_customer(session, customer)

    assert json.loads(json.dumps(content)) == content
    assert set(content) == {
        "customers",
        "identities",
        "carts",
        "cart_keys",
        "consent_ledger",
        "event_log",
        "orders",
        "order_lines",
    }
    assert content["customers"][0]["email"] == EMAIL


@pytest.mark.parametrize("text", [EMAIL, "ANA@example.com ", PHONE, "+39 347 123 4567", "7654321"])
def test_a_person_is_found_by_any_of_their_names(
    store_id: UUID, facts: list[CustomerFact], text: str
) -> None:
    tell(store_id, *facts)

    with store_transaction(store_id) as session:
        found = customers.find_customer(session, text)

    assert found is not None and found.email == EMAIL


def test_a_person_is_found_by_the_id_they_had_before_a_merge(store_id: UUID) -> None:
    tell(store_id, seen(0, platform_key="7"), seen(1, email=EMAIL))
    with store_transaction(store_id) as session:
        gone = customers.find_customer(session, EMAIL)
        assert gone is not None
    tell(store_id, seen(2, platform_key="7", email=EMAIL))

    with store_transaction(store_id) as session:
        found = customers.find_customer(session, str(gone.customer_id))
        nobody = customers.find_customer(session, str(new_id()))

    assert found is not None and found.platform_key == "7"
    assert nobody is None


def test_people_are_found_by_what_a_request_names_and_by_their_orders(store_id: UUID) -> None:
    tell(store_id, order("1", 0, ANA), order("2", 1, Person(email="ugo@example.com")))

    with store_transaction(store_id) as session:
        by_email = customers.find_people(session, Person(email=EMAIL, phone=PHONE), ())
        by_phone = customers.find_people(session, Person(phone=PHONE), ())
        by_order = customers.find_people(session, Person(), ("2",))

    assert [person.email for person in (*by_email, *by_phone, *by_order)] == [
        EMAIL,
        EMAIL,
        "ugo@example.com",
    ]


@pytest.mark.requirement(18)
def test_an_address_is_silenced_now_and_for_whoever_gets_it_later(
    store_id: UUID, config: Config
) -> None:
    tell(store_id, seen(0, email=EMAIL), keys=config.keys)
    with store_transaction(store_id) as session:
        customers.suppress(session, "email", EMAIL, "bounced", keys=config.keys)
        customers.suppress(session, "sms", PHONE, "bad_address", keys=config.keys)

    tell(store_id, seen(1, email="ugo@example.com", phone=PHONE), keys=config.keys)

    with store_transaction(store_id) as session:
        rows = session.scalars(select(Customer))
        assert {row.email: row.suppressed for row in rows} == {
            EMAIL: {"email": "bounced"},
            "ugo@example.com": {"sms": "bad_address"},
        }


def _message(store_id: UUID) -> None:
    """A message to her on its way, with a decision that names her."""
    flow_id, journey_id = new_id(), new_id()
    with store_transaction(store_id) as session:
        customer = customers.find_customer(session, EMAIL)
        assert customer is not None
        about = {"store_id": store_id, "flow_id": flow_id, "version": 1}
        person = {"customer_id": customer.customer_id, "journey_id": journey_id}
        session.add(Flow(store_id=store_id, flow_id=flow_id, slug="cart", version=1))
        session.flush()
        session.add(FlowVersion(**about, source="x"))
        session.flush()
        session.add(
            Journey(**about, **person, entry_key="once", arm="treated", context={"email": EMAIL})
        )
        session.flush()
        session.add(
            Message(
                **about,
                **person,
                step="mail",
                name="mail",
                channel="email",
                purpose="cart",
                commercial=True,
                basis="opt_in",
                locale="it",
                address=EMAIL,
                body="Ciao Annunziata",
                due_at=START,
            )
        )
        session.add(
            Decision(**about, **person, outcome="send", reason="planned", compared={"to": EMAIL})
        )


def _webhooks(store_id: UUID) -> None:
    bodies = [
        b'{"email":"ANA@example.com"}',
        b'{"order":{"customer":{"id":7654321}}}',
        b'{"id":1}',
    ]
    with store_transaction(store_id) as session:
        for number, body in enumerate(bodies):
            session.add(
                Webhook(
                    store_id=store_id,
                    webhook_key=str(number),
                    topic="orders/create",
                    body=body,
                    status=WebhookStatus.APPLIED,
                )
            )
