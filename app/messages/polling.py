"""Reading receipts from providers that have to be asked: what was read and how far, in one commit.

A crash between the reading and the commit reads the same again, and a receipt counts once.
"""

from uuid import UUID

from app.channels import ChannelName
from app.errors import AccessLost, Unreachable
from app.messages.receipts import apply_receipts
from app.messages.work import Connections, OnChanges
from app.models import Store
from app.points import Point, pass_point
from app.stores.cursors import keep_cursor, read_cursor
from app.tenancy import store_transaction

MOST_PAGES = 50
_POLLED = {"klaviyo": ChannelName.EMAIL}


def poll_receipts(
    store_id: UUID, connections: Connections, on_changes: OnChanges | None = None
) -> int:
    """Read on from where each provider was left; how many receipts were read.

    A provider that does not answer is asked again at the next poll.
    """
    read = 0
    for provider, name in _POLLED.items():
        try:
            read += _poll(store_id, connections, (provider, name), on_changes)
        except (Unreachable, AccessLost):
            continue
    return read


def _poll(
    store_id: UUID,
    connections: Connections,
    source: tuple[str, ChannelName],
    on_changes: OnChanges | None,
) -> int:
    provider, name = source
    channel = connections.channel(store_id, name)
    read = 0
    for _ in range(MOST_PAGES if channel else 0):
        assert channel is not None
        page = channel.poll(_cursor(store_id, provider))
        if page is None:
            return read
        with store_transaction(store_id) as session:
            changes = apply_receipts(session, provider, page.receipts, connections.config.keys)
            keep_cursor(session, provider, page.cursor)
            if changes and on_changes is not None:
                on_changes(session, session.get_one(Store, store_id), changes)
        pass_point(Point.RECEIPTS_READ)
        read += len(page.receipts)
        if not page.more:
            return read
    return read


def _cursor(store_id: UUID, provider: str) -> str | None:
    with store_transaction(store_id) as session:
        cursor: str | None = read_cursor(session, provider)
        return cursor
