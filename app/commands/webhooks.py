"""`comeback webhooks`: look at what could not be applied, and try it again."""

from uuid import UUID

import click
from rich.table import Table
from sqlalchemy import select

from app.commands.ready import console, ready_store
from app.errors import InvalidInput
from app.inbox import process_waiting, replay
from app.models import Webhook, WebhookStatus
from app.tenancy import store_transaction


@click.group()
def webhooks() -> None:
    """Webhooks as they came."""


@webhooks.command("failed")
@click.argument("store")
def failed(store: str) -> None:
    """The webhooks that could not be applied, with the reason."""
    with ready_store(store) as (_, shop), store_transaction(shop.store_id) as session:
        table = Table("webhook", "topic", "received", "reason")
        chosen = select(Webhook).where(Webhook.status == WebhookStatus.FAILED)
        for row in session.scalars(chosen.order_by(Webhook.received_at)):
            when = f"{row.received_at:%Y-%m-%d %H:%M}"
            table.add_row(str(row.webhook_id), row.topic, when, row.error or "")
        console.print(table)


@webhooks.command("replay")
@click.argument("store")
@click.option("--id", "ids", multiple=True, help="Only these; all that failed if not given.")
def replay_command(store: str, ids: tuple[str, ...]) -> None:
    """Apply failed webhooks again. Applying one twice changes nothing."""
    with ready_store(store) as (config, shop):
        with store_transaction(shop.store_id) as session:
            count = replay(session, shop.store_id, [_uuid(text) for text in ids] or None)
        while process_waiting(shop.store_id, config):
            pass
        console.print(f"{count} webhooks were applied again.")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("--id", f"“{text}” is no webhook id; see `webhooks failed`") from error
