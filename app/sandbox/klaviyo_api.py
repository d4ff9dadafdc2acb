"""The HTTP half of the sandboxed Klaviyo: who is asking, how often, and each endpoint we call."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from app import clock
from app.sandbox.klaviyo_account import Account, Event, Flow, Profile, Template
from app.sandbox.klaviyo_oauth import OAuthProblem, SignIn
from app.sandbox.klaviyo_wire import Problem, chosen, page, read, reply, resource, stamp
from app.sandbox.server import Service

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
LIMITS: Mapping[tuple[str, str], tuple[int, int]] = {
    ("POST", "events"): (350, 3500),
    ("GET", "events"): (350, 3500),
    ("GET", "metrics"): (10, 150),
    ("GET", "accounts"): (1, 15),
    ("GET", "flows"): (3, 60),
    ("POST", "flows"): (1, 15),
    ("PATCH", "flows"): (3, 60),
    ("POST", "data-privacy-deletion-jobs"): (3, 60),
    ("GET", "webhooks"): (1, 15),
    ("POST", "webhooks"): (1, 15),
    ("PATCH", "webhooks"): (1, 15),
    ("GET", "webhook-topics"): (1, 15),
}
"""Requests a second and a minute for one account, when `limited` is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One request that was handled. `body` is its JSON, None when it had none."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


