"""Whom we mailed has a profile in the merchant's account, and it is kept right."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app import customers
from app.channels import ChannelName
from app.errors import InvalidInput, Unreachable
from app.events import CustomerDeleted, CustomerSeen, Person
from app.inbox.sweep import due_stores
from app.messages import upsert_due
from app.models import Customer, ProfileUpsert
from app.stores import lifecycle
from app.tenancy import store_transaction
from tests.fakes.channels import Killed
from tests.fakes.town import ANA, Town


def tell(town: Town, limit: int = 10) -> int:
    """What the sync duty does, a few minutes later."""
    town.clock.advance(minutes=2)
    return upsert_due(town.store_id, town.connections, limit)


def mailed(town: Town) -> None:
    """She got a mail, and her profile was told of in full."""
    town.plan()
    town.send()
    tell(town)
    town.mail.profiles.clear()


def changes(town: Town, **values: str) -> Person:
    """The shop's record of her says something new."""
    person = replace(ANA, **values)
    town.tell(CustomerSeen(person=person, updated_at=town.clock.advance(minutes=1)))
    return person


def row(town: Town) -> ProfileUpsert | None:
    with store_transaction(town.store_id) as session:
        return session.scalars(select(ProfileUpsert)).one_or_none()


def test_who_was_mailed_is_told_of_in_full_once(town: Town) -> None:
    """The event carries no number and no place."""
    town.plan()
    town.send()

    assert [tell(town), tell(town)] == [1, 0]

    assert town.mail.profiles == [(ANA, "ana@example.com")]


def test_nobody_is_told_of_whom_we_never_mailed(town: Town) -> None:
    town.plan(channel=ChannelName.SMS)
    town.send()
    changes(town, first_name="Anna")

    assert tell(town) == 0
    assert row(town) is None


@pytest.mark.parametrize("field", ["first_name", "last_name", "locale", "country", "region"])
def test_a_change_is_told_once(town: Town, field: str) -> None:
    mailed(town)
    now = changes(town, **{field: "DE"})

    assert [tell(town), tell(town)] == [1, 0]
    assert town.mail.profiles == [(now, "ana@example.com")]


def test_several_changes_at_once_are_one_call(town: Town) -> None:
    mailed(town)
    changes(town, first_name="Anna")
    now = changes(town, first_name="Anna", last_name="Neri")

    tell(town)

    assert town.mail.profiles == [(now, "ana@example.com")]


def test_what_is_not_on_a_profile_is_not_told(town: Town) -> None:
    mailed(town)
    town.tell(town.order())

    assert tell(town) == 0


def test_a_new_address_is_told_with_the_one_the_profile_has(town: Town) -> None:
    mailed(town)
    now = changes(town, email="ana@work.example")

    tell(town)

    assert town.mail.profiles == [(now, "ana@example.com")]


def test_a_merge_tells_of_who_was_kept_when_only_the_other_was_mailed(town: Town) -> None:
    """Her account was first; the mail went to the guest whom an order shows to be her."""
    mailed(town)
    older = Person(platform_key="78", email="old@example.com", first_name="Ana")
    long_ago = town.clock.moment - timedelta(days=200)
    town.tell(CustomerSeen(person=older, created_at=long_ago, updated_at=long_ago))
    both = Person(platform_key="77", email="old@example.com", phone=ANA.phone)

    town.tell(town.order(person=both, updated_at=town.clock.advance(minutes=1)))

    assert tell(town) == 1
    ((person, formerly),) = town.mail.profiles
    assert person.email == "old@example.com"
    assert formerly == "ana@example.com"


def test_a_change_while_it_is_told_is_told_as_well(town: Town) -> None:
    mailed(town)
    changes(town, first_name="Anna")
    later: list[Person] = []

    def meanwhile(person: Person) -> None:
        if not later:
            later.append(changes(town, first_name="Annamaria"))

    town.mail.on_profile = meanwhile

    assert tell(town) == 1
    assert tell(town) == 1
    assert town.mail.profiles[-1] == (later[0], "ana@example.com")


def test_an_outage_is_waited_out_and_the_rest_are_not_asked(town: Town) -> None:
    mailed(town)
    changes(town, first_name="Anna")
    town.mail.refuses = Unreachable("Not now.", retry_after=3_600)

    assert tell(town) == 0
    town.mail.refuses = None
    assert tell(town) == 0
    town.clock.advance(hours=1)

    assert tell(town) == 1
    assert len(town.mail.profiles) == 2


def test_what_is_refused_for_good_waits_for_the_next_change(town: Town) -> None:
    mailed(town)
    changes(town, email="ana@odd.example")
    town.mail.refuses = InvalidInput("email", "Klaviyo does not accept this address")

    tell(town)
    town.clock.advance(days=3)
    tell(town)
    assert len(town.mail.profiles) == 1
    known = row(town)
    assert known is not None
    assert "does not accept" in str(known.error)
    town.mail.refuses = None
    changes(town, email="ana@fine.example")

    assert tell(town) == 1


def test_a_killed_worker_leaves_it_to_the_next(town: Town) -> None:
    mailed(town)
    changes(town, first_name="Anna")

    def kill(_: Person) -> None:
        raise Killed

    town.mail.on_profile = kill
    with pytest.raises(Killed):
        tell(town)
    town.mail.on_profile = None

    assert tell(town) == 0
    town.clock.advance(minutes=10)
    assert tell(town) == 1


def test_an_erased_person_is_not_told_of(town: Town) -> None:
    mailed(town)
    changes(town, first_name="Anna")
    with store_transaction(town.store_id) as session:
        ana = session.scalars(select(Customer).where(Customer.email == ANA.email)).one()
        customers.erase_customer(session, ana, keys=town.config.keys, now=town.clock.moment)

    assert tell(town) == 0
    assert row(town) is None


def test_a_record_deleted_at_the_shop_clears_nothing(town: Town) -> None:
    mailed(town)
    town.tell(CustomerDeleted(platform_key="77", updated_at=town.clock.advance(minutes=1)))

    tell(town)

    ((person, _),) = town.mail.profiles
    assert (person.email, person.platform_key) == ("ana@example.com", None)


def test_a_store_that_left_owes_nothing(town: Town) -> None:
    mailed(town)
    changes(town, first_name="Anna")
    with store_transaction(town.store_id) as session:
        lifecycle.uninstall(session, town.clock.moment + timedelta(days=1))

    tell(town)

    assert town.mail.profiles == []
    known = row(town)
    assert known is not None
    assert known.due_at is None


def test_the_sweep_finds_what_is_due(town: Town) -> None:
    mailed(town)
    changes(town, first_name="Anna")
    ours: UUID = town.store_id
    assert ours not in due_stores()["sync"]

    town.clock.advance(minutes=2)

    assert ours in due_stores()["sync"]
