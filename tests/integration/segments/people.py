"""Random people with everything a condition may look at, written as rows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.customers.grades import Measure
from app.customers.predictions import CLUSTERS
from app.customers.stages import SILENT_DAYS
from app.customers.standing import stand
from app.models import (
    Cart,
    ConsentEntry,
    Credential,
    Customer,
    LoggedFact,
    Order,
    OrderLine,
    Prediction,
    Product,
    ShopMember,
    ShopSegment,
    Store,
    Task,
    new_id,
)
from app.models.base import Base
from app.science.rfm import Bounds

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PRODUCTS = ("p1", "p2", "p3")
EVENTS = ("link_clicked", "page_viewed", "feature_used")
FEATURES = (None, "export", "import", "Größe")
SHOP_SEGMENTS = ("500123", "500124")
MESSAGES = ("low-score.survey", "upsell.goes_with")
CATEGORIES = {"p1": ["Tea"], "p2": ["Tea", "Gifts"], "p3": []}

NOBODY: dict[str, Any] = {
    "first_seen_at": NOW,
    "consent": [],
    "carts": [],
    "orders": [],
    "acts": [],
    "tasks": [],
    "groups": [],
    "stands": True,
    "predicted": None,
}


moments = st.one_of(
    st.sampled_from([0, 1, 7, 10, 30, 60, 365, 366]).map(lambda days: NOW - timedelta(days=days)),
    st.integers(-60, 600_000).map(lambda minutes: NOW - timedelta(minutes=minutes)),
)


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """The values of one person; `write` turns them into rows."""
    return {
        "email": draw(st.sampled_from([None, "ana@example.com", "bo@example.com"])),
        "phone": draw(st.sampled_from([None, "+393331234567", "+12025550123"])),
        "first_name": draw(st.sampled_from([None, "Ana", "João", "李"])),
        "locale": draw(st.sampled_from([None, "it", "pt-BR", "pt_PT", "de"])),
        "country": draw(st.sampled_from([None, "IT", "US", "JP"])),
        "region": draw(st.sampled_from([None, "CA", "MI"])),
        "tags": draw(st.lists(st.sampled_from(["vip", "b2b", "è"]), unique=True)),
        "score": draw(st.sampled_from([None, 0, 5, 9, 10])),
        "first_seen_at": draw(moments),
        "last_active_at": draw(st.none() | moments),
        "erased_at": draw(st.sampled_from([None, None, None, None, NOW])),
        "consent": draw(st.lists(_choices(), max_size=5)),
        "carts": draw(st.lists(_carts(), max_size=3)),
        "orders": draw(st.lists(_orders(), max_size=3)),
        "acts": draw(st.lists(_acts_done(), max_size=4)),
        "tasks": draw(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=2)),
        "groups": draw(st.lists(st.sampled_from(SHOP_SEGMENTS), unique=True)),
        "stands": draw(st.sampled_from([True, True, True, False])),
        "predicted": draw(st.none() | _predictions()),
    }


def _acts_done() -> st.SearchStrategy[tuple[str, datetime, str | None]]:
    return st.tuples(st.sampled_from(EVENTS), moments, st.sampled_from(FEATURES))


def _predictions() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "will_buy": st.sampled_from([None, *map(Decimal, ("0.0", "9.5", "91", "100.0"))]),
            "expected_orders": st.sampled_from([None, Decimal("0.95"), Decimal("9.50")]),
            "expected_value_minor": st.sampled_from([None, 0, 1_999, 2_000, 9_000]),
            "cluster": st.sampled_from([None, *CLUSTERS]),
        }
    )


def shops() -> st.SearchStrategy[dict[str, Any]]:
    """What a store has chosen and connected; `furnish` writes it down."""
    names = [*MESSAGES, *(f"{m}.{language}" for m in MESSAGES for language in ("it", "pt-BR"))]
    return st.fixed_dictionaries(
        {
            "low_score": st.sampled_from([0, 5, 6]),
            "whatsapp_templates": st.dictionaries(st.sampled_from(names), st.just("HX1")),
            "channels": st.sampled_from([[], ["sms"], ["sms", "whatsapp"]]),
            "broken_since": st.sampled_from([None, None, NOW]),
        }
    )


def furnish(session: Session, store_id: UUID, values: dict[str, Any]) -> None:
    store = session.get_one(Store, store_id)
    store.settings = {name: values[name] for name in ("low_score", "whatsapp_templates")}
    account = Credential(store_id=store_id, kind="twilio", sealed=b"")
    account.channels, account.broken_since = values["channels"], values["broken_since"]
    session.merge(account)
    session.flush()


def _choices() -> st.SearchStrategy[dict[str, Any]]:
    """An address may be one that another person has as well."""
    mails = st.sampled_from([None, "ana@example.com", "bo@example.com"])
    numbers = st.sampled_from([None, "+393331234567", "+12025550123"])
    return _choices_about(["email"], mails) | _choices_about(["sms", "whatsapp"], numbers)


def _choices_about(
    channels: list[str], addresses: st.SearchStrategy[str | None]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "channel": st.sampled_from(channels),
            "state": st.sampled_from(["subscribed", "pending", "unsubscribed"]),
            "source": st.sampled_from(["form", "import:orders.csv", "twilio"]),
            "address": addresses,
            "occurred_at": moments,
        }
    )


def _lines() -> st.SearchStrategy[list[tuple[str | None, int]]]:
    return st.lists(st.tuples(st.sampled_from([None, *PRODUCTS]), st.integers(1, 4)), max_size=3)


def _carts() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "status": st.sampled_from(["active", "abandoned", "abandoned", "ordered", "expired"]),
            "currency": st.sampled_from(["EUR", "EUR", "USD"]),
            "total_minor": st.sampled_from([0, 1_999, 2_000, 2_001, 9_000]),
            "lines": _lines(),
            "changed_at": moments,
            "abandoned_at": st.none() | moments,
        }
    )


def _orders() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "counts": st.sampled_from([True, True, False]),
            "currency": st.sampled_from(["EUR", "EUR", "USD"]),
            "total_minor": st.sampled_from([0, 2_000, 9_000]),
            "lines": _lines(),
            "placed_at": moments,
        }
    )


def write(session: Session, store_id: UUID, values: dict[str, Any]) -> UUID:
    """Add one person's rows, with the figures on the customer that `customers.apply` keeps."""
    customer_id = new_id()
    plain = {key: value for key, value in values.items() if key not in _PARTS}
    placed = [order["placed_at"] for order in values["orders"] if order["counts"]]
    session.add(
        Customer(
            store_id=store_id,
            customer_id=customer_id,
            **plain,
            orders_count=len(placed),
            spent_minor=1_000 * len(placed),
            first_order_at=min(placed, default=None),
            last_order_at=max(placed, default=None),
        )
    )
    _write_shop(session, store_id, values)
    session.flush()
    orders, lines = _orders_of(store_id, customer_id, values["orders"])
    session.add_all(
        [
            *orders,
            *_consent(store_id, customer_id, values["consent"]),
            *_open_carts(store_id, customer_id, values["carts"]),
            *_acts(store_id, customer_id, values["acts"]),
            *_tasks(store_id, customer_id, values["tasks"]),
            *_groups(store_id, customer_id, values["groups"]),
            *_predicted(store_id, customer_id, values["predicted"]),
        ]
    )
    session.flush()
    session.add_all(lines)
    session.flush()
    if values["stands"]:
        stand(session, _MEASURE, NOW, [customer_id])
    return customer_id


