"""Who is in the segments of a shop's own, read from the shop a page at a time."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app import clock, segments
from app.errors import Unreachable
from app.models import ShopSegment, StoreStatus
from app.platforms import Members
from app.stores import lifecycle
from app.stores.connections import Connections
from app.stores.notices import tell
from app.tenancy import store_transaction


def read_members(store_id: UUID, connections: Connections) -> int:
    """The next page that is due; 1 when there was one. No transaction is open while the shop is
    asked."""
    with store_transaction(store_id) as session:
        if lifecycle.this_store(session).status != StoreStatus.ACTIVE:
            segments.put_off_pages(session, clock.now())
            return 0
        asked = segments.claim_page(session, clock.now())
    if asked is None:
        return 0
    page = _ask(store_id, asked, connections)
    with store_transaction(store_id) as session:
        if page is None:
            _tell_gone(session, asked)
        else:
            segments.keep_page(session, asked, page, clock.now())
    return 1


def _ask(store_id: UUID, asked: ShopSegment, connections: Connections) -> Members | None:
    """A page of 500 takes most of what a shop lets us ask in a few seconds: a large segment is told
    to wait at every other page, and would never end if each wait were as long as the lease."""
    try:
        return connections.shop(store_id).members(asked.segment_key, asked.cursor)
    except Unreachable as error:
        if error.retry_after is not None:
            at = clock.now() + timedelta(seconds=error.retry_after)
            with store_transaction(store_id) as session:
                segments.ask_again(session, asked, at)
        raise


def _tell_gone(session: Session, asked: ShopSegment) -> None:
    now = clock.now()
    name = segments.note_gone(session, asked, now)
    if name is not None:
        key = f"shop_segment_gone:{asked.segment_key}:{now:%Y-%m-%d}"
        tell(session, key, kind="shop_segment_gone", details={"segment": name})
