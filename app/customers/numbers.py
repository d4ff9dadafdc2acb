"""Whose telephone number it is, for the facts that say nothing else; see `identity` for the rule.

It must never make one person of two: a number that changes hands takes along only the facts that
had nothing but the number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.customers import log
from app.customers.batch import Batch
from app.customers.facts import Node, Told
from app.customers.groups import Groups, customer_node
from app.customers.people import refold
from app.models import ConsentEntry, Customer, LoggedFact, Order
from app.models.rows import among, put


@dataclass(slots=True)
class Number:
    """A number and the node of its owner. `claim` is the first time it was named beside a name."""

    phone: str
    owner: Node
    claim: str | None


@dataclass(slots=True)
class Claims:
    """The numbers to write, and those claimed by somebody earlier than their owner so far."""

    numbers: list[Number] = field(default_factory=list)
    moves: list[tuple[str, Node, Node]] = field(default_factory=list)


class Move(NamedTuple):
    """The facts that had only this number go from one customer to the other."""

    phone: str
    old: UUID
    new: UUID


def settle(groups: Groups, batch: Batch, known: dict[str, tuple[UUID, str | None]]) -> Claims:
    """Find each number's owner, and put the facts that have only a number into the owner's set.

    While the log is read again every fact has its customer: nobody is put together, nothing moves.
    """
    claimed, bare = _claims(batch.told), _bare(batch)
    found = Claims()
    for phone in sorted(claimed.keys() | bare.keys()):
        customer_id, since = known.get(phone, (None, None))
        unclaimed = bare.get(phone) or ("phone", phone)
        owner = customer_node(customer_id) if customer_id else unclaimed
        groups.find(owner)  # Named here, so that its row is loaded.
        claim, claimant = claimed.get(phone, (None, owner))
        earlier = claim is not None and (since is None or claim < since)
        if earlier and customer_id and not batch.replay:
            if since is None:
                groups.join([owner, claimant])  # The person known by it alone has a name now.
            else:
                found.moves.append((phone, owner, claimant))
        if earlier:
            owner, since = claimant, claim
        if phone in bare and not batch.replay:
            groups.join([("phone", phone), owner])
        if earlier or not customer_id:
            found.numbers.append(Number(phone, owner, since))
    return found


def _bare(batch: Batch) -> dict[str, Node]:
    """The numbers that stand alone in a fact and decide whose it is, or whose the log says it is.

    A choice made with us is a known customer's, whatever number is written on it.
    """
    found: dict[str, Node] = {}
    for one in batch.told:
        if one.phone and one.is_only_a_number and (one.hint is None or batch.replay):
            found[one.phone] = customer_node(one.hint) if one.hint else ("phone", one.phone)
    return found


def _claims(told: Sequence[Told]) -> dict[str, tuple[str | None, Node]]:
    """The earliest claim to each number, with the name that makes it."""
    first: dict[str, tuple[str | None, Node]] = {}
    for one in told:
        if one.phone and one.names:
            kind, value = one.names[0]
            claim = (f"{one.clock}|{kind}|{value}", one.names[0])
            first[one.phone] = min(first.get(one.phone, claim), claim)
    return first


def move(batch: Batch, moves: Sequence[Move]) -> None:
    """Hand over what had only a number. Mostly there is nothing, which takes one look for all."""
    batch.regard |= {customer_id for _, *both in moves for customer_id in both}
    facts = log.bare_facts_of(batch, sorted({move.old for move in moves})) if moves else []
    for phone, old, new in moves:
        own = [one for one in facts if one.hint == old and one.phone == phone]
        if own:
            _hand_over(batch, own, new)
            refold(batch, [old, new], log.told_of(batch, [old, new]))


def _hand_over(batch: Batch, facts: Sequence[Told], new: UUID) -> None:
    session: Session = batch.session
    keys = [one.key for one in facts]
    if new not in batch.before:
        # A claimant who is new must be there before rows can be theirs.
        put(session, Customer, [batch.people[new]])
    for one in facts:
        if one.key in batch.customer_of:
            batch.customer_of[one.key] = new
    for model, column, values in (
        (LoggedFact, LoggedFact.fact_key, keys),
        (ConsentEntry, ConsentEntry.entry_key, keys),
        (Order, Order.person_version, [one.version for one in facts]),
    ):
        session.execute(
            update(model)
            .where(model.store_id == batch.store_id, among(column, values))
            .values(customer_id=new),
            execution_options={"synchronize_session": False},
        )
