"""Reading back what became of our mails: one bounded step over Klaviyo's events, by metric.

The cursor is JSON that only this module reads. A step that fails returns no cursor, so that
nothing is skipped; steps overlap, because Klaviyo files events late, so receipts repeat.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app import clock
from app.channels import Receipt, ReceiptPage
from app.channels.klaviyo.client import Client
from app.channels.klaviyo.cursor import Cursor, Mark, read_cursor, write_cursor
from app.channels.klaviyo.metrics import metric_ids
from app.channels.klaviyo.ours import learn
from app.channels.klaviyo.receipts import MEANINGS, Meaning, address_in, moment, receipt_of
from app.channels.klaviyo.silenced import read_silenced
from app.errors import AccessLost, ComebackError, Unreachable

LOOK_FOR_METRICS_EVERY = timedelta(hours=1)
PAGE_SIZE = 200


def poll(
    client: Client,
    cursor: str | None,
    metrics: Mapping[str, str],
    flows: Collection[str] | None,
) -> ReceiptPage:
    """At most one page of each metric and of the suppressions. Raises Unreachable, AccessLost.

    `flows` are ids of ours that are known beforehand; whose the others are is asked once each.
    """
    known = read_cursor(cursor, metrics, flows or ())
    goes_on = known.is_unfinished
    if _must_look(known):
        known = replace(known, marks=_find_metrics(client, known.marks), looked_at=clock.now())
    receipts: list[Receipt] = []
    for name, mark in list(known.marks.items()):
        if mark.metric_id is not None and (mark.page or not goes_on):
            document = _fetch(client, mark)
            known = learn(client, known, document["data"] if MEANINGS[name].of_message else ())
            receipts += _receipts(MEANINGS[name], document, known.ours)
            times = [moment(event["attributes"]["datetime"]) for event in document["data"]]
            known.marks[name] = mark.advance(document, times)
    if known.silenced.page or not goes_on:
        silenced, mark = read_silenced(client, known.silenced)
        receipts, known = [*receipts, *silenced], replace(known, silenced=mark)
    return ReceiptPage(receipts=receipts, cursor=write_cursor(known), more=known.is_unfinished)


def _must_look(cursor: Cursor) -> bool:
    """A metric appears with its first event, so one that is missing is looked for now and then."""
    if all(mark.metric_id for mark in cursor.marks.values()):
        return False
    looked_at = cursor.looked_at
    return looked_at is None or clock.now() - looked_at >= LOOK_FOR_METRICS_EVERY


def _find_metrics(client: Client, marks: Mapping[str, Mark]) -> dict[str, Mark]:
    # Only Klaviyo's own: a merchant's API may file events under the same names.
    found = metric_ids(client)
    return {
        name: replace(mark, metric_id=mark.metric_id or found.get(("Klaviyo", name)))
        for name, mark in marks.items()
    }


def _fetch(client: Client, mark: Mark) -> Any:
    try:
        return _ask(client, mark)
    except (Unreachable, AccessLost):
        raise
    except ComebackError:
        if mark.page is None:
            raise
        # Klaviyo does not know this page any more: read the metric again from its mark.
        return _ask(client, replace(mark, page=None))


def _ask(client: Client, mark: Mark) -> Any:
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
    meaning: Meaning, document: Mapping[str, Any], flows: Collection[str]
) -> list[Receipt]:
    found = (
        receipt_of(meaning, event, address_in(document, event), flows) for event in document["data"]
    )
    return [receipt for receipt in found if receipt is not None]
