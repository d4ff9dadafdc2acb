"""`comeback doctor`: every finding with its cost and its way out; exit code 1 only for red."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from app.channels import ChannelHealth
from app.config import Config
from app.inbox.examine import examine
from app.inbox.hearing import hear
from app.inbox.looks import keep_look
from app.models import Credential, StoreStatus, Webhook, WebhookStatus
from app.tenancy import store_transaction
from tests.cli.conftest import Run
from tests.conftest import START, Clock, Machine, MakeStore
from tests.elsewhen import a_worker_compares


def breaks(store_id: UUID, kind: str = "twilio", problem: str = "The token is dead.") -> None:
    with store_transaction(store_id) as session:
        session.add(
            Credential(
                store_id=store_id,
                kind=kind,
                sealed=b"",
                broken_since=START,
                broken_reason=problem,
            )
        )


def fails(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        row = Webhook(store_id=store_id, webhook_key="w", topic="orders/create", body=b"{}")
        row.status, row.error = WebhookStatus.FAILED, "total_price: missing"
        session.add(row)


def test_a_store_that_is_well_ends_with_0(run: Run, store_id: UUID) -> None:
    result = run("doctor")

    assert result.exit_code == 0
    assert ": well" in result.output


def test_what_is_broken_is_told_with_since_when_and_what_to_do(run: Run, store_id: UUID) -> None:
    breaks(store_id)

    result = run("doctor")

    assert result.exit_code == 1
    assert "RED channel_broken: Twilio refuses our access" in result.output
    assert "since 2026-03-02 09:00 UTC" in result.output
    assert "Do: Give new credentials" in result.output


def test_what_tells_no_time_itself_is_told_since_the_look_that_first_found_it(
    run: Run, store_id: UUID, config: Config, clock: Clock
) -> None:
    spent = ChannelHealth(ok=True, sentence="", balance=(Decimal(0), "USD"))
    with store_transaction(store_id) as session:
        keep_look(session, "twilio", spent)
    examine(store_id, config)
    clock.advance(hours=5)

    told = run("doctor").output

    assert "RED balance_spent" in told
    assert "since 2026-03-02 09:00 UTC" in told


def test_what_is_only_amber_ends_with_0(run: Run, store_id: UUID) -> None:
    fails(store_id)

    result = run("doctor")

    assert result.exit_code == 0
    assert "AMBER webhooks_failed" in result.output
    assert "; 1 webhook" in result.output


def test_one_store_that_is_red_is_enough_and_one_can_be_asked_for(
    run: Run, make_store: MakeStore
) -> None:
    sick = make_store(domain="sick.myshopify.com")
    make_store(domain="sound.myshopify.com")
    breaks(sick, "shop")

    assert run("doctor").exit_code == 1
    assert run("doctor", "sound").exit_code == 0
    assert run("doctor", "sick").exit_code == 1


def test_of_one_store_every_topic_is_shown(run: Run, store_id: UUID, clock: Clock) -> None:
    with store_transaction(store_id) as session:
        hear(session, [("orders/create", START - timedelta(hours=n)) for n in range(504)])

    result = run("doctor", str(store_id))

    assert "orders/create" in result.output
    assert "2026-03-02 09:00" in result.output


def test_a_store_that_has_left_is_no_trouble(run: Run, make_store: MakeStore) -> None:
    gone = make_store(status=StoreStatus.UNINSTALLED)
    breaks(gone)

    result = run("doctor", str(gone))

    assert result.exit_code == 0
    assert "uninstalled" in result.output


def test_without_a_store_there_is_nothing_to_be_ill(run: Run) -> None:
    result = run("doctor")

    assert (result.exit_code, result.output.startswith("No shop")) == (0, True)


def test_a_clock_that_is_off_is_told_once_for_all_stores(
    run: Run, make_store: MakeStore, database: Machine
) -> None:
    make_store()
    make_store()
    a_worker_compares(database, ahead=90)

    result = run("doctor")

    assert result.exit_code == 1
    assert result.output.count("RED clock_off") == 1
    assert result.output.count(": well") == 2


def test_the_clock_of_a_demo_is_as_right_as_its_machine_s(
    run: Run, store_id: UUID, database: Machine, clock: Clock
) -> None:
    clock.advance(days=400)
    a_worker_compares(database, ahead=0)

    assert run("doctor").exit_code == 0