_PARTS = ("consent", "carts", "orders", "acts", "tasks", "groups", "stands", "predicted")
_MEASURE = Measure(Bounds(), (1_000, 1_000, 2_000, 3_000), SILENT_DAYS)


def _write_shop(session: Session, store_id: UUID, values: dict[str, Any]) -> None:
    """What the shop has, once: products with their categories, and segments of its own."""
    shelf = [
        {"product_key": key, "title": key, "categories": kinds, "source_updated_at": NOW}
        for key, kinds in CATEGORIES.items()
    ]
    groups = [{"segment_key": key, "due_at": NOW} for key in values["groups"]]
    for model, rows in ((Product, shelf if values["orders"] else []), (ShopSegment, groups)):
        if rows:
            own = [{"store_id": store_id, **row} for row in rows]
            session.execute(insert(model).on_conflict_do_nothing(), own)


def _groups(store_id: UUID, customer_id: UUID, groups: list[str]) -> list[Base]:
    own = {"store_id": store_id, "customer_id": customer_id, "seen_at": NOW}
    return [ShopMember(segment_key=key, **own) for key in groups]


def _predicted(store_id: UUID, customer_id: UUID, values: dict[str, Any] | None) -> list[Base]:
    own = {"store_id": store_id, "customer_id": customer_id, "predicted_at": NOW}
    return [Prediction(**own, **values)] if values else []


