"""Making Twilio forget a person: every message to and from them, on both channels, is deleted.

Twilio's own list of opt-outs is kept: an erased person must not get a text again.
"""

from collections.abc import Iterator
from typing import Any

from app.channels import ChannelName
from app.channels.twilio.client import address_of
from app.channels.twilio.failures import FAILURES, code_of, status_of, trouble
from app.errors import Unreachable

MOST = 1000
AGAIN_SECONDS = 900.0

# A message still on its way cannot be deleted: https://www.twilio.com/docs/api/errors/20009
_IN_PROGRESS = 20009


def erase(client: Any, address: str) -> None:
    """Delete what can be deleted. Raises Unreachable while something is left, AccessLost."""
    try:
        left = [sid for sid in _sids(client, address) if not _deleted(client, sid)]
    except FAILURES as error:
        raise trouble(error) from error
    if left:
        raise Unreachable(
            f"{len(left)} texts are still on their way and cannot be deleted yet.",
            retry_after=AGAIN_SECONDS,
        )


def _sids(client: Any, address: str) -> Iterator[str]:
    for channel in (ChannelName.SMS, ChannelName.WHATSAPP):
        told = address_of(channel, address)
        for found in client.messages.list(to=told, limit=MOST):
            yield found.sid
        for found in client.messages.list(from_=told, limit=MOST):
            yield found.sid


def _deleted(client: Any, sid: str) -> bool:
    try:
        client.messages(sid).delete()
    except FAILURES as error:
        if status_of(error) == 404:
            return True
        if code_of(error) == _IN_PROGRESS:
            return False
        raise
    return True
