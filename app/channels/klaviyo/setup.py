"""Building our flows in a merchant's Klaviyo, after they agreed to the plan.

Finds before it makes, because names there are no keys; makes what is missing, and at a rate limit
returns what is left. Must never sleep, never change what the merchant made, and never set anything
live by itself.
"""

from collections.abc import Sequence
from typing import Any

from app.channels.klaviyo import blueprints, payloads
from app.channels.klaviyo.blueprints import FlowWish, Parts, object_name
from app.channels.klaviyo.client import Client, KlaviyoCredentials
from app.channels.klaviyo.metrics import every_page, metric_ids, order_metric, quoted
from app.channels.klaviyo.ours import our_flows
from app.channels.klaviyo.pieces import GoneLive, Kind, Piece, Plan, Progress, progress
from app.errors import ComebackError, Unreachable

WAIT_SECONDS = 5.0
"""When Klaviyo does not say how long: a metric shows up some seconds after its first event."""


class KlaviyoSetup:
    """The set-up of one account. Every method raises Unreachable or AccessLost."""

    def __init__(self, credentials: KlaviyoCredentials, endpoint: str | None = None) -> None:
        self._client = Client(credentials, endpoint)
        self._api = self._client.api

    def plan(self, wishes: Sequence[FlowWish]) -> Plan:
        """Look, change nothing."""
        makers = metric_ids(self._client)
        metrics = {name: metric_id for (_, name), metric_id in makers.items()}
        templates = self._templates([object_name(wish.slug) for wish in wishes])
        found = {Kind.METRIC: metrics, Kind.TEMPLATE: templates, Kind.FLOW: self._flows()}
        pieces = [
            Piece(kind=kind, slug=wish.slug, name=name, provider_id=found[kind].get(name))
            for kind in Kind
            for wish in wishes
            for name in [object_name(wish.slug)]
        ]
        return Plan(pieces=tuple(pieces), order_metric_id=order_metric(makers))

    def apply(self, wishes: Sequence[FlowWish], test_address: str) -> Progress:
        """Make what is missing, as drafts. The metrics' first events go to `test_address`."""
        plan = self.plan(wishes)
        made: list[Piece] = []
        try:
            self._make(wishes, plan, test_address, made)
        except Unreachable as error:
            # What was made without an answer is found by name the next time.
            return progress(plan, made, error.retry_after or WAIT_SECONDS)
        return progress(plan, made, WAIT_SECONDS)

    def silent(self, wishes: Sequence[FlowWish]) -> tuple[str, ...]:
        """The flows of these that would send nothing: missing there, or not live."""
        live = {
            flow["attributes"]["name"]
            for flow in our_flows(self._client)
            if flow["attributes"].get("status") == "live" and not flow["attributes"].get("archived")
        }
        return tuple(wish.slug for wish in wishes if object_name(wish.slug) not in live)

    def set_live(self, flow_ids: Sequence[str]) -> GoneLive:
        """Start the flows the merchant agreed to; one that is live already is a success."""
        for done, flow_id in enumerate(flow_ids):
            try:
                body = blueprints.live_body(flow_id)
                self._client.ask(self._api.Flows.update_flow, flow_id, body)
            except Unreachable as error:
                wait = error.retry_after or WAIT_SECONDS
                return GoneLive(
                    live=tuple(flow_ids[:done]), left=tuple(flow_ids[done:]), retry_after=wait
                )
        return GoneLive(live=tuple(flow_ids), left=(), retry_after=None)

    def _make(
        self, wishes: Sequence[FlowWish], plan: Plan, test_address: str, made: list[Piece]
    ) -> None:
        """Metrics first, for a flow needs its id; `made` keeps what was done when this raises."""
        missing: dict[Kind, list[Piece]] = {kind: [] for kind in Kind}
        for piece in plan.missing:
            missing[piece.kind].append(piece)
        self._make_metrics(missing[Kind.METRIC], test_address, made)
        for piece in missing[Kind.TEMPLATE]:
            body = blueprints.template_body(piece.slug)
            made.append(self._create(piece, self._api.Templates.create_template, body))
        self._make_flows(wishes, plan, missing[Kind.FLOW], made)

    def _make_metrics(self, missing: Sequence[Piece], test_address: str, made: list[Piece]) -> None:
        """A metric exists once its first event is filed, which is some time after it was taken."""
        for piece in missing:
            body = payloads.first_event(piece.slug, test_address)
            self._client.ask(self._api.Events.create_event, body)
        if missing:
            found = {name: key for (_, name), key in metric_ids(self._client).items()}
            made += [piece.made(found[piece.name]) for piece in missing if piece.name in found]

    def _make_flows(
        self, wishes: Sequence[FlowWish], plan: Plan, missing: Sequence[Piece], made: list[Piece]
    ) -> None:
        ids = {(piece.kind, piece.slug): piece.provider_id for piece in (*plan.pieces, *made)}
        ready = [piece for piece in missing if ids[Kind.METRIC, piece.slug]]
        sender = self._sender() if ready else ("", "")
        wanted = {wish.slug: wish for wish in wishes}
        for piece in ready:
            parts = Parts(
                metric_id=str(ids[Kind.METRIC, piece.slug]),
                template_id=str(ids[Kind.TEMPLATE, piece.slug]),
                order_metric_id=plan.order_metric_id,
                sender=sender,
            )
            body = blueprints.flow_body(wanted[piece.slug], parts)
            made.append(self._create(piece, self._api.Flows.create_flow, body))

    def _create(self, piece: Piece, call: Any, body: dict[str, Any]) -> Piece:
        return piece.made(str(self._client.ask(call, body)["data"]["id"]))

    def _sender(self) -> tuple[str, str]:
        """Address and name of the merchant's own default sender."""
        account = self._client.ask(self._api.Accounts.get_accounts)["data"][0]["attributes"]
        contact = account["contact_information"]
        if not contact.get("default_sender_email"):
            raise ComebackError(
                "Klaviyo has no sender address: set one under Settings, Email, and try again."
            )
        name = contact.get("default_sender_name") or contact["organization_name"]
        return contact["default_sender_email"], name

    def _templates(self, names: Sequence[str]) -> dict[str, str]:
        wanted = f"any(name,[{','.join(map(quoted, names))}])"
        items = every_page(self._client, self._api.Templates.get_templates, filter=wanted)
        return {item["attributes"]["name"]: item["id"] for item in items}

    def _flows(self) -> dict[str, str]:
        found = [f for f in our_flows(self._client) if not f["attributes"].get("archived")]
        return {item["attributes"]["name"]: item["id"] for item in found}
