"""Reading back what became of our mails: one bounded step over Klaviyo's events, by metric.

The cursor is JSON that only this module reads. A step that fails returns no cursor, so that
nothing is skipped; steps overlap, because Klaviyo files events late, so receipts repeat.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.channels import Receipt, ReceiptPage
from app.channels.klaviyo.client import Client
from app.channels.klaviyo.metrics import metric_ids, next_page
from app.channels.klaviyo.receipts import MEANINGS, Meaning, address_in, moment, receipt_of
from app.errors import AccessLost, ComebackError, Unreachable

OVERLAP = timedelta(minutes=15)
FIRST_LOOK_BACK = timedelta(hours=1)
LOOK_FOR_METRICS_EVERY = timedelta(hours=1)
PAGE_SIZE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """How far one metric is read. No `metric_id`: the account had no such event yet."""

    since: str
    newest: str | None = None
    page: str | None = None
    metric_id: str | None = None


def poll(
    client: Client,
    cursor: str | None,
    metrics: Mapping[str, str],
    flows: Collection[str] | None,
) -> ReceiptPage:
    """At most one page of each metric. Raises Unreachable, AccessLost."""
    marks, looked_at = _read_cursor(cursor, metrics)
    if _must_look(marks, looked_at):
        marks, looked_at = _find_metrics(client, marks), clock.now()
    unfinished = [name for name, mark in marks.items() if mark.page]
    receipts: list[Receipt] = []
    for name in unfinished or list(marks):
        if marks[name].metric_id is not None:
            document = _fetch(client, marks[name])
            receipts += _receipts(MEANINGS[name], document, flows)
            marks[name] = _advance(marks[name], document)
    return ReceiptPage(
        receipts=receipts,
        cursor=_write_cursor(marks, looked_at),
        more=any(mark.page for mark in marks.values()),
    )


def _read_cursor(
    cursor: str | None, metrics: Mapping[str, str]
) -> tuple[dict[str, _Mark], datetime | None]:
    kept = json.loads(cursor) if cursor else {"marks": {}, "looked_at": None}
    start = (clock.now() - FIRST_LOOK_BACK).isoformat()
    marks = {
        name: _Mark(**kept["marks"].get(name, {"since": start, "metric_id": metrics.get(name)}))
        for name in MEANINGS
    }
    return marks, moment(kept["looked_at"]) if kept["looked_at"] else None


def _write_cursor(marks: Mapping[str, _Mark], looked_at: datetime | None) -> str:
    kept = {name: asdict(mark) for name, mark in marks.items()}
    return json.dumps({"marks": kept, "looked_at": looked_at and looked_at.isoformat()})


def _must_look(marks: Mapping[str, _Mark], looked_at: datetime | None) -> bool:
    """A metric appears with its first event, so one that is missing is looked for now and then."""
    if all(mark.metric_id for mark in marks.values()):
        return False
    return looked_at is None or clock.now() - looked_at >= LOOK_FOR_METRICS_EVERY


def _find_metrics(client: Client, marks: Mapping[str, _Mark]) -> dict[str, _Mark]:
    # Only Klaviyo's own: a merchant's API may file events under the same names.
    found = metric_ids(client)
    return {
        name: replace(mark, metric_id=mark.metric_id or found.get(("Klaviyo", name)))
        for name, mark in marks.items()
    }


def _fetch(client: Client, mark: _Mark) -> Any:
    try:
        return _ask(client, mark)
    except (Unreachable, AccessLost):
        raise
    except ComebackError:
        if mark.page is None:
            raise
        # Klaviyo does not know this page any more: read the metric again from its mark.
        return _ask(client, replace(mark, page=None))


def _ask(client: Client, mark: _Mark) -> Any:
    return client.ask(
        client.api.Events.get_events,
        filter=f'equals(metric_id,"{mark.metric_id}"),greater-or-equal(datetime,{mark.since})',
        sort="datetime",
        include=["profile"],
        fields_profile=["email"],
        page_size=PAGE_SIZE,
        page_cursor=mark.page,
    )


def _receipts(
    meaning: Meaning, document: Mapping[str, Any], flows: Collection[str] | None
) -> list[Receipt]:
    found = (
        receipt_of(meaning, event, address_in(document, event), flows) for event in document["data"]
    )
    return [receipt for receipt in found if receipt is not None]


def _advance(mark: _Mark, document: Mapping[str, Any]) -> _Mark:
    """On to the next page; after the last, on to the newest event seen, less the overlap."""
    times = [moment(event["attributes"]["datetime"]) for event in document["data"]]
    newest = max([*times, moment(mark.newest or mark.since)])
    page = next_page(document)
    if page is not None:
        return replace(mark, page=page, newest=newest.isoformat())
    since = max(newest - OVERLAP, moment(mark.since))
    return replace(mark, page=None, newest=None, since=since.isoformat())
