"""Segments of the shop's own under our names: who is in them is read from the shop once a day, page
by page, and where the reading has come to is kept.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import Identity, Segment, SegmentKind, ShopMember, ShopSegment, new_id
from app.models.rows import among
from app.platforms import Members, SegmentSeen
from app.segments.naming import TAKEN, slug_of
from app.tenancy import store_of

EVERY = timedelta(days=1)
LEASE = timedelta(hours=1)
"""A page that was asked for and never came is asked for again then."""
_WRITTEN = "shop_segment.{key}: {{is: true}}\n"


def adopt(session: Session, seen: SegmentSeen, now: datetime) -> Segment:
    """Keep a segment of the shop's own, to be read from now on. Raises InvalidInput."""
    written = _WRITTEN.format(key=seen.key)
    own = slug_of(seen.name)
    for slug in (own, f"{own[:40]}-{seen.key}".strip("-")):
        found = session.scalar(
            select(Segment).where(Segment.store_id == store_of(session), Segment.slug == slug)
        )
        if slug and slug not in TAKEN and (found is None or found.written == written):
            break
    else:
        raise InvalidInput("segment", f"there are segments called {slug} already")
    kept = found or Segment(store_id=store_of(session), segment_id=new_id(), slug=slug)
    kept.name, kept.kind, kept.written = seen.name, SegmentKind.SHOP, written
    kept.archived_at, kept.due_at, kept.changed_at = None, now, now
    session.add(kept)
    source = ShopSegment(store_id=store_of(session), segment_key=seen.key, due_at=now)
    session.merge(source)
    session.flush()
    return kept


def forget_source(session: Session, segment: Segment) -> None:
    """Read it no more, and forget who was in it."""
    session.execute(
        delete(ShopSegment).where(
            ShopSegment.store_id == store_of(session),
            ShopSegment.segment_key == _key_of(segment),
        )
    )


def put_off_pages(session: Session, now: datetime) -> None:
    """Nothing is read of a store that has left."""
    session.execute(
        update(ShopSegment)
        .where(ShopSegment.store_id == store_of(session), ShopSegment.due_at <= now)
        .values(due_at=now + EVERY)
    )


def claim_page(session: Session, now: datetime) -> ShopSegment | None:
    """The next page that is due, ours for a while."""
    found = session.scalar(
        select(ShopSegment)
        .where(ShopSegment.store_id == store_of(session), ShopSegment.due_at <= now)
        .order_by(ShopSegment.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if found is not None:
        found.due_at = now + LEASE
        found.began_at = found.began_at if found.cursor else now
        session.flush()
        session.expunge(found)
    return found


def ask_again(session: Session, asked: ShopSegment, at: datetime) -> None:
    """The shop was too busy for this page and has said when it will not be."""
    session.execute(
        update(ShopSegment)
        .where(
            ShopSegment.store_id == store_of(session),
            ShopSegment.segment_key == asked.segment_key,
            ShopSegment.due_at == asked.due_at,
        )
        .values(due_at=at)
    )


def keep_page(session: Session, asked: ShopSegment, page: Members, now: datetime) -> None:
    """Note who is in it; after the last page, who was there at the reading before and is no more
    is gone. People we do not know yet are found a day later."""
    source = session.get(ShopSegment, (store_of(session), asked.segment_key), with_for_update=True)
    if source is None or source.cursor != asked.cursor or source.began_at != asked.began_at:
        return  # It was archived, or somebody else has kept this page.
    assert source.began_at is not None  # Since its first page was claimed.
    # The clock of another worker, who began, may be ahead of ours.
    seen_at = max(now, source.began_at)
    store_id, key = source.store_id, source.segment_key
    people = (
        select(literal(store_id), literal(key), Identity.customer_id, literal(seen_at))
        .where(
            Identity.store_id == store_id,
            Identity.kind == "platform",
            among(Identity.value, page.keys),
        )
        .distinct()
    )
    put = insert(ShopMember).from_select(
        ["store_id", "segment_key", "customer_id", "seen_at"], people
    )
    session.execute(
        put.on_conflict_do_update(
            index_elements=["store_id", "segment_key", "customer_id"], set_={"seen_at": seen_at}
        )
    )
    source.cursor, source.gone_at, source.due_at = page.cursor, None, now
    if page.cursor is None:
        _finish(session, source, now)


def note_gone(session: Session, asked: ShopSegment, now: datetime) -> str | None:
    """The shop has it no more: its name when that is news. Who was in it at the last reading stays:
    else everybody would have left it at once, and whoever it keeps out of a flow would come in."""
    source = session.get(ShopSegment, (store_of(session), asked.segment_key), with_for_update=True)
    if source is None:
        return None
    is_news = source.gone_at is None
    source.gone_at = source.gone_at or now
    source.cursor = source.began_at = None
    source.due_at = now + EVERY
    written = _WRITTEN.format(key=source.segment_key)
    own = (Segment.store_id == source.store_id, Segment.written == written)
    return session.scalar(select(Segment.name).where(*own)) if is_news else None


def gone_since(session: Session, segment: Segment) -> datetime | None:
    """Since when the shop has it no more; None for every other segment."""
    if segment.kind != SegmentKind.SHOP:
        return None
    source = session.get(ShopSegment, (store_of(session), _key_of(segment)))
    return source.gone_at if source else None


def _finish(session: Session, source: ShopSegment, now: datetime) -> None:
    session.execute(
        delete(ShopMember).where(
            ShopMember.store_id == source.store_id,
            ShopMember.segment_key == source.segment_key,
            ShopMember.seen_at < source.began_at,
        )
    )
    source.began_at, source.read_at, source.due_at = None, now, now + EVERY


def _key_of(segment: Segment) -> str:
    return segment.written.removeprefix("shop_segment.").partition(":")[0]
