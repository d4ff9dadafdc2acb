"""Short links in messages: made before the send, followed after it, credited once a minute.

Must never send a person anywhere but to the target that was stored, and never count a link of our
own, such as the one to unsubscribe, as interest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.config import Config
from app.customers.changes import Change
from app.messages import touches
from app.messages.tokens import short_token
from app.models import Flow, Link, Message, Store
from app.models.rows import STORE, listed, one_of
from app.tenancy import store_of

_BLOCK = 32
_NUMBERS = select(func.nextval(func.pg_get_serial_sequence("links", "number"))).select_from(
    func.generate_series(1, _BLOCK)
)
_WRITE = insert(Link)
_MADE = select(Link.message_id, Link.target, Link.number).where(
    Link.store_id == STORE, one_of(Link.message_id, "messages")
)
MEDIA = {"email": "email", "sms": "sms", "whatsapp": "whatsapp"}


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a click leads, and what it changed; the web room hands the changes to the flows."""

    target: str
    changes: list[Change] = field(default_factory=list)


class Shortener:
    """The short addresses of a group of messages, written in one statement by `write`.

    A target has the same address on every attempt. Numbers come from the table's own sequence, a
    block at a time; those that are left over are lost, as with any sequence.
    """

    def __init__(self, session: Session, config: Config, messages: Sequence[Message]) -> None:
        self._session, self._config = session, config
        self._store_number = session.get_one(Store, store_of(session)).number
        self._made = self._made_before([message.message_id for message in messages])
        self._new: list[dict[str, Any]] = []
        self._block: list[int] = []

    def shorten(self, message: Message, target: str) -> str:
        """The short address of `target` in this message."""
        key = (message.message_id, target)
        if key not in self._made:
            self._made[key] = self._number()
            self._new.append(
                {
                    "store_id": message.store_id,
                    "number": self._made[key],
                    "message_id": message.message_id,
                    "target": target,
                }
            )
        token = short_token(self._config.keys, self._store_number, self._made[key])
        return f"{self._config.public_url.rstrip('/')}/l/{token}"

    def write(self) -> None:
        """Keep what was made, so that it can be followed."""
        if self._new:
            self._session.execute(_WRITE, self._new)
            self._new = []

    def _made_before(self, message_ids: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
        asked = {"store": store_of(self._session), "messages": listed(message_ids)}
        rows = self._session.execute(_MADE, asked)
        return {(message_id, target): number for message_id, target, number in rows}

    def _number(self) -> int:
        if not self._block:
            self._block = sorted(self._session.scalars(_NUMBERS), reverse=True)
        return self._block.pop()


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
