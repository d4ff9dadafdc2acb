"""Every store has the ready-made segments, as they are today."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.models import Segment, SegmentKind, new_id
from app.models.rows import table_of
from app.segments.presets import PRESETS
from app.tenancy import store_of


def plant(session: Session, now: datetime) -> None:
    """Write down those that are new or read otherwise than before. A segment of the store's own
    that has the short name of a later one stays what it is."""
    rows = [
        {
            "store_id": store_of(session),
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
    ]
    segment = Segment.__table__.c
    planted = insert(table_of(Segment)).values(rows)
    told = planted.excluded
    session.execute(
        planted.on_conflict_do_update(
            index_elements=["store_id", "slug"],
            set_={"name": told.name, "written": told.written, "changed_at": told.changed_at},
            where=(segment.kind == SegmentKind.PRESET) & (segment.written != told.written),
        )
    )
