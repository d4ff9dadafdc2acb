"""The consent ledger: what holds, what is told to whom, and for whom it speaks."""

from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import clock, customers
from app.customers import ChangeKind
from app.customers.snapshot import ConsentNow
from app.events import CONFIRMED_OPT_IN, CustomerDeleted, Person
from app.models import ConsentEntry, ConsentWriteback, Customer
from app.tenancy import store_transaction
from tests.integration.customers.people import at, choice, order, seen, tell

ANA = "ana@example.com"
PHONE = "+393471234567"


def id_of(store_id: UUID, email: str = ANA) -> UUID:
    with store_transaction(store_id) as session:
        found = customers.find_customer(session, email)
    assert found is not None
    return found.customer_id


def now(store_id: UUID, email: str = ANA) -> dict[str, ConsentNow]:
    person = id_of(store_id, email)
    with store_transaction(store_id) as session:
        return customers.consent_now(session, [person])[person]


def writebacks(store_id: UUID) -> list[tuple[str, str, str]]:
    with store_transaction(store_id) as session:
        rows = session.scalars(select(ConsentWriteback))
        return sorted((row.channel, row.state, row.target) for row in rows)


def test_a_choice_is_a_change_only_when_it_is_the_newest(store_id: UUID) -> None:
    first = tell(store_id, choice(5, "subscribed", email=ANA))
    older = tell(store_id, choice(1, "unsubscribed", email=ANA))

    [change] = [c for c in first if c.kind is ChangeKind.CONSENT_CHANGED]
    assert change.values == {"channel": "email", "state": "subscribed"}
    assert [c for c in older if c.kind is ChangeKind.CONSENT_CHANGED] == []
    assert now(store_id)["email"] == ConsentNow(state="subscribed", since=at(5), source="shopify")


def test_an_opt_out_is_told_to_everybody_but_its_source(store_id: UUID) -> None:
    tell(
        store_id,
        choice(0, "unsubscribed", "email", source="klaviyo", email=ANA),
        choice(0, "unsubscribed", "sms", source="twilio", email=ANA, phone=PHONE),
        choice(0, "unsubscribed", "whatsapp", source="shopify", email=ANA, phone=PHONE),
    )

    assert writebacks(store_id) == [
        ("email", "unsubscribed", "shop"),
        ("sms", "unsubscribed", "klaviyo"),
        ("sms", "unsubscribed", "shop"),
        ("whatsapp", "unsubscribed", "twilio"),
    ]


def test_a_first_opt_in_is_not_told_back_but_a_return_is(store_id: UUID) -> None:
    tell(store_id, choice(0, "subscribed", email=ANA))
    before = writebacks(store_id)
    tell(store_id, choice(1, "unsubscribed", email=ANA))
    tell(store_id, choice(2, "subscribed", email=ANA))

    assert before == []
    assert writebacks(store_id) == [
        ("email", "subscribed", "klaviyo"),
        ("email", "unsubscribed", "klaviyo"),
    ]


def test_an_opt_out_from_history_is_told_only_where_we_took_the_person_for_subscribed(
    store_id: UUID,
) -> None:
    tell(store_id, choice(0, "unsubscribed", email="ugo@example.com"), live=False)
    alone = writebacks(store_id)
    tell(store_id, choice(0, "subscribed", email=ANA), live=False)
    tell(store_id, choice(1, "unsubscribed", email=ANA), live=False)

    assert alone == []
    assert writebacks(store_id) == [("email", "unsubscribed", "klaviyo")]


def test_a_customer_deleted_in_the_shop_has_no_consent_and_no_key(store_id: UUID) -> None:
    tell(store_id, choice(0, "subscribed", platform_key="7", email=ANA))

    tell(store_id, CustomerDeleted(platform_key="7", updated_at=at(5)))

    with store_transaction(store_id) as session:
        assert session.scalars(select(Customer.platform_key)).all() == [None]
    assert {held.state for held in now(store_id).values()} == {"unsubscribed"}
    assert writebacks(store_id) == []


