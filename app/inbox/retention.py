"""Personal data has a retention time (law 9): what is older loses its words, never its record.

A webhook's row stays, so that a repeat is still recognised; a message's row stays, so that caps,
credit and the reasons stay true.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import CursorResult, delete, update

from app import clock
from app.config import Config
from app.inbox.import_staging import discard_left_behind
from app.models import Letter, LostSend, Message, Notice, Trouble, Webhook, WebhookStatus
from app.tenancy import store_transaction


def forget_old(store_id: UUID, config: Config) -> int:
    """Empty the old webhooks and messages of one store, here or gone, and delete its old notices,
    the letters about them and its old troubles; returns how many rows lost something."""
    now = clock.now()
    bodies = (
        update(Webhook)
        .where(
            Webhook.store_id == store_id,
            Webhook.received_at < now - timedelta(days=config.webhook_days),
            Webhook.status != WebhookStatus.WAITING,
            Webhook.body.is_not(None),
        )
        .values(body=None)
    )
    words = (
        update(Message)
        .where(
            Message.store_id == store_id,
            Message.planned_at < now - timedelta(days=config.message_days),
            Message.address.is_not(None),
        )
        .values(address=None, subject=None, preview=None, html=None, body=None)
    )
    notices = delete(Notice).where(
        Notice.store_id == store_id,
        Notice.created_at < now - timedelta(days=config.message_days),
    )
    letters = delete(Letter).where(
        Letter.store_id == store_id,
        Letter.written_at < now - timedelta(days=config.message_days),
    )
    troubles = delete(Trouble).where(
        Trouble.store_id == store_id,
        Trouble.ended_at < now - timedelta(days=config.message_days),
    )
    lost = delete(LostSend).where(LostSend.store_id == store_id, LostSend.until < now)
    with store_transaction(store_id) as session:
        emptied = 0
        for statement in (bodies, words, notices, letters, troubles, lost):
            result = session.execute(statement)
            assert isinstance(result, CursorResult)
            emptied += result.rowcount
        discard_left_behind(session, now)
        return emptied
