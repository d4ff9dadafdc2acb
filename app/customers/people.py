"""The row of a customer as the sum of what was told of them, folded in memory and written once.

Each field remembers when it was last told (`clocks`, by the source's clock) and keeps the newest
value that says something: silence never erases a name. A customer record weighs more than an order
of the same moment; then the greater text wins, so that no order of arrival matters. Tags and
platform keys are marks, each with its own clock and sign, because they come and go one by one.

It must never touch a person who was erased, and never count what we did for what they did.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.customers.batch import Batch
from app.customers.changes import ChangeKind
from app.customers.facts import NO_SIGN, UNTOLD, Told, moment
from app.events import CartSeen, CustomerActed, CustomerDeleted, CustomerSeen, OrderSeen
from app.models import Cart, Customer
from app.models.rows import Row, among, put, table_of

SCORE = "score_given"
_TAGS = {"tag_added": "+", "tag_removed": "-"}
_FIELDS = ("email", "phone", "first_name", "last_name", "locale", "country", "region")
_SHOWN = (*_FIELDS, "platform_key", "tags", "score")
_COLUMNS = [column.name for column in table_of(Customer).columns]
_FAR = datetime.max.replace(tzinfo=UNTOLD.tzinfo)


def blank(store_id: UUID, customer_id: UUID) -> Row:
    """A customer of whom nothing was told yet."""
    return {
        **dict.fromkeys(_COLUMNS),
        "store_id": store_id,
        "customer_id": customer_id,
        "tags": [],
        "orders_count": 0,
        "spent_minor": 0,
        "first_seen_at": _FAR,
        "clocks": {},
        "suppressed": {},
    }


def fold(batch: Batch) -> None:
    """Tell every customer of the batch what its facts say about them."""
    for customer_id, told in batch.by_customer().items():
        for one in told:
            absorb(batch.people[customer_id], one)


def absorb(row: Row, one: Told) -> None:
    """Take one fact into a customer's row. Doing it twice, or in another order, is the same."""
    if row["erased_at"] is not None or not (one.nodes or one.phone):
        return
    if one.names_somebody and not isinstance(one.fact, CustomerDeleted):
        _take_fields(row, one)
    _take_marks(row, one)
    row["first_seen_at"] = min(row["first_seen_at"], _first_moment(one))
    _be_active(row, _activity(one))
    if isinstance(one.fact, CustomerActed) and one.fact.name == SCORE:
        _take_score(row, one.at, one.fact.values.get("value"))


def _take_fields(row: Row, one: Told) -> None:
    is_record = isinstance(one.fact, CustomerSeen)
    clock = f"{one.clock}|{int(is_record)}"
    for field in _FIELDS:
        told = getattr(one, field) if field in ("email", "phone") else getattr(one.person, field)
        _take(row, field, clock, told)
    if is_record:
        row["source_updated_at"] = max(row["source_updated_at"] or UNTOLD, one.at)


def _take(row: Row, field: str, clock: str, told: str | None) -> None:
    if told and (clock, told) > (row["clocks"].get(field, ""), row[field] or ""):
        row[field], row["clocks"][field] = told, clock


def _take_marks(row: Row, one: Told) -> None:
    clock = one.clock
    if isinstance(one.fact, CustomerDeleted):
        _mark(row, f"key:{one.fact.platform_key}", f"{clock}-")
    elif one.person.platform_key:
        _mark(row, f"key:{one.person.platform_key}", f"{clock}+")
    if isinstance(one.fact, CustomerSeen) and one.fact.tags:
        # Some sources leave the tags out; a record without any is no word about them.
        _mark(row, "tags", clock)
        for tag in one.fact.tags:
            _mark(row, f"tag:{tag}", f"{clock}+")
    elif isinstance(one.fact, CustomerActed) and (sign := _TAGS.get(one.fact.name)):
        _mark(row, f"tag:{one.fact.values.get('tag', '')}", f"{clock}{sign}")


def _mark(row: Row, name: str, clock: str) -> None:
    row["clocks"][name] = max(row["clocks"].get(name, ""), clock)