def test_an_opt_out_by_number_silences_everybody_who_has_it(store_id: UUID) -> None:
    ugo = "ugo@example.com"
    tell(
        store_id,
        order("1", 0, Person(email=ANA, phone=PHONE)),
        order("2", 1, Person(email=ugo, phone=PHONE)),
        choice(2, "subscribed", "sms", email=ugo, phone=PHONE),
    )

    tell(store_id, choice(3, "unsubscribed", "sms", source="twilio", phone=PHONE))

    assert now(store_id, ANA)["sms"].state == "unsubscribed"
    assert now(store_id, ugo)["sms"].state == "unsubscribed"


def test_a_choice_made_with_us_is_recorded_once_and_logged(store_id: UUID) -> None:
    tell(store_id, seen(0, email=ANA))
    person = id_of(store_id)

    def opt_out() -> bool:
        with store_transaction(store_id) as session:
            return customers.record_choice(
                session,
                person,
                "email",
                "unsubscribed",
                source="link",
                at=at(9),
                evidence={"message_id": "m1"},
            )

    assert [opt_out(), opt_out()] == [True, False]
    assert writebacks(store_id) == [
        ("email", "unsubscribed", "klaviyo"),
        ("email", "unsubscribed", "shop"),
    ]
    with store_transaction(store_id) as session:
        customers.rebuild(session)
    with store_transaction(store_id) as session:
        [entry] = session.scalars(select(ConsentEntry))
    assert (entry.source, entry.address, entry.evidence) == ("link", ANA, {"message_id": "m1"})
    assert now(store_id)["email"].state == "unsubscribed"


@pytest.mark.requirement(125)
def test_a_confirmed_opt_in_is_known_from_the_ledger_until_it_is_refused(store_id: UUID) -> None:
    tell(store_id, choice(0, "subscribed", email=ANA))
    ticked = now(store_id)["email"]
    tell(store_id, choice(1, "subscribed", level=CONFIRMED_OPT_IN, email=ANA))
    confirmed = now(store_id)["email"]
    tell(store_id, choice(2, "subscribed", source="woocommerce", email=ANA))
    ticked_again = now(store_id)["email"]
    tell(store_id, choice(3, "unsubscribed", email=ANA), choice(4, "subscribed", email=ANA))

    assert [one.confirmed for one in (ticked, confirmed, ticked_again)] == [False, True, True]
    assert not now(store_id)["email"].confirmed


def test_a_confirmation_is_that_of_its_address(store_id: UUID) -> None:
    tell(
        store_id,
        seen(0, platform_key="7", email=ANA, phone=PHONE),
        choice(1, "subscribed", level=CONFIRMED_OPT_IN, platform_key="7", email=ANA),
        choice(1, "subscribed", "sms", level=CONFIRMED_OPT_IN, platform_key="7", phone=PHONE),
        choice(1, "pending", "whatsapp", level=CONFIRMED_OPT_IN, platform_key="7", phone=PHONE),
    )
    before = {channel: held.confirmed for channel, held in now(store_id).items()}

    tell(store_id, seen(2, platform_key="7", email="ana@elsewhere.example"))

    assert before == {"email": True, "sms": True, "whatsapp": False}
    after = now(store_id, "ana@elsewhere.example")
    assert (after["email"].state, after["email"].confirmed) == ("subscribed", False)
    assert after["sms"].confirmed


def test_a_choice_of_nobody_is_no_choice(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        recorded = customers.record_choice(
            session, store_id, "sms", "unsubscribed", source="twilio", at=clock.now(), evidence={}
        )

    assert recorded is False


@pytest.mark.requirement(18)
def test_the_ledger_cannot_be_rewritten(store_id: UUID) -> None:
    tell(store_id, choice(0, "unsubscribed", email=ANA))

    with pytest.raises(DBAPIError, match="append-only"), store_transaction(store_id) as session:
        session.execute(text("UPDATE consent_ledger SET state = 'subscribed'"))
