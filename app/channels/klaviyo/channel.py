"""E-mail through Klaviyo: an event of ours starts the merchant's flow, and the flow sends.

Must never sleep, never send blindly what Klaviyo cannot recognise as a repeat, and never
re-subscribe somebody who opted out after the consent at hand.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from app.channels import (
    Accepted,
    Advice,
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
from app.channels.klaviyo import books, callback, payloads, profiles, wishes
from app.channels.klaviyo.client import TIMEOUT, Client, KlaviyoCredentials
from app.channels.klaviyo.failures import CALL_ERRORS, outcome_of
from app.channels.klaviyo.poll import poll
from app.errors import ComebackError
from app.events import Person


class Klaviyo:
    """The e-mail channel of one store.

    `metrics` are ids of Klaviyo's own metrics by name, when known: they save a search. `flows` are
    ids of our flows there, when known; a poll finds them by name. Other mail is left alone.
    """

    def __init__(
        self,
        credentials: KlaviyoCredentials,
        endpoint: str | None = None,
        metrics: Mapping[str, str] | None = None,
        flows: Collection[str] | None = None,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._client = Client(credentials, endpoint, timeout)
        self._secrets = credentials.webhook_secrets
        self._metrics = metrics or {}
        self._flows = flows

    def send(self, message: OutgoingMessage) -> Accepted | Refused | Unknown:
        """File the event. Accepted means taken in, not mailed: receipts tell the rest."""
        problem = payloads.too_long(message)
        if problem:
            return Refused(advice=Advice.OUR_BUG, code="too_long", detail=problem)
        try:
            self._client.api.Events.create_event(
                payloads.event_body(message), _request_timeout=self._client.timeout
            )
        except CALL_ERRORS as error:
            return outcome_of(error)
        return Accepted(provider_id=None)

    def look_up(self, message: OutgoingMessage) -> Accepted | NotFound | Unknown:
        """Always NotFound, so that the sender repeats, which is safe and surer than looking.

        Klaviyo files events some time after it took them, so a search proves nothing, but it counts
        a `unique_id` once per profile and metric: a repeat is the look-up and the cure in one. The
        sender must repeat with the same `unique_id`, address and flow.
        """
        return NotFound()

    def sent_since(self, store_id: UUID, since: datetime) -> Iterator[Sent]:
        """The events of ours since then: what was asked for, whether or not it was mailed."""
        return books.sent_since(self._client, store_id, since)

    def read_callback(self, request: CallbackRequest) -> list[Receipt | Inbound]:
        """Receipts from a system webhook. Raises BadSignature, MalformedPayload."""
        return list(callback.read(request, self._secrets, self._flows))

    def poll(self, cursor: str | None) -> ReceiptPage | None:
        """Receipts since `cursor`, repeats included. Raises Unreachable, AccessLost."""
        return poll(self._client, cursor, self._metrics, self._flows)

    def suppress(self, channel: ChannelName, address: str) -> None:
        """No more marketing from this account to `address`: the merchant's own campaigns, too."""
        people = self._client.api.Profiles
        if channel is ChannelName.EMAIL:
            self._client.ask(people.bulk_suppress_profiles, wishes.suppression_body(address))
        if channel is ChannelName.SMS:
            self._client.ask(people.bulk_unsubscribe_profiles, wishes.text_opt_out_body(address))

    def erase(self, address: str) -> None:
        """Have Klaviyo delete the person; it does so later, with all that it knows of them."""
        body = wishes.deletion_body(address)
        self._client.ask(self._client.api.Data_Privacy.request_profile_deletion, body)

    def test(self) -> ChannelHealth:
        """Ask who we are there."""
        try:
            document = self._client.ask(self._client.api.Accounts.get_accounts)
        except ComebackError as error:
            return ChannelHealth(ok=False, sentence=str(error))
        contact = document["data"][0]["attributes"]["contact_information"]
        sender = contact.get("default_sender_email")
        if not sender:
            return ChannelHealth(
                ok=False, sentence="Klaviyo has no sender address: set one under Settings, Email."
            )
        return ChannelHealth(
            ok=True,
            sentence=f"Connected to {contact['organization_name']}; mail comes from {sender}.",
        )

    def subscribe(self, channel: ChannelName, address: str, consented_at: datetime) -> bool:
        """Write a consent to e-mail; False when Klaviyo knows a later opt-out, which then stands.

        Its texts are the merchant's own: who came back to ours has not agreed to those.
        """
        if channel is not ChannelName.EMAIL:
            return False
        opted_out_at = profiles.last_opt_out(self._client, address)
        if opted_out_at is not None and opted_out_at >= consented_at:
            return False
        body = wishes.subscription_body(address, consented_at)
        self._client.ask(self._client.api.Profiles.bulk_subscribe_profiles, body)
        return True

    def upsert_profile(self, person: Person, formerly: str | None) -> None:
        """Bring a person's profile up to date. Raises Unreachable, AccessLost, InvalidInput."""
        profiles.upsert(self._client, person, formerly)