def _read_marks(row: Row) -> None:
    """The tags and the platform key that stand, from the marks."""
    clocks: Mapping[str, str] = row["clocks"]
    since = clocks.get("tags", "")
    tags = [(n.removeprefix("tag:"), c) for n, c in clocks.items() if n.startswith("tag:")]
    if tags:
        row["tags"] = sorted(n for n, c in tags if c.endswith("+") and c[:-1] >= since)
    keys = [(c, n.removeprefix("key:")) for n, c in clocks.items() if n.startswith("key:")]
    standing = [(clock, key) for clock, key in keys if clock.endswith("+")]
    if keys:
        row["platform_key"] = max(standing)[1] if standing else None


def _first_moment(one: Told) -> datetime:
    match one.fact:
        case CustomerSeen() | CartSeen():
            return min(one.at, one.fact.created_at or one.at)
        case OrderSeen():
            return min(one.at, one.fact.placed_at)
    return one.at


def _activity(one: Told) -> datetime | None:
    """When the person did something; a record changed by the shop is not their doing."""
    match one.fact:
        case OrderSeen():
            return one.fact.placed_at
        case CartSeen():
            return one.at
        case CustomerActed() if one.fact.name not in NO_SIGN:
            return one.at
    return None


def _be_active(row: Row, at: datetime | None) -> None:
    if at is not None:
        row["last_active_at"] = max(row["last_active_at"] or at, at)


def _take_score(row: Row, at: datetime, value: Any) -> None:
    """The latest score; of two at one moment the lower, which asks for more care."""
    if isinstance(value, (int, float)):
        score = int(value)
        if row["score_at"] is None or (at, -score) > (row["score_at"], -row["score"]):
            row["score"], row["score_at"] = score, at


def join(row: Row, gone: Row) -> None:
    """Add what was told of `gone`, who turned out to be the same person."""
    for field in _FIELDS:
        _take(row, field, gone["clocks"].get(field, ""), gone[field])
    for name, clock in gone["clocks"].items():
        if name == "tags" or ":" in name:
            _mark(row, name, clock)
    row["first_seen_at"] = min(row["first_seen_at"], gone["first_seen_at"])
    _be_active(row, gone["last_active_at"])
    if gone["score_at"] is not None:
        _take_score(row, gone["score_at"], gone["score"])
    if gone["source_updated_at"] is not None:
        row["source_updated_at"] = max(
            row["source_updated_at"] or UNTOLD, gone["source_updated_at"]
        )
    if gone["platform_key"] and row["platform_key"] is None:
        row["platform_key"] = gone["platform_key"]


def own_cart(row: Row, started: datetime, changed: datetime | None) -> None:
    """A cart turned out to be this person's, with all that happened to it while it was nobody's."""
    if row["erased_at"] is None:
        row["first_seen_at"] = min(row["first_seen_at"], started)
        _be_active(row, changed)


def refold(batch: Batch, customer_ids: Sequence[UUID], told: Iterable[Told]) -> None:
    """Tell these people's rows again from the log, where facts have been taken away."""
    for customer_id in customer_ids:
        old = batch.people[customer_id]
        fresh = blank(batch.store_id, customer_id)
        for name in (
            "orders_count",
            "spent_minor",
            "first_order_at",
            "last_order_at",
            "suppressed",
        ):
            fresh[name] = old[name]
        batch.people[customer_id] = fresh
    for one in told:
        if one.hint is not None:
            absorb(batch.people[one.hint], one)
    statement = select(Cart.customer_id, Cart.clocks).where(
        Cart.store_id == batch.store_id, among(Cart.customer_id, customer_ids)
    )
    for customer_id, clocks in batch.session.execute(statement):
        if customer_id is not None:
            seen = clocks.get("seen")
            own_cart(batch.people[customer_id], moment(clocks["started"]), seen and moment(seen))


def write(batch: Batch) -> None:
    """Write the rows that differ and say so."""
    about = batch.by_customer()
    fresh = []
    for customer_id, row in batch.people.items():
        _read_marks(row)
        before = batch.before.get(customer_id)
        if before == row:
            continue
        fresh.append(row)
        behind = about.get(customer_id, [])
        if before is None and not all(isinstance(one.fact, CustomerDeleted) for one in behind):
            batch.note(ChangeKind.CUSTOMER_CREATED, customer_id, behind)
        elif before is not None and any(before[name] != row[name] for name in _SHOWN):
            batch.note(ChangeKind.CUSTOMER_CHANGED, customer_id, behind)
    put(batch.session, Customer, fresh)
