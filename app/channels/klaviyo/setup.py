"""Building our flows in a merchant's Klaviyo, after they agreed to the plan.

Finds before it makes, because names there are no keys; makes what is missing, and at a rate limit
returns what is left. Must never sleep, never change what the merchant made, and never set anything
live by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.channels.klaviyo import blueprints, payloads
from app.channels.klaviyo.blueprints import FlowWish, Parts, object_name
from app.channels.klaviyo.client import Client, KlaviyoCredentials
from app.channels.klaviyo.pieces import GoneLive, Kind, Piece, Plan, Progress, progress
from app.channels.klaviyo.poll import metric_ids, next_page
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
        return Plan(pieces=tuple(pieces), order_metric_id=_order_metric(makers))

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

    def set_live(self, flow_ids: Sequence[str]) -> GoneLive:
        """Start the flows the merchant agreed to; one that is live already is a success."""
        for done, flow_id in enumerate(flow_ids):
            try:
                self._client.ask(
                    self._api.Flows.update_flow, flow_id, blueprints.live_body(flow_id)
                )
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
            made.append(_made(piece, self._client.ask(self._api.Templates.create_template, body)))
        ids = {(piece.kind, piece.slug): piece.provider_id for piece in (*plan.pieces, *made)}
        flows = {piece.slug: piece for piece in missing[Kind.FLOW]}
        for wish in wishes:
            if wish.slug in flows and ids[Kind.METRIC, wish.slug]:
                body = blueprints.flow_body(wish, self._parts(wish, ids, plan))
                reply = self._client.ask(self._api.Flows.create_flow, body)
                made.append(_made(flows[wish.slug], reply))

    def _make_metrics(self, missing: Sequence[Piece], test_address: str, made: list[Piece]) -> None:
        """A metric exists once its first event is filed, which is some time after it was taken."""
        for piece in missing:
            event = payloads.event(
                piece.name,
                profile={"email": test_address},
                properties={"subject": "Comeback set-up", "flow": piece.slug},
                unique_id=f"comeback-setup-{piece.slug}",
                backfill=True,
            )
            self._client.ask(self._api.Events.create_event, event)
        found = (
            {name: key for (_, name), key in metric_ids(self._client).items()} if missing else {}
        )
        made += [
            Piece(kind=piece.kind, slug=piece.slug, name=piece.name, provider_id=found[piece.name])
            for piece in missing
            if piece.name in found
        ]

    def _parts(
        self, wish: FlowWish, ids: Mapping[tuple[Kind, str], str | None], plan: Plan
    ) -> Parts:
        account = self._client.ask(self._api.Accounts.get_accounts)["data"][0]["attributes"]
        contact = account["contact_information"]
        if not contact.get("default_sender_email"):
            raise ComebackError(
                "Klaviyo has no sender address: set one under Settings, Email, and try again."
            )
        return Parts(
            metric_id=str(ids[Kind.METRIC, wish.slug]),
            template_id=str(ids[Kind.TEMPLATE, wish.slug]),
            order_metric_id=plan.order_metric_id,
            sender_email=contact["default_sender_email"],
            sender_name=contact.get("default_sender_name") or contact["organization_name"],
        )

    def _templates(self, names: Sequence[str]) -> dict[str, str]:
        listed = ",".join(payloads.quoted(name) for name in names)
        items = self._pages(self._api.Templates.get_templates, filter=f"any(name,[{listed}])")
        return {item["attributes"]["name"]: item["id"] for item in items}

    def _flows(self) -> dict[str, str]:
        prefix = payloads.quoted(object_name(""))
        items = self._pages(self._api.Flows.get_flows, filter=f"starts-with(name,{prefix})")
        return {
            item["attributes"]["name"]: item["id"]
            for item in items
            if not item["attributes"].get("archived")
        }

    def _pages(self, call: Any, **options: Any) -> Iterator[dict[str, Any]]:
        page: str | None = None
        while True:
            document = self._client.ask(call, page_cursor=page, **options)
            yield from document["data"]
            page = next_page(document)
            if page is None:
                return


def _made(piece: Piece, reply: dict[str, Any]) -> Piece:
    key = str(reply["data"]["id"])
    return Piece(kind=piece.kind, slug=piece.slug, name=piece.name, provider_id=key)


def _order_metric(makers: Mapping[tuple[str, str], str]) -> str | None:
    """The shop's own "Placed Order"; several integrations may each have filed one."""
    placed = {maker: key for (maker, name), key in makers.items() if name == "Placed Order"}
    known = [placed[maker] for maker in ("Shopify", "WooCommerce") if maker in placed]
    return next(iter([*known, *placed.values()]), None)
