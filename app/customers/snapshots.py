"""Snapshots of many people at once, in a fixed number of statements, however many they are."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.customers import snapshot_rows
from app.customers.consent import consent_now
from app.customers.snapshot import REMEMBERED_TIME, USED_WITHIN, CartNow, OrderNow, Snapshot
from app.models import Store
from app.models.rows import listed
from app.stores.settings import read_settings
from app.tenancy import store_of

_TAKEN = (*snapshot_rows.AS_IT_IS, *snapshot_rows.STANDS, *snapshot_rows.PREDICTED)
_Seen = TypeVar("_Seen")


def load_snapshots(
    session: Session, customer_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Snapshot]:
    """Everything decisions may know about these people; who does not exist is left out."""
    ids = list(dict.fromkeys(customer_ids))
    if not ids:
        return {}
    store_id = store_of(session)
    store = session.get_one(Store, store_id)
    asked = {"store": store_id, "people": listed(ids)}
    rows = session.execute(snapshot_rows.PEOPLE, asked).all()
    parts: dict[str, dict[UUID, Any]] = {
        "consent": consent_now(session, ids),
        "carts": _by_person(session.execute(snapshot_rows.CARTS, asked), ids, _cart),
        "orders": _by_person(session.execute(snapshot_rows.ORDERS, asked), ids, _order),
        "shop_segments": _shop_segments(session, asked, ids),
        **_acts(session, asked, ids, now),
    }
    held = set(session.scalars(snapshot_rows.HELD, asked))
    working = session.scalars(snapshot_rows.CONNECTED, asked)
    connected = frozenset(name for channels in working for name in channels)
    settings = read_settings(store.settings)
    templates = frozenset(settings.whatsapp_templates)
    segments = read_segments(session)
    categories = _categories(session, parts["orders"].values())
    return {
        row.customer_id: Snapshot(
            store_id=store_id,
            taken_at=now,
            currency=store.currency,
            locale=row.locale or store.locale,
            tags=tuple(row.tags),
            erased=row.erased_at is not None,
            holds_promotions=row.customer_id in held,
            low_score=settings.low_score,
            connected=connected,
            whatsapp_templates=templates,
            segments=segments,
            categories=_of_these(categories, parts["orders"][row.customer_id]),
            **dict(zip(_TAKEN, row, strict=False)),
            **{name: found[row.customer_id] for name, found in parts.items()},
        )
        for row in rows
    }


def read_segments(session: Session) -> dict[str, str]:
    """The store's segments by their short names, each with its condition as it was written."""
    return dict(session.execute(snapshot_rows.SEGMENTS, {"store": store_of(session)}).all())


def _by_person(
    rows: Iterable[Any], ids: Sequence[UUID], read: Callable[[Any], _Seen]
) -> dict[UUID, tuple[_Seen, ...]]:
    found: defaultdict[UUID, list[_Seen]] = defaultdict(list)
    for row in rows:
        found[row.customer_id].append(read(row))
    return {customer_id: tuple(found[customer_id]) for customer_id in ids}


def _cart(row: Any) -> CartNow:
    return CartNow(
        cart_id=row.cart_id,
        status=row.status,
        currency=row.currency,
        total_minor=row.total_minor,
        lines=tuple(row.lines),
        recovery_url=row.recovery_url,
        started_at=row.started_at,
        changed_at=row.changed_at,
        abandoned_at=row.abandoned_at,
        keys=tuple(row.keys or ()),
    )


def _order(row: Any) -> OrderNow:
    return OrderNow(
        order_key=row.order_key,
        number=row.number,
        placed_at=row.placed_at,
        status=row.status,
        currency=row.currency,
        total_minor=row.total_minor,
        refunded_minor=row.refunded_minor,
        cart_keys=tuple(row.cart_keys),
        discount_codes=tuple(row.discount_codes),
        product_keys=tuple(key for key in row.products or () if key is not None),
        titles=tuple(row.titles or ()),
    )


def _categories(
    session: Session, people: Iterable[Sequence[OrderNow]]
) -> dict[str, tuple[str, ...]]:
    """Of all products that these people have bought."""
    keys = {key for orders in people for order in orders for key in order.product_keys}
    asked = {"store": store_of(session), "products": listed(sorted(keys))}
    rows = session.execute(snapshot_rows.CATEGORIES, asked) if keys else ()
    return {key: tuple(names) for key, names in rows}


def _of_these(
    categories: Mapping[str, tuple[str, ...]], orders: Sequence[OrderNow]
) -> dict[str, tuple[str, ...]]:
    keys = dict.fromkeys(key for order in orders for key in order.product_keys)
    return {key: categories[key] for key in keys if key in categories}


def _shop_segments(
    session: Session, asked: Mapping[str, Any], ids: Sequence[UUID]
) -> dict[UUID, frozenset[str]]:
    rows = _by_person(session.execute(snapshot_rows.SHOP_SEGMENTS, asked), ids, _segment_key)
    return {customer_id: frozenset(keys) for customer_id, keys in rows.items()}


def _segment_key(row: Any) -> str:
    return str(row.segment_key)


def _acts(
    session: Session, asked: Mapping[str, Any], ids: Sequence[UUID], now: datetime
) -> dict[str, dict[UUID, Any]]:
    since = {"since": now - REMEMBERED_TIME, "used_since": now - USED_WITHIN}
    events: dict[UUID, dict[str, tuple[datetime, ...]]] = {customer_id: {} for customer_id in ids}
    features: dict[UUID, tuple[str, ...]] = dict.fromkeys(ids, ())
    for row in session.execute(snapshot_rows.EVENTS, {**asked, **since}):
        events[row.customer_id][row.name] = tuple(row.moments)
        features[row.customer_id] += tuple(row.features or ())
    return {"events": events, "features": features}
