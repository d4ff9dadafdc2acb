"""What Klaviyo's books say we had it send: the events of ours, as they were filed. Reads only."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.channels import ChannelName, Sent
from app.channels.klaviyo.client import Client
from app.channels.klaviyo.metrics import metric_ids, next_page
from app.channels.klaviyo.naming import metric_name
from app.channels.klaviyo.receipts import address_in, moment

PAGE_SIZE = 50
"""An event carries a whole mail, so a page of the usual size would weigh twenty megabytes."""


def sent_since(client: Client, store_id: UUID, since: datetime) -> Iterator[Sent]:
    """Every mail asked for by this store since then. Raises Unreachable, AccessLost."""
    for (_, name), metric_id in metric_ids(client).items():
        if name.startswith(metric_name("")):
            yield from _of_metric(client, metric_id, (str(store_id), since))


def _of_metric(client: Client, metric_id: str, wanted: tuple[str, datetime]) -> Iterator[Sent]:
    store, since = wanted
    page: str | None = None
    while True:
        document = client.ask(
            client.api.Events.get_events,
            filter=f'equals(metric_id,"{metric_id}"),greater-or-equal(datetime,{since.isoformat()})',
            sort="datetime",
            include=["profile"],
            fields_profile=["email"],
            page_size=PAGE_SIZE,
            page_cursor=page,
        )
        for event in document["data"]:
            # Two stores may share one account.
            if _properties(event).get("store") == store:
                yield from _read(event, address_in(document, event))
        page = next_page(document)
        if page is None:
            return


def _read(event: Mapping[str, Any], address: str | None) -> Iterator[Sent]:
    told = _properties(event)
    if address and told.get("message_id"):
        yield Sent(
            key=str(event["id"]),
            channel=ChannelName.EMAIL,
            address=address,
            sent_at=moment(event["attributes"]["datetime"]),
            message_id=UUID(str(told["message_id"])),
            flow=str(told.get("flow") or "") or None,
            step=str(told.get("step") or "") or None,
        )


def _properties(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return event["attributes"].get("event_properties") or {}
