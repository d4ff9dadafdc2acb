"""Addresses that nothing may be sent to. People who were forgotten: see `tombstones`.

Only keyed hashes are kept, so that the list outlives the people on it and tells nobody who they
are. It must never be asked with another form of an address than the one `addresses` makes.
"""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from app.crypto import fingerprint
from app.customers.addresses import normal_email, normal_phone
from app.customers.batch import Batch
from app.errors import InvalidInput
from app.models import Customer, Suppression
from app.models.rows import STORE, Row, listed, one_of
from app.stores.lasting import lasting_key
from app.tenancy import store_of

ERASED = "erased"
"""Of an address whose person nothing may bring back."""
FORGOTTEN = "forgotten"
"""Of an address whose person was silent for too long: only they themselves bring it back."""
OPTED_OUT = "opted_out"
"""Why a number is silenced whose refusal is in nobody's ledger, until it says otherwise."""
PLATFORM = "platform"
"""The channel under which the shop's own key of a forgotten person is kept."""

_PHONE_CHANNELS = ("sms", "whatsapp")
_SILENT = select(Suppression.channel, Suppression.address_hash, Suppression.reason).where(
    Suppression.store_id == STORE,
    Suppression.reason != FORGOTTEN,
    one_of(Suppression.address_hash, "hashes"),
)


def suppress(
    session: Session, channel: str, address: str, reason: str, *, keys: Sequence[str]
) -> None:
    """Send nothing to this address any more. A first reason stands, unless the person is erased."""
    plain = _normal(channel, address)
    row = insert(Suppression).values(
        store_id=store_of(session),
        channel=str(channel),
        address_hash=_hash(session, plain, keys),
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
            Suppression.address_hash == _hash(session, plain, keys),
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
            Suppression.address_hash == _hash(session, _normal(channel, address), keys),
        )
    )


def _hash(session: Session, plain: str, keys: Sequence[str]) -> str:
    return fingerprint(lasting_key(session, keys), plain)


def _normal(channel: str, address: str) -> str:
    if channel == PLATFORM:
        return address
    plain = normal_email(address) if channel == "email" else normal_phone(address, None)
    if plain is None:
        raise InvalidInput("address", f"{channel} needs a complete address or number")
    return plain


def refresh(batch: Batch, keys: Sequence[str]) -> None:
    """Look up the reasons of silence for every address that is new on a customer."""
    asked: dict[tuple[str, str], list[Row]] = {}
    for customer_id, row in batch.people.items():
        before = batch.before.get(customer_id) or {}
        if any(row[name] != before.get(name) for name in ("email", "phone")):
            row["suppressed"] = {}
            for channel, address in _places(row):
                place = (channel, _hash(batch.session, address, keys))
                asked.setdefault(place, []).append(row)
    if not asked:
        return
    hashes = listed(sorted({value for _, value in asked}))
    found = batch.session.execute(_SILENT, {"store": batch.store_id, "hashes": hashes})
    for channel, address_hash, reason in found:
        for row in asked.get((channel, address_hash), ()):
            row["suppressed"][channel] = reason


def _places(row: Row) -> list[tuple[str, str]]:
    phones = [(channel, row["phone"]) for channel in _PHONE_CHANNELS if row["phone"]]
    return ([("email", row["email"])] if row["email"] else []) + phones
