"""After a restore: asking every provider what it has sent for a store since the backup was made.

Reads there, notes here. Safe to run twice: what is known changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol
from uuid import UUID

from app import clock
from app.channels import CARRIES, ChannelName, Sent
from app.messages.remember import Window, remember
from app.messages.work import Connections
from app.tenancy import store_transaction

BATCH = 200


class Accounts(Connections, Protocol):
    """Connections that also know which channels a store has."""

    def connected(self, store_id: UUID) -> set[ChannelName]: ...


@dataclass(frozen=True, slots=True)
class Books:
    """`settled`: a row of ours waited to send it; `lost`: no row of ours knew of it."""

    settled: int = 0
    lost: int = 0


def ask_the_books(store_id: UUID, connections: Accounts, since: datetime) -> Books:
    """What the providers tell, on record. Raises Unreachable, AccessLost: then ask again before
    anything is sent."""
    window = Window(since, clock.now())
    found, connected = Books(), connections.connected(store_id)
    for channels in CARRIES.values():  # The books of an account tell of all its channels.
        name = next((name for name in channels if name in connected), None)
        channel = connections.channel(store_id, name) if name else None
        if channel is not None:
            sent = iter(channel.sent_since(store_id, since))
            found = _keep(store_id, sent, (window, connections.config.keys), found)
    return found


def _keep(
    store_id: UUID, sent: Iterator[Sent], how: tuple[Window, list[str]], found: Books
) -> Books:
    while batch := list(islice(sent, BATCH)):
        with store_transaction(store_id) as session:
            settled, lost = remember(session, batch, *how)
        found = Books(found.settled + settled, found.lost + lost)
    return found
