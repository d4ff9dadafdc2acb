"""Looking for a message whose answer was lost. Reads only; says NotFound late rather than wrongly.

Twilio keeps no key of ours on a message, so the text itself is what is compared.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.channels import Accepted, ChannelName, NotFound, OutgoingMessage, Unknown
from app.channels.twilio.client import address_of
from app.channels.twilio.failures import FAILURES

MARGIN = timedelta(minutes=5)
"""Twilio's clock and ours may differ by this much."""

PATIENCE = timedelta(minutes=5)
"""How long a message may take to show in the list."""

PAGE = 50

# Smart Encoding swaps these before it stores the text.
# https://www.twilio.com/docs/messaging/services#smart-encoding
_SWAPPED = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})


def find(client: Any, message: OutgoingMessage) -> Accepted | NotFound | Unknown:
    """The earlier attempt, nothing, or not yet known."""
    try:
        recent = list(_recent(client, message))
    except FAILURES as error:
        return Unknown(detail=f"The look-up failed ({type(error).__name__}).")
    for found in recent:
        if _is(message, found.body or ""):
            return Accepted(provider_id=found.sid)
    if recent and not _recognisable(message):
        return Unknown(detail="A template without values looks the same as any other message.")
    if clock.now() - (message.attempted_at or message.planned_at) < PATIENCE:
        return Unknown(detail="Not in Twilio's list yet.")
    return NotFound()


def _recent(client: Any, message: OutgoingMessage) -> Iterable[Any]:
    """What we sent to this address since the message was planned, newest first.

    Not filtered by DateSent: a text that still waits in Twilio's queue has none.
    """
    earliest = message.planned_at - MARGIN
    to = address_of(message.channel, message.to)
    for found in client.messages.stream(to=to, page_size=PAGE):
        if not _since(found.date_created, earliest):
            return
        if str(found.direction).startswith("outbound-api") and found.sid not in message.failed_ids:
            yield found


def _since(created: datetime | None, earliest: datetime) -> bool:
    return created is None or created >= earliest


def _is(message: OutgoingMessage, body: str) -> bool:
    told = _comparable(body)
    if told and told == _comparable(message.body):
        return True
    values = [_comparable(value) for value in _values(message)]
    return bool(values) and all(value in told for value in values)


def _recognisable(message: OutgoingMessage) -> bool:
    return message.template_key is None or bool(_values(message))


def _values(message: OutgoingMessage) -> list[str]:
    """What a WhatsApp template was filled with: Twilio lists the text it made of it."""
    if message.channel is not ChannelName.WHATSAPP or message.template_key is None:
        return []
    return [value for value in message.template_values.values() if value.strip()]


def _comparable(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(_SWAPPED))
    return re.sub(r"\s+", " ", plain).strip()
