"""`comeback webhooks`: what could not be applied is shown with its reason and tried again."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.models import Customer, Webhook, WebhookStatus
from app.tenancy import store_transaction
from tests.cli.conftest import Run
from tests.conftest import START, MakeStore

BROKEN = b'{"id": '
WHOLE = b'{"id": 7, "email": "ana@example.com", "updated_at": "2026-03-02T09:00:00Z"}'


def keep(store_id: UUID, key: str, body: bytes, status: WebhookStatus) -> UUID:
    with store_transaction(store_id) as session:
        webhook = Webhook(
            store_id=store_id,
            webhook_key=key,
            topic="customers/update",
            body=body,
            status=status,
            received_at=START,
            error="body: not JSON [at all]" if status == WebhookStatus.FAILED else None,
        )
        session.add(webhook)
        session.flush()
        return webhook.webhook_id


def status_of(store_id: UUID, webhook_id: UUID) -> str:
    with store_transaction(store_id) as session:
        return session.get_one(Webhook, (store_id, webhook_id)).status


def test_failures_are_listed_with_their_reason_and_only_those_of_the_store(
    run: Run, make_store: MakeStore
) -> None:
    ours, theirs = make_store(), make_store()
    failed = keep(ours, "1", BROKEN, WebhookStatus.FAILED)
    other = keep(theirs, "1", BROKEN, WebhookStatus.FAILED)

    listed = run("webhooks", "failed", str(ours)).stdout

    assert str(failed) in listed
    assert "body: not JSON [at all]" in listed
    assert str(other) not in listed


def test_without_failures_that_is_said(run: Run, store_id: UUID) -> None:
    assert run("webhooks", "failed", str(store_id)).stdout == "Every webhook could be applied.\n"


def test_a_replay_applies_what_can_be_applied_now_and_keeps_the_rest(
    run: Run, store_id: UUID
) -> None:
    whole = keep(store_id, "1", WHOLE, WebhookStatus.FAILED)
    broken = keep(store_id, "2", BROKEN, WebhookStatus.FAILED)

    result = run("webhooks", "replay", str(store_id))

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Tried again: 2 webhooks.")
    assert status_of(store_id, whole) == WebhookStatus.APPLIED
    assert status_of(store_id, broken) == WebhookStatus.FAILED
    with store_transaction(store_id) as session:
        assert session.scalars(select(Customer.email)).all() == ["ana@example.com"]


def test_one_webhook_can_be_replayed_and_twice_changes_nothing(run: Run, store_id: UUID) -> None:
    applied = keep(store_id, "1", WHOLE, WebhookStatus.APPLIED)

    for _ in range(2):
        result = run("webhooks", "replay", str(store_id), "--id", str(applied))
        assert result.stdout.startswith("Tried again: 1 webhook.")

    with store_transaction(store_id) as session:
        assert len(session.scalars(select(Customer)).all()) == 1


@pytest.mark.parametrize("words", ["not-an-id", "123"])
def test_what_is_no_webhook_id_is_named(run: Run, store_id: UUID, words: str) -> None:
    result = run("webhooks", "replay", str(store_id), "--id", words)

    assert result.exit_code == 1
    assert f"--id: “{words}” is no webhook id" in result.stderr
