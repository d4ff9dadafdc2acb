"""Coming back from an old backup: nothing may be sent before it is known what was sent since.

Sends nothing itself. Safe to run twice and to break off: what is known changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import messages
from app.errors import AccessLost
from app.inbox.catch_up import catch_up
from app.inbox.process import process_waiting
from app.inbox.receipts import poll
from app.messages.books import Books
from app.stores.connections import Connections


@dataclass(frozen=True, slots=True)
class CameBack:
    """`lost_shop`: why the shop must be connected again, if it must. It is caught up with then."""

    books: Books
    lost_shop: str | None


def come_back(store_id: UUID, connections: Connections, since: datetime) -> CameBack:
    """What waits in the inbox, what the providers have sent since then and who refused it, and what
    the shop has changed: in this order. Raises Unreachable, AccessLost."""
    while process_waiting(store_id, connections.config):
        pass
    books = messages.ask_the_books(store_id, connections, since)
    poll(store_id, connections)
    try:
        catch_up(store_id, connections.shop(store_id), connections.config.keys)
    except AccessLost as error:
        # Tokens that were renewed since the backup are not in it; the old ones open nothing.
        return CameBack(books, str(error))
    return CameBack(books, None)
