"""Flow files, people and journeys for the tests of this room, in one line each."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.customers.snapshot import CartNow, ConsentNow, OrderNow, Snapshot
from app.flows import effects as e
from app.flows.decide import decide
from app.flows.definition import Definition
from app.flows.load import definition_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STORE = UUID(int=1)
ANA = UUID(int=2)
FLOW = UUID(int=3)
JOURNEY = UUID(int=4)
CART = UUID(int=5)

EMAIL_COPY = "{subject: Hello, body: Come back}"
HEAD = """\
flow: test-flow
name: {en: Test}
languages: [en]
"""


def flow_text(steps: str, *, purpose: str = "service", more: str = "") -> str:
    """A whole file around `steps`, with every message the tests send."""
    return (
        f"{HEAD}purpose: {purpose}\ntrigger: {{event: customer_created}}\n{more}\n"
        f"steps:\n{steps}\n"
        "messages:\n"
        f"  hello: {{email: {{en: {EMAIL_COPY}}}, sms: {{en: {{text: Hello}}}}}}\n"
        f"  again: {{email: {{en: {EMAIL_COPY}}}}}\n"
        f"  tried: {{email: {{en: {EMAIL_COPY}, variants: {{short: {{en: {{subject: Hi}}}}}}}}}}\n"
    )


def flow(steps: str, *, purpose: str = "service", more: str = "") -> Definition:
    return definition_of(flow_text(steps, purpose=purpose, more=more))


def person(**values: Any) -> Snapshot:
    """Ana, whom we may write to."""
    yes = ConsentNow(state="subscribed", since=NOW - timedelta(days=90), source="form")
    ana: dict[str, Any] = {
        "store_id": STORE,
        "customer_id": ANA,
        "taken_at": NOW,
        "currency": "EUR",
        "email": "ana@example.com",
        "phone": "+393331234567",
        "locale": "it",
        "first_seen_at": NOW - timedelta(days=90),
        "consent": {"email": yes, "sms": yes, "whatsapp": yes},
    }
    return Snapshot(**{**ana, **values})


def order(placed_at: datetime, **values: Any) -> OrderNow:
    usual: dict[str, Any] = {
        "order_key": "o-1",
        "number": "1001",
        "status": "paid",
        "currency": "EUR",
        "total_minor": 5_000,
        "refunded_minor": 0,
        "cart_keys": (),
        "discount_codes": (),
        "product_keys": (),
        "titles": (),
    }
    return OrderNow(**{**usual, "placed_at": placed_at, **values})


def cart(**values: Any) -> CartNow:
    usual: dict[str, Any] = {
        "cart_id": CART,
        "status": "abandoned",
        "currency": "EUR",
        "total_minor": 5_000,
        "lines": (),
        "recovery_url": None,
        "started_at": NOW - timedelta(hours=3),
        "changed_at": NOW - timedelta(hours=1),
        "abandoned_at": NOW,
        "keys": ("c-1",),
    }
    return CartNow(**{**usual, **values})


def journey(definition: Definition, **values: Any) -> e.JourneyView:
    usual: dict[str, Any] = {
        "journey_id": JOURNEY,
        "flow_id": FLOW,
        "customer_id": ANA,
        "arm": e.Arm.TREATED,
        "step": definition.first,
        "step_since": NOW,
        "entered_at": NOW,
    }
    return e.JourneyView(**{**usual, **values})


def situation(**values: Any) -> e.Situation:
    return e.Situation(**{"timezone": "Europe/Rome", **values})


def look(
    definition: Definition,
    *,
    who: Snapshot | None = None,
    at: datetime = NOW,
    around: dict[str, Any] | None = None,
    offers: dict[str, e.OfferState] | None = None,
    **inside: Any,
) -> e.Verdict:
    """One decision about Ana; `around` is what else her situation holds."""
    return decide(
        definition,
        journey(definition, **inside),
        who or person(),
        situation(offers=offers or {}, **(around or {})),
        at,
    )


def reasons(verdict: e.Verdict) -> list[str]:
    return [str(record.reason) for record in verdict.records]


def sends(verdict: e.Verdict) -> list[e.Send]:
    return [effect for effect in verdict.effects if isinstance(effect, e.Send)]
