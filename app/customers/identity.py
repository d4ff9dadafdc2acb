"""Who a fact is about: the people behind a batch of facts, found with a fixed number of statements.

Platform keys, e-mails and the tokens of carts name a person for certain: whatever one fact names
together is one person, and two customers whom a fact links become one (`merging`). Nothing ever
parts them again, so the order in which the links arrive does not matter. Tokens are rows of
`cart_keys`, the other names rows of `identities`.

A telephone number alone links nobody who has another name, because families share them: two
e-mails with one number stay two people, and so do a key and an e-mail. It only answers for facts
that say nothing else (a STOP, a score sent by WhatsApp, a receipt from the till): those belong to
whoever was first named together with the number, by the source's clock, and to a person of their
own as long as nobody was. Should an older claim to the number turn up later, the facts that had
only the number move to the older claimant (`numbers`). A cart whose owner left only a number is
ended by the order of whoever owns that number (`carts`), without making one person of the two.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.customers import numbers
from app.customers.batch import Batch
from app.customers.facts import Node, Told
from app.customers.groups import Groups, customer_node
from app.customers.merging import Merged, merge
from app.customers.numbers import Claims, Move
from app.customers.people import blank
from app.models import Cart, CartKey, Customer, Identity, new_id
from app.models.rows import (
    STORE,
    Row,
    given,
    insert_new,
    listed,
    one_of,
    packed,
    put,
    table_of,
)

_CUSTOMERS = table_of(Customer)
_IDENTITIES = table_of(Identity)
_asked = given(_IDENTITIES, ("kind", "value"))
_NAMED = (
    select(Identity.kind, Identity.value, Identity.customer_id, Identity.claim)
    .join(_asked, (Identity.kind == _asked.c.kind) & (Identity.value == _asked.c.value))
    .where(Identity.store_id == STORE)
)
_OWNED = (
    select(CartKey.cart_key, CartKey.cart_id, Cart.customer_id)
    .join(Cart, (Cart.store_id == CartKey.store_id) & (Cart.cart_id == CartKey.cart_id))
    .where(CartKey.store_id == STORE, one_of(CartKey.cart_key, "tokens"))
)
_PEOPLE = select(_CUSTOMERS).where(
    _CUSTOMERS.c.store_id == STORE, one_of(_CUSTOMERS.c.customer_id, "people")
)


@dataclass(slots=True)
class _Known:
    """What the database knows of the names in a batch."""

    names: dict[Node, UUID]
    numbers: dict[str, tuple[UUID, str | None]]
    carts: dict[str, tuple[UUID, UUID | None]]


@dataclass(slots=True)
class Resolution:
    """What `resolve` leaves to be written once the customers are, and the numbers that moved."""

    names: list[Row]
    numbers: list[Row]
    moves: list[Move]


def resolve(batch: Batch) -> Resolution:
    """Fill the batch with its people and the customer of each fact; merge those who are one."""
    known = _load(batch)
    groups = _group(batch.told, known)
    claims = numbers.settle(groups, batch, known.numbers)
    ids = groups.customers()
    _load_people(batch, [customer_id for found in ids.values() for customer_id in found])
    chosen = _choose(batch, groups, ids)
    batch.cart_of = {token: cart_id for token, (cart_id, _) in known.carts.items()}
    for one in batch.told:
        node = _node(one)
        if node is not None and (customer_id := chosen.get(groups.find(node))) is not None:
            batch.customer_of[one.key] = customer_id
    return _resolution(batch, known, claims, lambda node: chosen[groups.find(node)])


def write(batch: Batch, resolution: Resolution) -> None:
    insert_new(batch.session, Identity, resolution.names)
    put(batch.session, Identity, resolution.numbers)


def _load(batch: Batch) -> _Known:
    names = {node for one in batch.told for node in one.names}
    names |= {("phone", one.phone) for one in batch.told if one.phone}
    known = _Known({}, {}, {})
    for kind, value, customer_id, claim in _names(batch, sorted(names)) if names else ():
        if kind == "phone":
            known.numbers[value] = (customer_id, claim)
        else:
            known.names[(kind, value)] = customer_id
    tokens = sorted({token for one in batch.told for token in one.carts})
    if tokens:
        known.carts = _tokens(batch, tokens)
    return known


def _names(batch: Batch, nodes: Sequence[Node]) -> Any:
    rows = [{"kind": kind, "value": value} for kind, value in nodes]
    return batch.session.execute(_NAMED, {"store": batch.store_id, **packed(rows)})


def _tokens(batch: Batch, tokens: list[str]) -> dict[str, tuple[UUID, UUID | None]]:
    asked = {"store": batch.store_id, "tokens": listed(tokens)}
    rows = batch.session.execute(_OWNED, asked)
    return {token: (cart_id, customer_id) for token, cart_id, customer_id in rows}


def _group(told: Sequence[Told], known: _Known) -> Groups:
    groups = Groups()
    for node, customer_id in known.names.items():
        groups.join([node, customer_node(customer_id)])
    for token, (cart_id, owner) in known.carts.items():
        row = [("cart", token), ("row", str(cart_id))]
        groups.join([*row, customer_node(owner)] if owner else row)
    for one in told:
        nodes = [*one.nodes, customer_node(one.hint)] if one.hint else one.nodes
        if nodes:
            groups.join(nodes)
    return groups


def _load_people(batch: Batch, ids: Sequence[UUID]) -> None:
    if not ids:
        return
    asked = {"store": batch.store_id, "people": listed(ids)}
    for row in batch.session.execute(_PEOPLE, asked).mappings():
        batch.people[row["customer_id"]] = dict(row)
        # Its own JSON, so that folding the other copy leaves this one as it was.
        batch.before[row["customer_id"]] = {**row, "clocks": dict(row["clocks"])}


def _choose(batch: Batch, groups: Groups, ids: dict[Node, list[UUID]]) -> dict[Node, UUID]:
    """One customer for each set of names: the one seen first, a new one, or none for a cart that
    nobody is known to own."""
    chosen: dict[Node, UUID] = {}
    merged: list[Merged] = []
    for root, found in ids.items():
        keep, *gone = sorted(found, key=lambda i: (batch.people[i]["first_seen_at"], i))
        chosen[root] = keep
        if gone:
            links = _links(batch, groups, root)
            merged += [Merged(keep, other, links) for other in gone]
    for one in batch.told:
        node = _node(one)
        if node is not None and one.names_somebody and groups.find(node) not in chosen:
            person = blank(batch.store_id, new_id())
            batch.people[person["customer_id"]] = person
            chosen[groups.find(node)] = person["customer_id"]
    if merged:
        merge(batch, merged)
    return chosen


def _node(one: Told) -> Node | None:
    """Any one of the nodes of a fact: all of them are in one set."""
    if one.hint:
        return customer_node(one.hint)
    if one.nodes:
        return one.nodes[0]
    return ("phone", one.phone) if one.phone else None


def _links(batch: Batch, groups: Groups, root: Node) -> list[Told]:
    nodes = [(one, _node(one)) for one in batch.told]
    return [one for one, node in nodes if node is not None and groups.find(node) == root]


def _resolution(
    batch: Batch, known: _Known, claims: Claims, owner: Callable[[Node], UUID]
) -> Resolution:
    store_id = batch.store_id
    named = {node for one in batch.told for node in one.names if node not in known.names}
    names = [_row(store_id, node, owner(node), None) for node in sorted(named)]
    held = [_row(store_id, ("phone", n.phone), owner(n.owner), n.claim) for n in claims.numbers]
    moves = [Move(phone, owner(old), owner(new)) for phone, old, new in claims.moves]
    batch.regard |= {owner(number.owner) for number in claims.numbers}
    return Resolution(names, held, [move for move in moves if move.old != move.new])


def _row(store_id: UUID, node: Node, customer_id: UUID, claim: str | None) -> Row:
    kind, value = node
    return {
        "store_id": store_id,
        "kind": kind,
        "value": value,
        "customer_id": customer_id,
        "claim": claim,
    }
