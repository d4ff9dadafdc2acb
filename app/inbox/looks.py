"""What the hourly look found at a store's shop and at its providers: one row each, replaced."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.channels import ChannelHealth, ChannelName
from app.errors import ComebackError
from app.models import PollCursor
from app.stores.connections import Connections
from app.tenancy import store_of, store_transaction

_NAME = "look:"
_ASKED = {"klaviyo": (ChannelName.EMAIL,), "twilio": (ChannelName.SMS, ChannelName.WHATSAPP)}


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
    mine = select(PollCursor).where(
        PollCursor.store_id == store_of(session), PollCursor.name.startswith(_NAME)
    )
    return {
        row.name.removeprefix(_NAME): _read(row.read_at, row.cursor)
        for row in session.scalars(mine)
    }


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
    values = {"cursor": json.dumps(asdict(look), default=str), "read_at": now}
    session.execute(
        insert(PollCursor)
        .values(store_id=store_of(session), name=f"{_NAME}{name}", **values)
        .on_conflict_do_update(index_elements=["store_id", "name"], set_=values)
    )


def look_at_providers(store_id: UUID, connections: Connections) -> None:
    """Ask every connected provider whether it would carry a message now, and what is left."""
    connected = connections.connected(store_id)
    for kind, names in _ASKED.items():
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


def _read(at: datetime, text: str) -> Look:
    told = json.loads(text)
    since = told.pop("failing_since")
    since = datetime.fromisoformat(since) if since else None
    return Look(**{**told, "at": at, "failing_since": since})
