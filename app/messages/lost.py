"""Messages that went out and that a restored backup has forgotten: known from the providers' books.

Each stands for one message like it, by channel and address, and by flow and step where the provider
kept them: the next that would go to the same person counts as sent and is not. Rather one message
too few, once, than the same one twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.channels import Accepted, ChannelName, Sent
from app.crypto import fingerprint
from app.messages.claim import lock_around
from app.messages.facts import Facts
from app.messages.outcome import accept
from app.messages.status import climbs
from app.messages.truth import address_of
from app.models import LostSend, Message, MessageStatus
from app.models.rows import among
from app.reasons import Reason
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


def forgotten(
    session: Session, every: Sequence[Facts], keys: list[str], now: datetime
) -> dict[object, LostSend]:
    """By message, what stands for it already; each stands for one message only."""
    lasting = lasting_key(session, keys)
    addresses = {facts.message.message_id: _hash(facts, lasting) for facts in every}
    rows = session.scalars(
        select(LostSend)
        .where(
            LostSend.store_id == store_of(session),
            LostSend.message_id.is_(None),
            LostSend.until > now,
            LostSend.address.in_([address for address in addresses.values() if address]),
        )
        .order_by(LostSend.sent_at, LostSend.provider_key)
        .with_for_update()
    ).all()
    found: dict[object, LostSend] = {}
    for facts in every:
        key = facts.message.message_id
        like_it = (row for row in rows if _is_like(row, facts) and row.address == addresses[key])
        row = next((row for row in like_it if row not in found.values()), None)
        if row is not None:
            found[key] = row
    return found


def take_as_sent(
    session: Session, row: Message, told: tuple[datetime, str | None], address: str | None
) -> None:
    """The provider has had it since then: nothing is left to send."""
    row.sent_at, provider_id = told
    row.address = row.address or address
    row.attempts = max(row.attempts, 1)
    accept(session, row, Accepted(provider_id=provider_id), Reason.FOUND_AT_PROVIDER)


def _rows(session: Session, sent: Iterable[Sent]) -> dict[object, Message]:
    """Ours among them, by our id and by the provider's."""
    ids = {one.message_id for one in sent if one.message_id}
    named = {one.provider_id for one in sent if one.provider_id}
    mine = select(Message).where(Message.store_id == store_of(session))
    found: dict[object, Message] = {}
    for row in session.scalars(mine.where(among(Message.message_id, ids))) if ids else ():
        found[row.message_id] = row
    for row in session.scalars(mine.where(Message.provider_id.in_(named))) if named else ():
        found[row.provider_id] = row
    return found


def _note(session: Session, sent: Sequence[Sent], window: Window, keys: list[str]) -> int:
    key = lasting_key(session, keys)
    rows = [
        {
            "store_id": store_of(session),
            "provider_key": one.key,
            "channel": one.channel,
            "address": fingerprint(key, _plain(one.channel, one.address)),
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


def _is_like(row: LostSend, facts: Facts) -> bool:
    message = facts.message
    return (
        row.channel == message.channel
        and row.flow in (None, facts.flow.slug)
        and row.step in (None, message.step)
    )


def _hash(facts: Facts, key: str) -> str | None:
    person, channel = facts.snapshot, facts.message.channel
    address = address_of(person, channel) if person else None
    return fingerprint(key, _plain(channel, address)) if address else None


def _plain(channel: str, address: str) -> str:
    return address.strip().lower() if channel == ChannelName.EMAIL else address.strip()
