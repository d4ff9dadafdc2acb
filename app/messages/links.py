"""Short links in messages: made before the send, followed after it, credited once a minute.

Must never send a person anywhere but to the target that was stored, and never count a link of our
own, such as the one to unsubscribe, as interest.
"""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.config import Config
from app.customers.changes import Change
from app.messages import touches
from app.messages.tokens import short_token
from app.models import Flow, Link, Message, Store
from app.tenancy import store_of

MEDIA = {"email": "email", "sms": "sms", "whatsapp": "whatsapp"}


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a click leads, and what it changed; the web room hands the changes to the flows."""

    target: str
    changes: list[Change] = field(default_factory=list)


def shorten(session: Session, message: Message, target: str, config: Config) -> str:
    """The short address of `target` in this message; the same on every attempt."""
    row = insert(Link).values(
        store_id=message.store_id, message_id=message.message_id, target=target
    )
    # An update that changes nothing, because a conflict that does nothing returns no number.
    number = session.scalars(
        row.on_conflict_do_update(
            index_elements=["store_id", "message_id", "target"], set_={"target": target}
        ).returning(Link.number)
    ).one()
    store_number = session.get_one(Store, message.store_id).number
    token = short_token(config.keys, store_number, number)
    return f"{config.public_url.rstrip('/')}/l/{token}"


def follow(session: Session, link_number: int, now: datetime, config: Config) -> Followed | None:
    """Where to send the person who clicked; the touch is on record. None: no such link here."""
    found = session.execute(
        select(Link, Message, Flow.slug)
        .join(
            Message,
            (Message.store_id == Link.store_id) & (Message.message_id == Link.message_id),
        )
        .join(Flow, (Flow.store_id == Message.store_id) & (Flow.flow_id == Message.flow_id))
        .where(Link.store_id == store_of(session), Link.number == link_number)
    ).one_or_none()
    if found is None:
        return None
    link, message, slug = found
    if is_ours(link.target, config):
        return Followed(link.target)
    changes = touches.record_click(session, message, now, config.keys)
    return Followed(with_utm(link.target, message.channel, slug, message.step), changes)


def target_of(session: Session, link_number: int) -> tuple[str, UUID] | None:
    """The bare target and its message, with nothing recorded: for link scanners."""
    row = session.execute(
        select(Link.target, Link.message_id).where(
            Link.store_id == store_of(session), Link.number == link_number
        )
    ).one_or_none()
    return None if row is None else (row.target, row.message_id)


def is_ours(target: str, config: Config) -> bool:
    return target.startswith(config.public_url.rstrip("/") + "/")


def with_utm(target: str, channel: str, flow: str, step: str) -> str:
    """`target` with UTM parameters; what the merchant has put there already stays."""
    parts = urlsplit(target)
    query = parse_qsl(parts.query, keep_blank_values=True)
    given = {name for name, _ in query}
    ours = {
        "utm_source": "comeback",
        "utm_medium": MEDIA[channel],
        "utm_campaign": flow,
        "utm_content": step,
    }
    query += [(name, value) for name, value in ours.items() if name not in given]
    return urlunsplit(parts._replace(query=urlencode(query)))
