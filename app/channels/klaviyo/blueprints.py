"""What we build in a merchant's account: one template and one draft flow for each of ours. Pure.

The text comes with the event, so nothing here changes when a merchant edits a message in Comeback.
Every mail carries Klaviyo's own unsubscribe link and the sender's postal address.
"""

from dataclasses import dataclass
from typing import Any

from app.channels.klaviyo.naming import metric_name

HTML = """<!doctype html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:v="urn:schemas-microsoft-com:vml"
 xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{{ event.extra.head_html|safe }}
</head>
<body style="margin:0">
{{ event.extra.body_html|safe }}
<p style="margin:24px;text-align:center;font:12px/18px sans-serif;color:#6b6b6b">
{{ organization.name }}, {{ organization.full_address }}<br>
{% unsubscribe %}
</p>
</body>
</html>
"""

TEXT = """{{ event.extra.body_text|safe }}

{{ organization.name }}, {{ organization.full_address }}
{% unsubscribe_link %}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowWish:
    """One of our flows. `transactional` skips consent at Klaviyo; `ends_with_order` adds a second
    net there: nobody who placed an order since the event gets the mail."""

    slug: str
    transactional: bool = False
    ends_with_order: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The ids a flow is put together from."""

    metric_id: str
    template_id: str
    order_metric_id: str | None
    sender: tuple[str, str]
    """Address and name."""


def object_name(slug: str) -> str:
    """Name of the template and of the flow: the metric's, so that a merchant sees what belongs
    together."""
    return metric_name(slug)


def template_body(slug: str) -> dict[str, Any]:
    attributes = {
        "name": object_name(slug),
        "editor_type": "CODE",
        "html": HTML,
        "text": TEXT,
    }
    return {"data": {"type": "template", "attributes": attributes}}


def flow_body(wish: FlowWish, parts: Parts) -> dict[str, Any]:
    """A draft flow: our event comes in, one mail goes out at once."""
    definition: dict[str, Any] = {
        "triggers": [{"type": "metric", "id": parts.metric_id, "trigger_filter": None}],
        "profile_filter": None,
        "entry_action_id": "mail",
        "actions": [_mail(wish, parts)],
    }
    if wish.ends_with_order and parts.order_metric_id:
        definition["profile_filter"] = _no_order_since_start(parts.order_metric_id)
    attributes = {"name": object_name(wish.slug), "definition": definition}
    return {"data": {"type": "flow", "attributes": attributes}}


def live_body(flow_id: str) -> dict[str, Any]:
    return {"data": {"type": "flow", "id": flow_id, "attributes": {"status": "live"}}}


def _mail(wish: FlowWish, parts: Parts) -> dict[str, Any]:
    message = {
        "name": object_name(wish.slug),
        "from_email": parts.sender[0],
        "from_label": parts.sender[1],
        "subject_line": "{{ event.subject|safe }}",
        "preview_text": "{{ event.preview|safe }}",
        "template_id": parts.template_id,
        # Smart Sending drops a mail for good without telling; our own cap moves it instead.
        "smart_sending_enabled": False,
        "transactional": wish.transactional,
        "add_tracking_params": False,
    }
    return {
        "type": "send-email",
        "temporary_id": "mail",
        "links": {"next": None},
        "data": {"status": "draft", "message": message},
    }


def _no_order_since_start(order_metric_id: str) -> dict[str, Any]:
    condition = {
        "type": "profile-metric",
        "metric_id": order_metric_id,
        "measurement": "count",
        "measurement_filter": {"type": "numeric", "operator": "equals", "value": 0},
        "timeframe_filter": {"type": "date", "operator": "flow-start"},
    }
    return {"condition_groups": [{"conditions": [condition]}]}
