"""One merchant's Klaviyo: profiles, metrics, events, flows and what its flows put in mailboxes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.sandbox.klaviyo_render import TemplateError, render
from app.sandbox.klaviyo_wire import Problem

SMART_SENDING = timedelta(hours=16)
IDENTIFIERS = ("email", "external_id", "phone_number")
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+")
_AT_EMAIL = "/data/attributes/profile/data/attributes/email"


@dataclass(kw_only=True)
class Profile:
    key: str
    email: str | None = None
    external_id: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    consent: str = "NEVER_SUBSCRIBED"
    consent_at: datetime | None = None
    sms_consent: str = "NEVER_SUBSCRIBED"
    suppressions: list[tuple[str, datetime]] = field(default_factory=list)
    mailed_at: datetime | None = None

    def may_get(self, message: Mapping[str, Any]) -> str | None:
        """Why this mail is skipped, else None."""
        reasons = {reason for reason, _ in self.suppressions}
        if message.get("transactional"):
            reasons -= {"UNSUBSCRIBE", "USER_SUPPRESSED"}
        if reasons:
            return "suppressed"
        smart = message.get("smart_sending_enabled", True)
        if smart and self.mailed_at and clock.now() - self.mailed_at < SMART_SENDING:
            return "smart sending"
        return None


@dataclass(frozen=True, kw_only=True)
class Metric:
    key: str
    name: str
    maker: str


@dataclass(frozen=True, kw_only=True)
class Event:
    key: str
    metric: Metric
    profile: Profile
    properties: dict[str, Any]
    at: datetime


@dataclass(kw_only=True)
class Template:
    key: str
    name: str
    html: str
    text: str


@dataclass(kw_only=True)
class Flow:
    key: str
    name: str
    definition: dict[str, Any]
    status: str = "draft"

    @property
    def message(self) -> dict[str, Any]:
        return self.definition["actions"][0]["data"]["message"]  # type: ignore[no-any-return]

    @property
    def metric_key(self) -> str:
        return self.definition["triggers"][0]["id"]  # type: ignore[no-any-return]


@dataclass(kw_only=True)
class Webhook:
    """A system webhook, as the merchant's account keeps it."""

    key: str
    name: str
    url: str
    secret: str
    topics: list[str]
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class DeliveredEmail:
    """A mail in a mailbox. `message_id` is ours, from the event that started the flow; `facts` are
    what Klaviyo's own events about the mail carry."""

    to: str
    subject: str
    preview: str
    html: str
    text: str
    at: datetime
    message_id: str | None
    unsubscribe_url: str
    facts: dict[str, str]
    account_key: str


