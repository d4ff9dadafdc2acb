"""Which flows of the merchant's account are ours: by the names that the set-up gives them.

An id that was ours once stays so, whatever the merchant calls the flow now. Reads only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.channels.klaviyo.blueprints import object_name
from app.channels.klaviyo.client import Client
from app.channels.klaviyo.cursor import Cursor
from app.channels.klaviyo.metrics import every_page, quoted


def our_flows(client: Client) -> list[dict[str, Any]]:
    """The flows of the set-up, archived ones included. Raises Unreachable, AccessLost."""
    wanted = f"starts-with(name,{quoted(object_name(''))})"
    return list(every_page(client, client.api.Flows.get_flows, filter=wanted))


def learn(client: Client, cursor: Cursor, events: Iterable[Mapping[str, Any]]) -> Cursor:
    """Ask Klaviyo whose the flows are that these events name, where we have not met them."""
    named = {flow_in(event) for event in events} - {None}
    if named <= cursor.ours | cursor.others:
        return cursor
    ours = cursor.ours | {flow["id"] for flow in our_flows(client)}
    others = cursor.others | {flow for flow in named if flow is not None}
    return replace(cursor, ours=ours, others=others - ours)


def flow_in(event: Mapping[str, Any]) -> str | None:
    """The id of the flow whose mail this event is about."""
    flow = (event["attributes"].get("event_properties") or {}).get("$flow")
    return str(flow) if flow else None
