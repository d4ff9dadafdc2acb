"""Messages that went out and that a restored backup has forgotten: known from the providers' books.

Each stands for one message like it, by channel and address, and by flow and step where the provider
kept them: the next that would go to the same person counts as sent and is not. Rather one message
too few, once, than the same one twice.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.channels import Accepted, ChannelName
from app.crypto import fingerprint
from app.messages.facts import Facts
from app.messages.outcome import accept
from app.messages.truth import address_of
from app.models import LostSend, Message
from app.models.rows import STORE, listed, one_of
from app.reasons import Reason
from app.stores.lasting import lasting_key
from app.tenancy import store_of

_FORGOTTEN = (
    select(LostSend)
    .where(
        LostSend.store_id == STORE,
        LostSend.message_id.is_(None),
        LostSend.until > bindparam("now"),
        one_of(LostSend.address, "addresses"),
    )
    .order_by(LostSend.sent_at, LostSend.provider_key)
    .with_for_update()
)


def forgotten(
    session: Session, every: Sequence[Facts], keys: list[str], now: datetime
) -> dict[object, LostSend]:
    """By message, what stands for it already; each stands for one message only."""
    lasting = lasting_key(session, keys)
    addresses = {facts.message.message_id: _hash(facts, lasting) for facts in every}
    hashes = listed(addresses.values())
    asked = {"store": store_of(session), "now": now, "addresses": hashes}
    rows = session.scalars(_FORGOTTEN, asked).all()
    found: dict[object, LostSend] = {}
    for facts in every:
        key = facts.message.message_id
        like_it = (row for row in rows if _is_like(row, facts) and row.address == addresses[key])
        row = next((row for row in like_it if row not in found.values()), None)
        if row is not None:
            found[key] = row
    return found


def mark_of(key: str, channel: str, address: str) -> str:
    """By what an address is recognised without being kept."""
    is_mail = channel == ChannelName.EMAIL
    return fingerprint(key, address.strip().lower() if is_mail else address.strip())


def take_as_sent(
    session: Session, row: Message, told: tuple[datetime, str | None], address: str | None
) -> None:
    """The provider has had it since then: nothing is left to send."""
    row.sent_at, provider_id = told
    row.address = row.address or address
    row.attempts = max(row.attempts, 1)
    accept(session, row, Accepted(provider_id=provider_id), Reason.FOUND_AT_PROVIDER)


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
    return mark_of(key, channel, address) if address else None