@dataclass(kw_only=True)
class Account:
    """Everything of one account. `lagging`: events wait for `pump`, for 202 promises nothing.

    `has_webhooks`: an Advanced KDP account or an app that signs in; most are neither.
    """

    key: str
    name: str
    sender: str
    url: str
    lagging: bool = False
    has_webhooks: bool = False
    webhooks: list[Webhook] = field(default_factory=list)
    bad_addresses: set[str] = field(default_factory=set)
    profiles: dict[str, Profile] = field(default_factory=dict)
    metrics: dict[tuple[str, str], Metric] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    templates: list[Template] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    mails: list[DeliveredEmail] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    _named: dict[str, Profile] = field(default_factory=dict)
    _counted: set[tuple[str, str, str]] = field(default_factory=set)
    _count: int = 0

    def new_key(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count:06d}"

    def profile(self, identifiers: Mapping[str, Any], pointer: str = _AT_EMAIL) -> Profile:
        """The profile with one of these identifiers, else a new one."""
        email, external_id = identifiers.get("email"), identifiers.get("external_id")
        if email and not _ADDRESS.fullmatch(email):
            raise Problem(400, "invalid", "Invalid email address", pointer)
        if not any(identifiers.get(name) for name in IDENTIFIERS):
            raise Problem(400, "invalid", "One profile identifier is required.", "/data")
        names = [f"{name} {identifiers[name]}" for name in IDENTIFIERS if identifiers.get(name)]
        found = next((self._named[name] for name in names if name in self._named), None)
        profile = found or Profile(key=self.new_key("P"))
        profile.email = email or profile.email
        profile.external_id = external_id or profile.external_id
        self.profiles[profile.key] = profile
        self._named.update(dict.fromkeys(names, profile))
        return profile

    def upsert(self, key: str | None, identifiers: Mapping[str, Any]) -> Profile:
        """What an import writes to: the profile of this id or of these identifiers, else a new one.

        Identifiers of two profiles are refused, in two ways: https://community.klaviyo.com/
        developer-group-64/unexpected-404-when-using-create-or-update-profiles-endpoint-11971
        """
        names = [f"{name} {identifiers[name]}" for name in IDENTIFIERS if identifiers.get(name)]
        holders = {self._named[name].key for name in names if name in self._named}
        if key is not None and (key not in self.profiles or holders - {key}):
            raise Problem(404, "not_found", f"A profile with id {key} does not exist.")
        if len(holders) > 1:
            detail = "A profile already exists with one of these identifiers."
            raise Problem(409, "duplicate_profile", detail, "/data/attributes")
        if key is not None:
            own = self.profiles[key]
            self._named = {name: p for name, p in self._named.items() if p is not own}
            phone = own.attributes.get("phone_number")
            kept = {"external_id": own.external_id, "phone_number": phone, **identifiers}
            names = [f"{name} {kept[name]}" for name in IDENTIFIERS if kept.get(name)]
            self._named.update(dict.fromkeys(names, own))
        return self.profile(identifiers, "/data/attributes/email")

    def find(self, email: str) -> Profile | None:
        return self._named.get(f"email {email}")

    def erase(self, email: str) -> None:
        """Delete a person and every event of theirs."""
        self.erased.append(email)
        gone = self.find(email)
        if gone is not None:
            del self.profiles[gone.key]
            self._named = {name: kept for name, kept in self._named.items() if kept is not gone}
            self.events = [event for event in self.events if event.profile is not gone]

    def metric(self, name: str, maker: str = "API") -> Metric:
        """The metric of this name, made by its first event."""
        known = self.metrics.get((maker, name))
        if known is None:
            known = self.metrics[maker, name] = Metric(
                key=self.new_key("M"), name=name, maker=maker
            )
        return known

    def take(self, attributes: dict[str, Any]) -> None:
        """A checked event: filed at once, or at the next `pump` when the account lags."""
        self.waiting.append(attributes)
        if not self.lagging:
            self.pump()

    def pump(self) -> None:
        """File what waits, in the order it came."""
        while self.waiting:
            self._file(self.waiting.pop(0))

    def _file(self, attributes: dict[str, Any]) -> None:
        profile = self.profile(attributes["profile"]["data"]["attributes"])
        metric = self.metric(attributes["metric"]["data"]["attributes"]["name"])
        at = attributes.get("time") or clock.now().isoformat()
        moment = datetime.fromisoformat(at).replace(microsecond=0)
        # Without a unique_id the second counts, so two in one second are one.
        identity = (profile.key, metric.key, attributes.get("unique_id") or moment.isoformat())
        if identity in self._counted:
            return
        self._counted.add(identity)
        event = self.file(metric, profile, attributes["properties"], moment)
        if not attributes.get("backfill"):
            for flow in self.flows:
                if flow.status == "live" and flow.metric_key == metric.key:
                    self._mail(flow, event)

    def file(
        self, metric: Metric, profile: Profile, properties: dict[str, Any], at: datetime
    ) -> Event:
        key = self.new_key("E")
        event = Event(key=key, metric=metric, profile=profile, properties=properties, at=at)
        self.events.append(event)
        return event

    def report(self, name: str, profile: Profile, properties: dict[str, Any]) -> Event:
        """An event of Klaviyo's own, such as Received Email."""
        metric = self.metric(name, "Klaviyo")
        return self.file(metric, profile, properties, clock.now().replace(microsecond=0))

    def opt_out(self, profile: Profile) -> Event:
        """They unsubscribe from everything."""
        profile.consent, profile.consent_at = "UNSUBSCRIBED", clock.now()
        profile.suppressions.append(("UNSUBSCRIBE", clock.now()))
        return self.report("Unsubscribed from Email Marketing", profile, {})

    def _mail(self, flow: Flow, event: Event) -> None:
        profile, message = event.profile, flow.message
        reason = "no address" if not profile.email else profile.may_get(message)
        if reason is None and self._filtered(flow, event):
            reason = "profile filter"
        if reason is not None:
            self.skipped.append((profile.email or profile.key, reason))
            return
        facts = {"$flow": flow.key, "$message": f"{flow.key}-{message.get('name', '')}"}
        if profile.email in self.bad_addresses:
            profile.suppressions.append(("HARD_BOUNCE", clock.now()))
            self.report("Bounced Email", profile, {**facts, "Bounce Type": "Hard"})
            return
        try:
            mail = self._render(flow, event, facts)
        except (TemplateError, StopIteration):
            self.skipped.append((profile.email or profile.key, "template error"))
            return
        profile.mailed_at = clock.now()
        self.mails.append(mail)
        self.report("Received Email", profile, {**facts, "Subject": mail.subject})

    def _filtered(self, flow: Flow, event: Event) -> bool:
        """Whether the person did, since the event, what the flow's filter excludes."""
        groups = (flow.definition.get("profile_filter") or {}).get("condition_groups", [])
        excluded = {
            condition["metric_id"]
            for group in groups
            for condition in group["conditions"]
            if condition["type"] == "profile-metric"
        }
        return bool(excluded) and any(
            other.metric.key in excluded and other.profile is event.profile and other.at >= event.at
            for other in self.events
        )

    def _render(self, flow: Flow, event: Event, facts: dict[str, str]) -> DeliveredEmail:
        message, profile = flow.message, event.profile
        template = next(t for t in self.templates if t.key == message["template_id"])
        link = f"{self.url}/unsubscribe/{self.key}/{profile.key}"
        organization = {"name": self.name, "full_address": "1 Sandbox Street, 0001 Loopback"}
        values = {"event": event.properties, "organization": organization}
        return DeliveredEmail(
            to=profile.email or "",
            subject=render(message["subject_line"], values, link),
            preview=render(message.get("preview_text") or "", values, link),
            html=render(template.html, values, link),
            text=render(template.text, values, link),
            at=clock.now(),
            message_id=event.properties.get("message_id"),
            unsubscribe_url=link,
            facts=facts,
            account_key=self.key,
        )
