"""What the providers' books tell after a restore, held against our rows: what was still to be sent
is settled, and what no row knows is noted, see `lost`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.channels import Sent
from app.messages.claim import lock_around
from app.messages.lost import mark_of, take_as_sent
from app.messages.status import climbs
from app.models import LostSend, Message, MessageStatus
from app.models.rows import among
from app.stores.lasting import lasting_key
from app.tenancy import store_of

AFTERWARDS = timedelta(days=3)
"""Steps fall due again as late as they did the first time, and a little later for a quiet hour."""


@dataclass(frozen=True, slots=True)
class Window:
    """From the moment of the backup until we were asked to come back."""

    since: datetime
    now: datetime

    @property
    def until(self) -> datetime:
        return self.now + (self.now - self.since) + AFTERWARDS


def remember(
    session: Session, sent: Sequence[Sent], window: Window, keys: list[str]
) -> tuple[int, int]:
    """Settle what a row of ours waits to send, and note what no row knows; how many of each."""
    rows = _rows(session, sent)
    lock_around(session, list(rows.values()))
    settled, unknown = 0, []
    for one in sent:
        row = rows.get(one.message_id) or rows.get(one.provider_id)
        if row is None:
            unknown.append(one)
        elif climbs(row.status, MessageStatus.ACCEPTED):
            session.refresh(row, with_for_update=True)
            take_as_sent(session, row, (one.sent_at, one.provider_id), one.address)
            settled += 1
    return settled, _note(session, unknown, window, keys)


def _rows(session: Session, sent: Iterable[Sent]) -> dict[object, Message]:
    """Ours among them, by our id and by the provider's."""
    ids = {one.message_id for one in sent if one.message_id}
    named = {one.provider_id for one in sent if one.provider_id}
    mine = select(Message).where(Message.store_id == store_of(session))
    found: dict[object, Message] = {}
    for row in session.scalars(mine.where(among(Message.message_id, ids))) if ids else ():
        found[row.message_id] = row
    for row in session.scalars(mine.where(among(Message.provider_id, named))) if named else ():
        found[row.provider_id] = row
    return found


def _note(session: Session, sent: Sequence[Sent], window: Window, keys: list[str]) -> int:
    key = lasting_key(session, keys)
    rows = [
        {
            "store_id": store_of(session),
            "provider_key": one.key,
            "channel": one.channel,
            "address": mark_of(key, one.channel, one.address),
            "flow": one.flow,
            "step": one.step,
            "provider_id": one.provider_id,
            "sent_at": one.sent_at,
            "until": window.until,
        }
        for one in sent
    ]
    if rows:
        once = insert(LostSend).on_conflict_do_nothing(index_elements=["store_id", "provider_key"])
        session.execute(once, rows)
    return len(rows)
