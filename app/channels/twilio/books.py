"""What Twilio's list says we had it send, whichever person it went to. Reads only."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.channels import Sent
from app.channels.twilio.client import read_address
from app.channels.twilio.failures import FAILURES, trouble

PAGE = 200
_NEVER_LEFT = frozenset({"failed", "canceled"})


def sent_since(client: Any, service_sid: str, since: datetime) -> Iterator[Sent]:
    """Every text through this Messaging Service since then, newest first. It names no store: two
    that share a service are each told of both's. Raises AccessLost, Unreachable.

    Not filtered by DateSent: a text that still waits in Twilio's queue has none.
    """
    try:
        for text in client.messages.stream(page_size=PAGE):
            if text.date_created is not None and text.date_created < since:
                return
            if _is_ours(text, service_sid):
                channel, address = read_address(text.to)
                yield Sent(
                    key=text.sid,
                    channel=channel,
                    address=address,
                    sent_at=text.date_created or since,
                    provider_id=text.sid,
                )
    except FAILURES as error:
        raise trouble(error) from error


def _is_ours(text: Any, service_sid: str) -> bool:
    return (
        str(text.direction).startswith("outbound-api")
        and text.messaging_service_sid == service_sid
        and str(text.status) not in _NEVER_LEFT
    )
