"""One store's connection to Twilio's SDK: timeouts, no retries, silence in the logs.

Never shared between stores, and never built before a process forks.
"""

import logging
from dataclasses import dataclass, field

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from app.channels import ChannelName

MESSAGE_PARAMETER = "message"
"""The name under which a callback URL carries our message id in its query."""

CONNECT_SECONDS = 2.0
READ_SECONDS = 10.0

_WHATSAPP = "whatsapp"

# Without this the SDK fills an empty credential from the machine's environment: another account's.
_NO_ENVIRONMENT = {"TWILIO": ""}

# The SDK writes every request, with the recipient's number in it, at INFO.
_silent = logging.getLogger("app.channels.twilio.sdk")
_silent.disabled = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioCredentials:
    """A store's own account, or its subaccount. The token also signs what Twilio sends us."""

    account_sid: str
    auth_token: str = field(repr=False)
    messaging_service_sid: str
    whatsapp_sender: str | None = None


def connect(
    credentials: TwilioCredentials, endpoint: str | None, read_seconds: float = READ_SECONDS
) -> Client:
    """A client for one store; `endpoint` replaces Twilio's hosts, for the sandbox."""
    http = TwilioHttpClient(logger=_silent)
    # requests takes (connect, read), but the SDK's constructor only compares a plain number.
    http.timeout = (CONNECT_SECONDS, read_seconds)
    client = Client(
        credentials.account_sid,
        credentials.auth_token,
        http_client=http,
        environment=_NO_ENVIRONMENT,
    )
    if endpoint:
        client.api.base_url = endpoint
        client.messaging.base_url = endpoint
        client.accounts.base_url = endpoint
    return client


def address_of(channel: ChannelName, phone: str) -> str:
    """A phone number as Twilio writes it on this channel."""
    return f"{_WHATSAPP}:{phone}" if channel is ChannelName.WHATSAPP else phone


def read_address(address: str) -> tuple[ChannelName, str]:
    """The channel and the plain number in Twilio's way of writing.

    Rich texts (`rcs:`) share the list of opt-outs with SMS, so they count as SMS.
    """
    kind, _, number = address.rpartition(":")
    return (ChannelName.WHATSAPP if kind == _WHATSAPP else ChannelName.SMS), number
