"""`comeback why`, `export` and `erase`: one person, by id, address or number."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from app import clock, customers
from app.customers import Incoming
from app.events import ConsentChanged, ConsentChannel, ConsentState, CustomerSeen, Person
from app.flows import activate, import_flow
from app.inbox import take_changes
from app.models import Customer, Erasure, Journey, JourneyStatus
from app.stores.lifecycle import this_store
from app.stores.notices import tell
from app.tenancy import store_transaction
from tests.cli.conftest import Run, count
from tests.conftest import START, MakeStore
from tests.unit.flows.making import flow_text

ANA = Person(
    platform_key="cust-7",
    email="ana@example.com",
    phone="+393331234567",
    first_name="Ana",
    country="IT",
    locale="it",
)
ID = "the id"
FLOW = flow_text("  - send: {channel: email, message: hello}", more="holdout: 0%")


@pytest.fixture
def ana(store_id: UUID, run: Run) -> UUID:
    """Ana, who has come to the store and agreed to e-mail; a flow without a holdout let her in."""
    with store_transaction(store_id) as session:
        store = this_store(session)
        import_flow(session, store, FLOW, clock.now())
        activate(session, store, "test-flow", clock.now())
    facts = (
        CustomerSeen(person=ANA, updated_at=START, created_at=START),
        ConsentChanged(
            person=ANA,
            channel=ConsentChannel.EMAIL,
            state=ConsentState.SUBSCRIBED,
            source="checkout",
            updated_at=START,
        ),
    )
    incoming = [Incoming(fact=fact, source="webhook", live=True) for fact in facts]
    with store_transaction(store_id) as session:
        changes = customers.apply(session, incoming, clock.now())
        take_changes(session, this_store(session), changes)
        return session.scalars(select(Customer.customer_id)).one()


@pytest.mark.parametrize("name", [ID, "ANA@example.com", "+39 333 123 4567"])
def test_a_person_is_found_by_id_address_or_number(
    run: Run, store_id: UUID, ana: UUID, name: str
) -> None:
    result = run("why", str(store_id), str(ana) if name == ID else name)

    assert result.exit_code == 0, result.output
    assert f"id {ana}" in result.stdout


def test_the_record_tells_what_happened_and_why_in_the_language_asked_for(
    run: Run, store_id: UUID, ana: UUID
) -> None:
    english = run("why", str(store_id), str(ana), "--lang", "en").stdout
    italian = run("why", str(store_id), str(ana)).stdout

    assert "email: subscribed since 2026-03-02 10:00 (checkout)" in english
    assert "Details at the shop" in english
    assert "test-flow, at the door: Entered" in english
    assert "Entered the flow." in english
    assert "test-flow, all'ingresso: Entrato" in italian
    assert "È entrato nel flusso." in italian
    assert "Times are those of Europe/Rome." in english


def test_nobody_is_told_with_the_ways_to_name_somebody(run: Run, store_id: UUID) -> None:
    result = run("why", str(store_id), "bea@example.com")

    assert result.exit_code == 1
    assert "knows nobody as “bea@example.com”; give an id, an e-mail address" in result.stderr


def test_a_person_of_another_store_is_not_known(run: Run, make_store: MakeStore, ana: UUID) -> None:
    other = make_store()

    assert run("why", str(other), str(ana)).exit_code == 1
    assert run("erase", str(other), "ana@example.com", "--yes").exit_code == 1


def test_erasing_shows_who_it_is_and_a_no_keeps_them(run: Run, store_id: UUID, ana: UUID) -> None:
    result = run("erase", str(store_id), "ana@example.com", answers=("n",))

    assert result.exit_code == 1
    assert "Ana (ana@example.com, +393331234567), 0 orders" in result.stdout
    assert run("why", str(store_id), "ana@example.com").exit_code == 0


@pytest.mark.requirement(125)
def test_a_yes_forgets_the_person_ends_their_journeys_and_tells_the_providers(
    run: Run, store_id: UUID, ana: UUID
) -> None:
    result = run("erase", str(store_id), "ana@example.com", answers=("y",))

    assert result.exit_code == 0, result.output
    assert run("why", str(store_id), "ana@example.com").exit_code == 1
    with store_transaction(store_id) as session:
        person = session.get_one(Customer, (store_id, ana))
        assert (person.email, person.phone, person.first_name) == (None, None, None)
        active = select(Journey).where(Journey.status == JourneyStatus.ACTIVE)
        assert session.scalars(active).all() == []
    assert count(Erasure) == 1


def test_somebody_who_is_forgotten_is_not_forgotten_twice(
    run: Run, store_id: UUID, ana: UUID
) -> None:
    run("erase", str(store_id), str(ana), "--yes")

    again = run("erase", str(store_id), str(ana), "--yes")

    assert again.exit_code == 1
    assert "is forgotten already" in again.stderr
    assert count(Erasure) == 1


def test_what_is_held_about_a_person_is_written_to_a_file_to_hand_over(
    run: Run, store_id: UUID, ana: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "ana.json"

    result = run("export", str(store_id), "ana@example.com", str(file))

    assert result.exit_code == 0, result.output
    assert json.loads(file.read_text("utf-8"))["customers"][0]["customer_id"] == str(ana)
    assert json.loads(run("export", str(store_id), str(ana)).stdout)["journeys"]


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(
    run: Run, store_id: UUID, ana: UUID, tmp_path: Path
) -> None:
    result = run("export", str(store_id), str(ana), str(tmp_path / "no" / "such" / "folder"))

    assert result.exit_code == 1
    assert "cannot be written" in result.output


def test_a_shop_says_how_to_answer_a_data_request(run: Run, store_id: UUID, ana: UUID) -> None:
    with store_transaction(store_id) as session:
        tell(session, "data_request:1", kind="data_request", details={"customer_id": str(ana)})

    shown = run("store", "show", str(store_id))

    assert str(ana) in shown.output and "comeback export" in shown.output
