"""`comeback webhooks`: look at what could not be applied, and try it again."""

from uuid import UUID

import click
from sqlalchemy import select

from app.commands.ready import ready_store
from app.commands.terminal import counted, say, show_table
from app.errors import InvalidInput
from app.inbox import process_waiting, replay
from app.models import Webhook, WebhookStatus
from app.tenancy import store_transaction


@click.group()
def webhooks() -> None:
    """Webhooks as they came.

    STORE is any part of the shop's domain, or the beginning of its id.
    """


@webhooks.command("failed")
@click.argument("store")
def failed(store: str) -> None:
    """The webhooks that could not be applied, with the reason."""
    with ready_store(store) as (_, shop), store_transaction(shop.store_id) as session:
        chosen = session.scalars(
            select(Webhook)
            .where(Webhook.store_id == shop.store_id, Webhook.status == WebhookStatus.FAILED)
            .order_by(Webhook.received_at)
        )
        rows = [
            (row.webhook_id, row.topic, f"{row.received_at:%Y-%m-%d %H:%M}", row.error or "")
            for row in chosen
        ]
        if rows:
            show_table(("webhook", "topic", "received", "reason"), rows)
        else:
            say("Every webhook could be applied.")


@webhooks.command("replay")
@click.argument("store")
@click.option("--id", "ids", multiple=True, help="Only these; all that failed if not given.")
def replay_command(store: str, ids: tuple[str, ...]) -> None:
    """Apply failed webhooks again. Applying one twice changes nothing."""
    chosen = [_uuid(text) for text in ids] or None
    with ready_store(store) as (config, shop):
        with store_transaction(shop.store_id) as session:
            count = replay(session, shop.store_id, chosen)
            if chosen and count < len(set(chosen)):
                raise InvalidInput(
                    "--id", f"{shop.domain} has no such webhook; see `comeback webhooks failed`"
                )
        while process_waiting(shop.store_id, config):
            pass
        say(
            f"Tried again: {counted(count, 'webhook')}."
            " `comeback webhooks failed` lists what still fails."
        )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(
            "--id", f"“{text}” is no webhook id; see `comeback webhooks failed`"
        ) from error
