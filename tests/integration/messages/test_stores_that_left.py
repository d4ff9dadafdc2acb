"""Errands of stores that left: what can still be done is done, the rest ends with its reason."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import offers
from app.channels import ChannelName, Unknown
from app.crypto import Vault
from app.errors import AccessLost, Unreachable
from app.events import ConsentChannel, ConsentState
from app.messages import erase_due, write_back_due
from app.messages.choices import choose
from app.models import ConsentWriteback, Credential, Customer, Erasure, Offer
from app.stores import lifecycle
from app.stores.credentials import Secret, save
from app.tenancy import store_transaction
from tests.fakes.town import Town


def owes_an_erasure(town: Town) -> None:
    vault = Vault(town.config.keys)
    with store_transaction(town.store_id) as session:
        sealed = vault.seal(json.dumps(["ana@example.com"]))
        session.add(Erasure(store_id=town.store_id, sealed=sealed))
        for kind in ("shop", "klaviyo"):
            save(session, vault, town.store_id, Secret(kind=kind, values={"key": "k"}))


def leaves(town: Town) -> None:
    with store_transaction(town.store_id) as session:
        assert lifecycle.uninstall(session, town.clock.moment + timedelta(days=1))


def credentials(town: Town) -> set[str]:
    with store_transaction(town.store_id) as session:
        return set(session.scalars(select(Credential.kind)))


def erasure(town: Town) -> Erasure:
    with store_transaction(town.store_id) as session:
        return session.scalars(select(Erasure)).one()


def test_a_provider_forgets_a_person_even_after_their_store_has_left_and_was_erased(
    town: Town,
) -> None:
    owes_an_erasure(town)
    leaves(town)
    assert credentials(town) == {"klaviyo"}
    with store_transaction(town.store_id) as session:
        assert lifecycle.erase(session, town.clock.moment)
        assert session.scalar(select(func.count()).select_from(Customer)) == 0

    town.connections.channel_problem = Unreachable("Not now.")
    erase_due(town.store_id, town.connections, 10)
    assert credentials(town) == {"klaviyo"}
    town.connections.channel_problem = None
    town.clock.advance(hours=1)
    erase_due(town.store_id, town.connections, 10)

    assert town.mail.erased == ["ana@example.com"]
    assert erasure(town).sealed is None
    assert credentials(town) == set()


def test_an_erasure_that_nobody_lets_us_make_ends_with_its_reason(town: Town) -> None:
    owes_an_erasure(town)
    leaves(town)
    town.connections.channel_problem = AccessLost("Klaviyo refuses the key.")

    erase_due(town.store_id, town.connections, 10)

    row = erasure(town)
    assert (row.sealed, row.error) == (None, "Klaviyo refuses the key.")
    assert row.done_at is not None
    assert credentials(town) == set()


@pytest.mark.parametrize("days", [29, 31])
def test_an_erasure_is_tried_for_a_month(town: Town, days: int) -> None:
    owes_an_erasure(town)
    town.connections.channel_problem = Unreachable("Not now.")
    town.clock.advance(days=days)

    erase_due(town.store_id, town.connections, 10)

    assert (erasure(town).done_at is None) is (days == 29)


def test_a_choice_that_can_be_brought_nowhere_any_more_ends_with_its_reason(town: Town) -> None:
    with store_transaction(town.store_id) as session:
        ana = session.scalars(select(Customer.customer_id)).one()
        choice = (ConsentChannel.EMAIL, ConsentState.UNSUBSCRIBED)
        choose(session, ana, choice, town.clock.moment, {"source": "link"})
    leaves(town)

    write_back_due(town.store_id, town.connections, 10)

    with store_transaction(town.store_id) as session:
        rows = session.scalars(select(ConsentWriteback)).all()
    assert rows and all(row.done_at and row.error == "The store has left." for row in rows)


def test_a_lost_answer_of_a_store_that_left_is_not_asked_for_any_more(town: Town) -> None:
    message_id = town.plan(channel=ChannelName.SMS)
    town.phone.answers = [Unknown(detail="The answer was lost.")]
    town.send()
    leaves(town)
    town.clock.advance(minutes=5)

    town.send()

    message = town.message(message_id)
    assert (message.status, message.reason) == ("failed", "store_gone")


def test_a_lost_answer_is_asked_for_three_days_whoever_is_to_blame(town: Town) -> None:
    message_id = town.plan(channel=ChannelName.SMS)
    town.phone.answers = [Unknown(detail="The answer was lost.")]
    town.send()
    town.connections.channel_problem = AccessLost("Twilio refuses the key.")

    town.clock.advance(days=4)
    town.send()

    message = town.message(message_id)
    assert (message.status, message.reason) == ("failed", "result_unknown")


def test_codes_of_a_store_that_left_are_neither_made_nor_unmade(town: Town) -> None:
    town.want(town.journey())

    with store_transaction(town.store_id) as session:
        assert offers.let_go(session) == 1

    with store_transaction(town.store_id) as session:
        offer = session.scalars(select(Offer)).one()
        assert (offer.status, offer.reason, offer.due_at) == ("refused", "store_gone", None)
