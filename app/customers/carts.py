"""Carts and their tokens: which tokens are one cart, whose it is, and what ended it.

Tokens named by one fact are one cart; two carts that a checkout or an order links become one. An
order also makes the carts of its tokens known, so that a cart told later finds itself ended. A cart
is ended as well by any paid order of its owner that was placed after the cart's last change; the
owner of a cart who left only a telephone number is, for this, whoever owns the number.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, delete, func, select, update

from app.customers import cart_life, nameless, people
from app.customers.batch import Batch
from app.customers.changes import ChangeKind
from app.customers.facts import Node, Told, moment
from app.customers.groups import Groups
from app.customers.owners import IN_REGARD, bought_after
from app.models import Cart, CartKey, Journey, new_id
from app.models.rows import (
    STORE,
    Row,
    add,
    among,
    given,
    listed,
    one_of,
    packed,
    put,
    table_of,
)

_CARTS = table_of(Cart)
_NAMED = select(_CARTS).where(_CARTS.c.store_id == STORE, one_of(_CARTS.c.cart_id, "ids"))
_SHOWN = ("status", "lines", "total_minor", "customer_id", "recovery_url")


@dataclass(slots=True)
class CartWork:
    """The carts of a batch: rows by id, as they were, their facts, and those that became one."""

    rows: dict[UUID, Row] = field(default_factory=dict)
    before: dict[UUID, Row] = field(default_factory=dict)
    told: dict[UUID, list[Told]] = field(default_factory=dict)
    tokens: dict[str, UUID] = field(default_factory=dict)
    gone: dict[UUID, UUID] = field(default_factory=dict)


def fold(batch: Batch) -> CartWork:
    """Find the carts behind the tokens and take the facts into them, in memory."""
    work = CartWork()
    groups = Groups()
    about = [one for one in batch.told if one.carts]
    for one in about:
        nodes = [("cart", token) for token in one.carts]
        known = {batch.cart_of[token] for token in one.carts if token in batch.cart_of}
        groups.join(nodes + [("row", str(cart_id)) for cart_id in known])
    _load(batch, work, _NAMED, set(batch.cart_of.values()))
    chosen = _choose(batch, work, groups)
    for one in about:
        cart_id = chosen[groups.find(("cart", one.carts[0]))]
        work.told.setdefault(cart_id, []).append(one)
        work.tokens.update(dict.fromkeys(one.carts, cart_id))
        row = work.rows[cart_id]
        cart_life.absorb(row, one)
        row["customer_id"] = batch.customer_of.get(one.key) or row["customer_id"]
    for cart_id in work.told:
        _own(batch, work.rows[cart_id])
    return work


def _load(batch: Batch, work: CartWork, statement: Select[Any], ids: Iterable[UUID]) -> None:
    found = batch.session.execute(statement, {"store": batch.store_id, "ids": listed(ids)})
    for row in found.mappings():
        if row["cart_id"] not in work.rows:
            work.rows[row["cart_id"]] = {**row, "clocks": dict(row["clocks"])}
            work.before[row["cart_id"]] = dict(row)


def _choose(batch: Batch, work: CartWork, groups: Groups) -> dict[Node, UUID]:
    """One cart for each set of tokens: the one that has come furthest, or a new one."""
    known: dict[Node, list[UUID]] = {}
    for cart_id in set(batch.cart_of.values()):
        known.setdefault(groups.find(("row", str(cart_id))), []).append(cart_id)
    chosen: dict[Node, UUID] = {}
    for root, found in known.items():
        keep, *gone = sorted(found, key=lambda cart_id: _seniority(work.rows[cart_id]))
        chosen[root] = keep
        for other in gone:
            cart_life.join(work.rows[keep], work.rows.pop(other))
            work.gone[other] = keep
    for one in batch.told:
        if one.carts and (root := groups.find(("cart", one.carts[0]))) not in chosen:
            chosen[root] = new_id()
            row = cart_life.blank(batch.store_id, chosen[root], batch.currency)
            work.rows[chosen[root]] = row
    return chosen


def _seniority(row: Row) -> tuple[bool, bool, str, UUID]:
    """Journeys may hold on to a cart that was abandoned, so that one stays."""
    clocks = row["clocks"]
    owned = row["customer_id"] is not None
    return ("abandoned" not in clocks, not owned, clocks.get("started", ""), row["cart_id"])


def _own(batch: Batch, row: Row) -> None:
    if row["customer_id"] is not None:
        clocks = row["clocks"]
        seen = clocks.get("seen")
        started = moment(clocks.get("started") or seen) if clocks.get("started") or seen else None
        if started is not None:
            person = batch.people[row["customer_id"]]
            people.own_cart(person, started, moment(seen) if seen else None)


def write(batch: Batch, work: CartWork) -> dict[str, list[UUID]]:
    """Work out how far each cart has come, write it, and say so: the carts each order ended."""
    if batch.nameless or _found_an_owner(work):
        _write_rows(batch, work)
        nameless.give_owners(batch, work.told)
    if batch.regard:
        _load(batch, work, IN_REGARD, batch.regard)
    bought = bought_after(batch, [row for row in work.rows.values() if row["lines"]])
    for cart_id, row in work.rows.items():
        cart_life.settle(row, bought.get(cart_id))
    return _announce(batch, work, _write_rows(batch, work))


def _found_an_owner(work: CartWork) -> bool:
    return any(
        before["customer_id"] is None
        and work.rows[work.gone.get(cart_id, cart_id)]["customer_id"] is not None
        for cart_id, before in work.before.items()
    )


def _write_rows(batch: Batch, work: CartWork) -> list[Row]:
    changed = [row for cart_id, row in work.rows.items() if row != work.before.get(cart_id)]
    put(batch.session, Cart, changed)
    fresh = {token: cart_id for token, cart_id in work.tokens.items() if token not in batch.cart_of}
    add(batch.session, CartKey, [_key(batch, token, fresh[token]) for token in sorted(fresh)])
    if work.gone:
        _join_rows(batch, work)
    return changed


def _key(batch: Batch, token: str, cart_id: UUID) -> Row:
    return {"store_id": batch.store_id, "cart_key": token, "cart_id": cart_id}


def _join_rows(batch: Batch, work: CartWork) -> None:
    """Move the tokens of carts that became one, and the journeys that hold on to them."""
    keys = table_of(CartKey)
    pairs = [{"cart_id": gone, "customer_id": kept} for gone, kept in work.gone.items()]
    pair = given(_CARTS, ("cart_id", "customer_id"), "pair")
    values, session = packed(pairs), batch.session
    session.execute(
        update(keys)
        .where(keys.c.store_id == batch.store_id, keys.c.cart_id == pair.c.cart_id)
        .values(cart_id=pair.c.customer_id),
        values,
    )
    holds = Journey.context["cart_id"].astext == cast(pair.c.cart_id, Text)
    kept = func.jsonb_build_object("cart_id", cast(pair.c.customer_id, Text))
    session.execute(
        update(Journey)
        .where(Journey.store_id == batch.store_id, holds)
        .values(context=Journey.context.op("||")(kept)),
        values,
        execution_options={"synchronize_session": False},
    )
    session.execute(
        delete(Cart).where(Cart.store_id == batch.store_id, among(Cart.cart_id, work.gone)),
        execution_options={"synchronize_session": False},
    )


def _announce(batch: Batch, work: CartWork, changed: list[Row]) -> dict[str, list[UUID]]:
    about = batch.by_customer()
    ended: dict[str, list[UUID]] = {}
    for row in changed:
        cart_id, owner = row["cart_id"], row["customer_id"]
        before = work.before.get(cart_id)
        behind = work.told.get(cart_id) or about.get(owner, [])
        values = {"cart_id": cart_id, "status": row["status"]}
        if row["status"] in cart_life.OPEN:
            if before is None or any(before[name] != row[name] for name in _SHOWN):
                batch.note(ChangeKind.CART_CHANGED, owner, behind, **values)
        elif before is not None and before["status"] in cart_life.OPEN:
            batch.note(ChangeKind.CART_ENDED, owner, behind, **values, order_key=row["order_key"])
        if row["order_key"]:
            ended.setdefault(row["order_key"], []).append(cart_id)
    return ended