class KlaviyoApi(Service):
    """Klaviyo's API for all accounts of a sandbox."""

    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("GET", "/api/accounts", "accounts"),
        ("GET", "/api/events", "events"),
        ("POST", "/api/events", "new_event"),
        ("GET", "/api/metrics", "metrics"),
        ("GET", "/api/templates", "templates"),
        ("POST", "/api/templates", "new_template"),
        ("GET", "/api/flows", "flows"),
        ("POST", "/api/flows", "new_flow"),
        ("PATCH", "/api/flows/<key>", "change_flow"),
        ("GET", "/api/profiles", "profiles"),
        ("POST", "/api/profile-import", "import_profile"),
        ("POST", "/api/profile-subscription-bulk-create-jobs", "subscribe"),
        ("POST", "/api/profile-subscription-bulk-delete-jobs", "unsubscribe_all"),
        ("POST", "/api/profile-suppression-bulk-create-jobs", "suppress"),
        ("POST", "/api/data-privacy-deletion-jobs", "delete"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.sign_in = SignIn()
        self.journal: list[Recorded] = []
        self.limited = False
        self.by_key: dict[str, Account] = {}
        self.private_keys: dict[str, str] = {}
        self._taken: dict[tuple[str, str, str], deque[datetime]] = defaultdict(deque)

    def _dispatch(self, request: Request) -> Response:
        with self.lock:
            self.journal.append(_recorded(request))
        try:
            return super()._dispatch(request)
        except Problem as problem:
            return problem.reply()
        except OAuthProblem as problem:
            return problem.reply()

    def _account(self, request: Request) -> Account:
        """Who is asking. Raises Problem: 401, 400 without a revision, 429 over the limit."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        key = self.private_keys.get(value) if scheme == "Klaviyo-API-Key" else None
        key = self.sign_in.account_key(value) if scheme == "Bearer" else key
        if key is None:
            raise Problem(401, "not_authenticated", "Missing or invalid credentials.")
        if not request.headers.get("revision"):
            raise Problem(400, "invalid", "A revision header is required.")
        if self.limited:
            self._count(request, key)
        return self.by_key[key]

    def _count(self, request: Request, key: str) -> None:
        name = request.path.split("/")[2]
        burst, steady = LIMITS.get((request.method, name), (75, 750))
        taken, now = self._taken[key, request.method, name], clock.now()
        while taken and now - taken[0] >= timedelta(minutes=1):
            taken.popleft()
        recent = sum(now - moment < timedelta(seconds=1) for moment in taken)
        if len(taken) >= steady or recent >= burst:
            wait = 60 if len(taken) >= steady else 1
            raise Problem(429, "throttled", "Request was throttled.", retry_after=wait)
        taken.append(now)

    def accounts(self, request: Request) -> Response:
        account = self._account(request)
        contact = {
            "default_sender_name": account.name,
            "default_sender_email": account.sender,
            "organization_name": account.name,
            "street_address": {"address1": "1 Sandbox Street", "city": "Loopback"},
        }
        attributes = {"test_account": True, "contact_information": contact, "timezone": "UTC"}
        return reply({"data": [resource("account", account.key, attributes)], "links": {}})

    def new_event(self, request: Request) -> Response:
        """202 says that it was understood, and nothing of what comes of it."""
        account, data = self._account(request), read(request)
        attributes = data.get("attributes") or {}
        for name in ("properties", "metric", "profile"):
            if not isinstance(attributes.get(name), dict):
                pointer = f"/data/attributes/{name}"
                raise Problem(400, "required", f"{name} is a required field.", pointer)
        _require_small(attributes["properties"])
        account.profile(attributes["profile"]["data"]["attributes"])
        account.take(attributes)
        return reply(None, 202)

    def events(self, request: Request) -> Response:
        account = self._account(request)
        fields = {"metric_id": lambda e: e.metric.key, "datetime": lambda e: e.at}
        found = sorted(chosen(request, account.events, fields), key=lambda event: event.at)
        some, links = page(request, found, 200)
        document: dict[str, Any] = {"data": [event_item(e) for e in some], "links": links}
        if "profile" in request.args.get("include", ""):
            people = {event.profile.key: event.profile for event in some}
            document["included"] = [profile_item(person) for person in people.values()]
        return reply(document)

    def metrics(self, request: Request) -> Response:
        account = self._account(request)
        some, links = page(request, list(account.metrics.values()), 200)
        items = [
            resource(
                "metric", m.key, {"name": m.name, "integration": {"name": m.maker, "id": m.maker}}
            )
            for m in some
        ]
        return reply({"data": items, "links": links})

    def templates(self, request: Request) -> Response:
        account = self._account(request)
        found = chosen(request, account.templates, {"name": lambda t: t.name})
        some, links = page(request, found, 10)
        return reply({"data": [_template_item(t) for t in some], "links": links})

    def new_template(self, request: Request) -> Response:
        account, wanted = self._account(request), read(request)["attributes"]
        if wanted.get("editor_type") != "CODE":
            raise Problem(400, "invalid", "Only CODE templates here.", "/data/attributes")
        template = Template(
            key=account.new_key("T"),
            name=wanted["name"],
            html=wanted.get("html") or "",
            text=wanted.get("text") or "",
        )
        account.templates.append(template)
        return reply({"data": _template_item(template)}, 201)

    def flows(self, request: Request) -> Response:
        account = self._account(request)
        fields = {"name": lambda f: f.name, "status": lambda f: f.status}
        some, links = page(request, chosen(request, account.flows, fields), 50)
        return reply({"data": [_flow_item(flow) for flow in some], "links": links})

    def new_flow(self, request: Request) -> Response:
        """A draft. Its metric and template must exist, its actions carry temporary ids."""
        account, wanted = self._account(request), read(request)["attributes"]
        definition = wanted["definition"]
        flow = Flow(key=account.new_key("F"), name=wanted["name"], definition=definition)
        known = {metric.key for metric in account.metrics.values()}
        if len(definition["triggers"]) != 1 or flow.metric_key not in known:
            raise Problem(400, "invalid", "The trigger's metric does not exist.", "/data/triggers")
        if flow.message["template_id"] not in {template.key for template in account.templates}:
            raise Problem(400, "invalid", "The template does not exist.", "/data/actions")
        if any("id" in a or "temporary_id" not in a for a in definition["actions"]):
            raise Problem(400, "invalid", "Actions need a temporary_id.", "/data/actions")
        account.flows.append(flow)
        return reply({"data": _flow_item(flow)}, 201)

    def change_flow(self, request: Request, key: str) -> Response:
        account, data = self._account(request), read(request)
        flow = next((flow for flow in account.flows if flow.key == key), None)
        if flow is None or data.get("id") != key:
            raise Problem(404, "not_found", f"A flow with id {key} does not exist.")
        if data["attributes"]["status"] not in {"draft", "manual", "live"}:
            raise Problem(400, "invalid", "Unknown status.", "/data/attributes/status")
        flow.status = data["attributes"]["status"]
        return reply({"data": _flow_item(flow)})

    def profiles(self, request: Request) -> Response:
        account = self._account(request)
        silenced = "subscriptions.email.marketing.suppression.timestamp"
        fields = {
            "email": lambda p: p.email,
            "external_id": lambda p: p.external_id,
            silenced: lambda p: max((at for _, at in p.suppressions), default=_LONG_AGO),
        }
        some, links = page(request, chosen(request, list(account.profiles.values()), fields), 20)
        return reply({"data": [profile_item(p) for p in some], "links": links})

    def import_profile(self, request: Request) -> Response:
        """Upsert: null clears, absent leaves."""
        account, data = self._account(request), read(request)
        wanted, before = data["attributes"], len(account.profiles)
        profile = account.upsert(data.get("id"), wanted)
        properties = {**profile.attributes.get("properties", {}), **wanted.get("properties", {})}
        profile.attributes.update({**wanted, "properties": properties})
        status = 201 if len(account.profiles) > before else 200
        return reply({"data": profile_item(profile)}, status)

    def subscribe(self, request: Request) -> Response:
        """Lifts what the person themselves or the merchant put in the way of mail."""
        account, wanted = self._account(request), read(request)["attributes"]
        for profile, attributes in _people(account, wanted):
            consented_at = attributes["subscriptions"]["email"]["marketing"].get("consented_at")
            if bool(consented_at) != bool(wanted.get("historical_import")):
                raise Problem(400, "invalid", "consented_at goes with historical_import.")
            profile.consent, profile.consent_at = "SUBSCRIBED", clock.now()
            profile.suppressions = [s for s in profile.suppressions if s[0] == "HARD_BOUNCE"]
        return reply(None, 202)

    def unsubscribe_all(self, request: Request) -> Response:
        account = self._account(request)
        for profile, attributes in _people(account, read(request)["attributes"]):
            channels = attributes.get("subscriptions") or {"email": {}}
            if "email" in channels:
                account.opt_out(profile)
            if "sms" in channels:
                profile.sms_consent = "UNSUBSCRIBED"
        return reply(None, 202)

    def suppress(self, request: Request) -> Response:
        account = self._account(request)
        for profile, _ in _people(account, read(request)["attributes"]):
            profile.suppressions.append(("USER_SUPPRESSED", clock.now()))
        job = resource("profile-suppression-bulk-create-job", account.new_key("J"), {})
        return reply({"data": job}, 202)

    def delete(self, request: Request) -> Response:
        account, wanted = self._account(request), read(request)["attributes"]
        identifiers = wanted["profile"]["data"]["attributes"]
        if len(identifiers) != 1:
            raise Problem(400, "invalid", "Give exactly one identifier.", "/data/attributes")
        account.erase(identifiers["email"])
        return reply(None, 202)


def event_item(event: Event) -> dict[str, Any]:
    attributes = {
        "timestamp": int(event.at.timestamp()),
        "event_properties": event.properties,
        "datetime": stamp(event.at),
        "uuid": event.key,
    }
    relations = {"profile": ("profile", event.profile.key), "metric": ("metric", event.metric.key)}
    return resource("event", event.key, attributes, **relations)


def profile_item(profile: Profile) -> dict[str, Any]:
    marketing = {
        "can_receive_email_marketing": not profile.suppressions,
        "consent": profile.consent,
        "consent_timestamp": profile.consent_at and stamp(profile.consent_at),
        "suppression": [
            {"reason": reason, "timestamp": stamp(at)} for reason, at in profile.suppressions
        ],
        "list_suppressions": [],
    }
    known = {"email": profile.email, "external_id": profile.external_id}
    subscriptions = {"subscriptions": {"email": {"marketing": marketing}}}
    return resource("profile", profile.key, {**profile.attributes, **known, **subscriptions})


def _people(account: Account, wanted: Mapping[str, Any]) -> list[tuple[Profile, dict[str, Any]]]:
    items = [item["attributes"] for item in wanted["profiles"]["data"]]
    pointer = "/data/attributes/profiles/data/attributes/email"
    return [(account.profile(attributes, pointer), attributes) for attributes in items]


def _template_item(template: Template) -> dict[str, Any]:
    attributes = {"name": template.name, "editor_type": "CODE", "html": template.html}
    return resource("template", template.key, {**attributes, "text": template.text})


def _flow_item(flow: Flow) -> dict[str, Any]:
    attributes = {"name": flow.name, "status": flow.status, "archived": False}
    return resource("flow", flow.key, {**attributes, "trigger_type": "Metric"})


def _require_small(properties: Any) -> None:
    """100 KB a string, at every depth."""
    if isinstance(properties, dict):
        for value in properties.values():
            _require_small(value)
    elif isinstance(properties, str) and len(properties.encode()) > 102_400:
        raise Problem(400, "invalid", "A string is over 100 KB.", "/data/attributes/properties")


def _recorded(request: Request) -> Recorded:
    return Recorded(
        method=request.method,
        path=request.path,
        query=request.args.to_dict(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_json(force=True, silent=True),
    )
