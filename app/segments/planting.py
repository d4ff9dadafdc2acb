"""Every store has the ready-made segments, as they are today."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from app.models import Segment, SegmentKind, new_id
from app.models.rows import table_of
from app.segments.presets import PRESETS
from app.tenancy import store_of


def plant(session: Session, now: datetime) -> None:
    """Write down those that are new or read otherwise than before. A segment of the store's own, or
    of the shop's, that has the short name of a later one stays what it is."""
    store_id = store_of(session)
    known = session.execute(
        select(Segment.slug, Segment.kind, Segment.written).where(
            Segment.store_id == store_id, Segment.slug.in_(PRESETS)
        )
    ).all()
    as_they_are = {
        slug
        for slug, kind, text in known
        if kind != SegmentKind.PRESET or text == PRESETS[slug].written
    }
    # Nearly always none: to write over a row without a change would lock it.
    rows = [
        {
            "store_id": store_id,
            "segment_id": new_id(),
            "slug": slug,
            "name": preset.names["en"],
            "kind": SegmentKind.PRESET,
            "written": preset.written,
            "created_at": now,
            "changed_at": now,
            "due_at": now,
        }
        for slug, preset in PRESETS.items()
        if slug not in as_they_are
    ]
    if rows:
        session.execute(_planted(rows))


def _planted(rows: list[dict[str, Any]]) -> Insert:
    planted = insert(table_of(Segment)).values(rows)
    told = planted.excluded
    return planted.on_conflict_do_update(
        index_elements=["store_id", "slug"],
        set_={"name": told.name, "written": told.written, "changed_at": told.changed_at},
        where=table_of(Segment).c.kind == SegmentKind.PRESET,
    )
