"""The Twilio channel. Refusals are values; what may be out is Unknown and never sent again here."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from app.channels import (
    Accepted,
    CallbackRequest,
    ChannelHealth,
    ChannelName,
    Inbound,
    NotFound,
    OutgoingMessage,
    Receipt,
    ReceiptPage,
    Refused,
    Sent,
    Unknown,
)
from app.channels.twilio import books, callbacks, consents, erasing, lookup
from app.channels.twilio.balance import balance_of
from app.channels.twilio.client import READ_SECONDS, TwilioCredentials, address_of, connect
from app.channels.twilio.failures import FAILURES, verdict
from app.events import Person

MAX_VALID_SECONDS = 36_000

# Three more tries by Twilio on any failure of ours. The fragment is not part of what is signed.
# https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
CALLBACK_RETRIES = "#rc=3&rp=all"

_NO_INBOUND = " It has no address for incoming texts, so answers in free words cannot reach us."


class Twilio:
    """One store's Twilio account, for SMS and WhatsApp."""

    def __init__(
        self,
        credentials: TwilioCredentials,
        endpoint: str | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._credentials = credentials
        self._client = connect(credentials, endpoint, read_seconds)

    def send(self, message: OutgoingMessage) -> Accepted | Refused | Unknown:
        """Hand a message to Twilio, once. The caller has committed its row before this call."""
        try:
            sent = self._client.messages.create(**self._request(message))
        except FAILURES as error:
            return verdict(error)
        if not sent.sid:
            return Unknown(detail="Twilio's answer named no message.")
        return Accepted(provider_id=sent.sid, segments=_segments(sent.num_segments))

    def look_up(self, message: OutgoingMessage) -> Accepted | NotFound | Unknown:
        """Whether an attempt whose answer was lost got through."""
        return lookup.find(self._client, message)

    def sent_since(self, store_id: UUID, since: datetime) -> Iterator[Sent]:
        """The texts of this store's Messaging Service since then."""
        return books.sent_since(self._client, self._credentials.messaging_service_sid, since)

    def read_callback(self, request: CallbackRequest) -> list[Receipt | Inbound]:
        """Receipts and answers, once the signature of Twilio is proven."""
        return callbacks.read(self._credentials.auth_token, request)

    def poll(self, cursor: str | None) -> ReceiptPage | None:
        """Twilio pushes; there is nothing to fetch."""
        return None

    def suppress(self, channel: ChannelName, address: str) -> None:
        """Tell Twilio's consent list of an opt-out, where the account has one; WhatsApp has no list
        at all. Raises AccessLost, Unreachable."""
        if channel is ChannelName.SMS:
            consents.opt_out(self._client, self._credentials.messaging_service_sid, address)

    def subscribe(self, channel: ChannelName, address: str, consented_at: datetime) -> bool:
        """Twilio lets nobody back in but the person, by their START."""
        return False

    def upsert_profile(self, person: Person, formerly: str | None) -> None:
        """Twilio keeps no profiles."""

    def erase(self, address: str) -> None:
        """Delete every message to and from a person. Raises AccessLost, Unreachable."""
        erasing.erase(self._client, address)

    def test(self) -> ChannelHealth:
        """Read the Messaging Service, the way every message goes."""
        sid = self._credentials.messaging_service_sid
        try:
            service = self._client.messaging.v1.services(sid).fetch()
        except FAILURES as error:
            return ChannelHealth(ok=False, sentence=_complaint(error))
        hint = "" if service.inbound_request_url else _NO_INBOUND
        sentence = f"Texts go out by “{service.friendly_name}”.{hint}"
        return ChannelHealth(ok=True, sentence=sentence, balance=balance_of(self._client))

    def _request(self, message: OutgoingMessage) -> dict[str, Any]:
        request: dict[str, Any] = {
            "to": address_of(message.channel, message.to),
            "messaging_service_sid": self._credentials.messaging_service_sid,
            "validity_period": min(max(message.valid_for_seconds, 1), MAX_VALID_SECONDS),
        }
        if message.callback_url:
            request["status_callback"] = message.callback_url + CALLBACK_RETRIES
        if message.channel is ChannelName.WHATSAPP and self._credentials.whatsapp_sender:
            request["from_"] = address_of(message.channel, self._credentials.whatsapp_sender)
        return request | _content(message)


def _content(message: OutgoingMessage) -> dict[str, str]:
    """An approved template where there is one; WhatsApp refuses a template's text as a body."""
    if message.channel is ChannelName.WHATSAPP and message.template_key:
        values = json.dumps(dict(message.template_values), ensure_ascii=False)
        return {"content_sid": message.template_key, "content_variables": values}
    return {"body": message.body}


def _segments(told: str | None) -> int | None:
    """A Messaging Service answers "0" until it has chosen a sender."""
    return int(told) or None if told and told.isdecimal() else None


def _complaint(error: Exception) -> str:
    found = verdict(error)
    if isinstance(found, Refused):
        return found.detail
    return "Twilio did not answer. Try again in a few minutes."