def _orders_of(
    store_id: UUID, customer_id: UUID, orders: list[dict[str, Any]]
) -> tuple[list[Order], list[OrderLine]]:
    made, lines = [], []
    for order in orders:
        key = new_id().hex
        own: dict[str, Any] = {"store_id": store_id, "order_key": key}
        values = {name: value for name, value in order.items() if name != "lines"}
        made.append(
            Order(
                **own,
                number=key[:6],
                customer_id=customer_id,
                status="paid" if order["counts"] else "cancelled",
                source_updated_at=order["placed_at"],
                **values,
            )
        )
        lines += [
            OrderLine(
                **own,
                line_key=str(place),
                product_key=product,
                title=f"Title {product}",
                quantity=quantity,
                total_minor=100,
            )
            for place, (product, quantity) in enumerate(order["lines"])
        ]
    return made, lines


def _consent(store_id: UUID, customer_id: UUID, choices: list[dict[str, Any]]) -> list[Base]:
    return [
        ConsentEntry(store_id=store_id, entry_key=new_id().hex, customer_id=customer_id, **choice)
        for choice in choices
    ]


def _open_carts(store_id: UUID, customer_id: UUID, carts: list[dict[str, Any]]) -> list[Base]:
    return [
        Cart(
            store_id=store_id,
            customer_id=customer_id,
            started_at=cart["changed_at"] - timedelta(hours=1),
            source_updated_at=cart["changed_at"],
            **{
                **cart,
                "lines": [
                    {
                        "line_key": str(place),
                        "product_key": product,
                        "title": "T",
                        "quantity": quantity,
                        "total_minor": 100,
                    }
                    for place, (product, quantity) in enumerate(cart["lines"])
                ],
            },
        )
        for cart in carts
    ]


def _acts(
    store_id: UUID, customer_id: UUID, acts: list[tuple[str, datetime, str | None]]
) -> list[Base]:
    return [
        LoggedFact(
            store_id=store_id,
            fact_key=new_id().hex,
            kind="customer_acted",
            source="test",
            customer_id=customer_id,
            occurred_at=at,
            fact={
                "kind": "customer_acted",
                "name": name,
                "event_key": "k",
                "person": {},
                "values": {} if feature is None else {"feature": feature},
                "updated_at": at.isoformat(),
            },
        )
        for name, at, feature in acts
    ]


def _tasks(store_id: UUID, customer_id: UUID, tasks: list[tuple[bool, bool]]) -> list[Base]:
    return [
        Task(
            store_id=store_id,
            customer_id=customer_id,
            journey_id=new_id(),
            step="call",
            title="Call",
            script="Ask",
            owner="support",
            due_at=NOW,
            holds_promotions=holds,
            closed_at=NOW if closed else None,
        )
        for holds, closed in tasks
    ]


def order(days_ago: float, product: str) -> dict[str, Any]:
    return {
        "counts": True,
        "currency": "EUR",
        "total_minor": 2_000,
        "lines": [(product, 1)],
        "placed_at": NOW - timedelta(days=days_ago),
    }
