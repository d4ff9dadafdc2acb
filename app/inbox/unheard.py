"""What has reached us counts before anything is sent: an opt-out that was answered with 200 may
still wait for its turn."""

import time
from collections.abc import Sequence
from threading import Event
from uuid import UUID

from sqlalchemy import bindparam, exists, select

from app.config import Config
from app.inbox.process import BATCH, process_waiting
from app.models import Webhook, WebhookStatus
from app.models.rows import STORE, listed, one_of
from app.tenancy import store_transaction

MOST = 2 * BATCH
"""What waits behind more than these waits for seconds anyway."""
PATIENCE_SECONDS = 3.0
"""Another worker may be at a batch of them, which takes it a second."""

_BREATH = 0.02
_WAITING = (
    select(Webhook.webhook_id)
    .where(Webhook.store_id == STORE, Webhook.status == WebhookStatus.WAITING)
    .limit(bindparam("at_most"))
)
_LEFT = select(
    exists().where(
        Webhook.store_id == STORE,
        one_of(Webhook.webhook_id, "heard"),
        Webhook.status == WebhookStatus.WAITING,
    )
)


def hear_out(
    store_id: UUID, config: Config, patience: float = PATIENCE_SECONDS, most: int = MOST
) -> bool:
    """Work off what waits in the store's inbox at this moment, and nothing that comes later. False
    when that is more than `most` webhooks, or would take longer than `patience`, in seconds."""
    with store_transaction(store_id) as session:
        heard = session.scalars(_WAITING, {"store": store_id, "at_most": most + 1}).all()
    if len(heard) > most:
        return False
    until = time.monotonic() + patience
    while heard and _some_left(store_id, heard):
        if time.monotonic() > until:
            return False
        if not process_waiting(store_id, config):
            Event().wait(_BREATH)
    return True


def _some_left(store_id: UUID, heard: Sequence[UUID]) -> bool:
    with store_transaction(store_id) as session:
        return bool(session.scalar(_LEFT, {"store": store_id, "heard": listed(heard)}))
