"""What the hourly look found at a store's shop and at its providers: one row each, replaced."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app import clock
from app.channels import CARRIES, ChannelHealth, ChannelName
from app.errors import ComebackError
from app.stores.connections import Connections
from app.stores.cursors import keep_cursor, read_cursors
from app.tenancy import store_transaction

_NAME = "look:"
_MOMENTS = ("at", "failing_since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`problem`: the sentence of what went wrong at the last look, and since which."""

    at: datetime
    problem: str | None = None
    failing_since: datetime | None = None
    balance: str | None = None
    currency: str = ""


def looks(session: Session) -> dict[str, Look]:
    """The last look at the `shop` and at each provider, by name."""
    return {name: _read(cursor) for name, cursor in read_cursors(session, _NAME).items()}


def keep_look(session: Session, name: str, health: ChannelHealth) -> None:
    """Write down how a look went."""
    now, before = clock.now(), looks(session).get(name)
    since = (before.failing_since if before else None) or now
    amount, currency = health.balance or (None, "")
    look = Look(
        at=now,
        problem=None if health.ok else health.sentence,
        failing_since=None if health.ok else since,
        balance=None if amount is None else str(amount),
        currency=currency,
    )
    keep_cursor(session, f"{_NAME}{name}", asdict(look))


def look_at_providers(store_id: UUID, connections: Connections) -> None:
    """Ask every connected provider whether it would carry a message now, and what is left."""
    connected = connections.connected(store_id)
    for kind, names in CARRIES.items():
        name = next((name for name in names if name in connected), None)
        if name is not None:
            health = _asked(store_id, connections, name)
            with store_transaction(store_id) as session:
                keep_look(session, kind, health)


def _asked(store_id: UUID, connections: Connections, name: ChannelName) -> ChannelHealth:
    try:
        channel = connections.channel(store_id, name)
        return channel.test() if channel else ChannelHealth(ok=False, sentence="not connected")
    except ComebackError as error:
        return ChannelHealth(ok=False, sentence=str(error))


def _read(cursor: Mapping[str, Any]) -> Look:
    at, since = (cursor[name] and datetime.fromisoformat(cursor[name]) for name in _MOMENTS)
    return Look(**{**cursor, "at": at, "failing_since": since})
