"""Addresses that nothing may be sent to, and people whom the shop must not bring back.

Only keyed hashes are kept, so that the list outlives the people on it and tells nobody who they
are. It must never be asked with another form of an address than the one `addresses` makes.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from app.crypto import fingerprint
from app.customers.addresses import normal_email, normal_phone
from app.customers.batch import Batch
from app.customers.changes import Incoming
from app.customers.facts import Told, tell
from app.customers.rows import Row, among
from app.errors import InvalidInput
from app.events import (
    CartSeen,
    ConsentChanged,
    CustomerActed,
    CustomerSeen,
    OrderSeen,
    Person,
)
from app.models import Customer, Suppression
from app.tenancy import store_of

ERASED = "erased"
PLATFORM = "platform"
"""The channel under which the shop's own key of an erased person is kept."""

_NAMING = CustomerSeen | OrderSeen | CartSeen | ConsentChanged | CustomerActed
_PHONE_CHANNELS = ("sms", "whatsapp")


def suppress(
    session: Session, channel: str, address: str, reason: str, *, keys: Sequence[str]
) -> None:
    """Send nothing to this address any more. A first reason stands, unless the person is erased."""
    plain = _normal(channel, address)
    row = insert(Suppression).values(
        store_id=store_of(session),
        channel=str(channel),
        address_hash=fingerprint(list(keys), plain),
        reason=reason,
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["store_id", "channel", "address_hash"],
            set_={"reason": reason},
            where=row.excluded.reason == ERASED,
        )
    )
    if channel != PLATFORM:
        _mark(session, channel, plain, reason)


def lift(session: Session, channel: str, address: str, reason: str, *, keys: Sequence[str]) -> None:
    """Take back the silence that was ordered for this reason; another reason stands."""
    plain = _normal(channel, address)
    lifted = session.execute(
        delete(Suppression)
        .where(
            Suppression.store_id == store_of(session),
            Suppression.channel == str(channel),
            Suppression.address_hash == fingerprint(list(keys), plain),
            Suppression.reason == reason,
        )
        .returning(Suppression.reason)
    ).all()
    if not lifted:
        return
    field = Customer.email if channel == "email" else Customer.phone
    session.execute(
        update(Customer)
        .where(
            Customer.store_id == store_of(session),
            field == plain,
            Customer.suppressed[str(channel)].astext == reason,
        )
        .values(suppressed=Customer.suppressed.op("-")(str(channel)))
    )


def _mark(session: Session, channel: str, address: str, reason: str) -> None:
    field = Customer.email if channel == "email" else Customer.phone
    mark = func.jsonb_build_object(str(channel), reason, type_=JSONB)
    session.execute(
        update(Customer)
        .where(
            Customer.store_id == store_of(session),
            field == address,
            ~Customer.suppressed.has_key(str(channel)),
        )
        .values(suppressed=Customer.suppressed.op("||")(mark))
    )


def is_suppressed(
    session: Session, channel: str, address: str, *, keys: Sequence[str]
) -> str | None:
    """Why nothing may be sent to this address, or None."""
    return session.scalar(
        select(Suppression.reason).where(
            Suppression.store_id == store_of(session),
            Suppression.channel == str(channel),
            Suppression.address_hash == fingerprint(list(keys), _normal(channel, address)),
        )
    )


def _normal(channel: str, address: str) -> str:
    if channel == PLATFORM:
        return address
    plain = normal_email(address) if channel == "email" else normal_phone(address, None)
    if plain is None:
        raise InvalidInput("address", f"{channel} needs a complete address or number")
    return plain


def without_erased(session: Session, told: Sequence[Told], keys: Sequence[str]) -> list[Told]:
    """The facts without the people who were erased: their orders stay, nameless; the rest goes."""
    names = {one.key: _hashes(one, keys) for one in told}
    hashes = {value for found in names.values() for value in found.values()}
    if not hashes:
        return list(told)
    statement = select(Suppression.address_hash).where(
        Suppression.store_id == store_of(session),
        Suppression.reason == ERASED,
        among(Suppression.address_hash, sorted(hashes)),
    )
    erased = set(session.scalars(statement))
    if not erased:
        return list(told)
    kept = [
        _strip(one, {n for n, value in names[one.key].items() if value in erased}) for one in told
    ]
    return [one for one in kept if one is not None]


def _hashes(one: Told, keys: Sequence[str]) -> dict[str, str]:
    found = {"email": one.email, "phone": one.phone, PLATFORM: one.person.platform_key}
    return {name: fingerprint(list(keys), value) for name, value in found.items() if value}


def _strip(one: Told, erased: set[str]) -> Told | None:
    fact = one.fact
    if not erased:
        return one
    if isinstance(fact, _NAMING) and one.names and erased == {"phone"}:
        # Somebody else has the number too, and was not erased.
        without = replace(fact, person=replace(one.person, phone=None))
        return tell(Incoming(fact=without, source=one.source, live=one.live))
    if isinstance(fact, OrderSeen):
        return tell(Incoming(fact=nameless(fact), source=one.source, live=one.live))
    return None


def nameless(fact: OrderSeen) -> OrderSeen:
    """The order as the store's accounts need it, with nothing that leads to a person."""
    return replace(fact, person=Person(), cart_keys=(), utm={}, discount_codes=())


def refresh(batch: Batch, keys: Sequence[str]) -> None:
    """Look up the reasons of silence for every address that is new on a customer."""
    asked: dict[tuple[str, str], list[Row]] = {}
    for customer_id, row in batch.people.items():
        before = batch.before.get(customer_id) or {}
        if any(row[name] != before.get(name) for name in ("email", "phone")):
            row["suppressed"] = {}
            for channel, address in _places(row):
                asked.setdefault((channel, fingerprint(list(keys), address)), []).append(row)
    if not asked:
        return
    statement = select(Suppression.channel, Suppression.address_hash, Suppression.reason).where(
        Suppression.store_id == batch.store_id,
        among(Suppression.address_hash, sorted({value for _, value in asked})),
    )
    for channel, address_hash, reason in batch.session.execute(statement):
        for row in asked.get((channel, address_hash), ()):
            row["suppressed"][channel] = reason


def _places(row: Row) -> list[tuple[str, str]]:
    phones = [(channel, row["phone"]) for channel in _PHONE_CHANNELS if row["phone"]]
    return ([("email", row["email"])] if row["email"] else []) + phones
