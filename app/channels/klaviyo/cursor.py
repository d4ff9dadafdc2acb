"""How far a poll has come, as JSON that only this room reads: marks in time, and whose flow is
whose. Must never move a mark past what was read.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.channels.klaviyo.metrics import next_page
from app.channels.klaviyo.receipts import MEANINGS, moment

OVERLAP = timedelta(minutes=15)
"""Klaviyo files events late, so a step begins before the end of the last one."""
FIRST_LOOK_BACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far one list is read. No `metric_id`: the account had no such event yet."""

    since: str
    newest: str | None = None
    page: str | None = None
    metric_id: str | None = None

    def advance(self, document: Mapping[str, Any], times: Iterable[datetime]) -> "Mark":
        """On to the next page; after the last, on to the newest time seen, less the overlap."""
        newest = max([*times, moment(self.newest or self.since)])
        page = next_page(document)
        if page is not None:
            return replace(self, page=page, newest=newest.isoformat())
        since = max(newest - OVERLAP, moment(self.since))
        return replace(self, page=None, newest=None, since=since.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """`silenced` is the mark of the list of suppressions. `ours` and `others` are ids of flows."""

    marks: dict[str, Mark]
    silenced: Mark
    looked_at: datetime | None = None
    ours: frozenset[str] = field(default_factory=frozenset)
    others: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_unfinished(self) -> bool:
        return bool(self.silenced.page) or any(mark.page for mark in self.marks.values())


def read_cursor(text: str | None, metrics: Mapping[str, str], ours: Collection[str]) -> Cursor:
    """The cursor in `text`, or the first one; what it does not know begins an hour ago."""
    kept = json.loads(text) if text else {"marks": {}, "looked_at": None}
    start = (clock.now() - FIRST_LOOK_BACK).isoformat()
    return Cursor(
        marks={
            name: Mark(**kept["marks"].get(name, {"since": start, "metric_id": metrics.get(name)}))
            for name in MEANINGS
        },
        silenced=Mark(**kept.get("silenced", {"since": start})),
        looked_at=moment(kept["looked_at"]) if kept["looked_at"] else None,
        ours=frozenset([*kept.get("ours", ()), *ours]),
        others=frozenset(kept.get("others", ())),
    )


def write_cursor(cursor: Cursor) -> str:
    kept = {
        "marks": {name: asdict(mark) for name, mark in cursor.marks.items()},
        "silenced": asdict(cursor.silenced),
        "looked_at": cursor.looked_at and cursor.looked_at.isoformat(),
        "ours": sorted(cursor.ours),
        "others": sorted(cursor.others),
    }
    return json.dumps(kept)
