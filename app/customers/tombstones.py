"""The names of people who were forgotten, as keyed hashes among the suppressions.

Who asked to be erased, or had refused, or whose address was silenced, stays unknown for ever. Who
was only silent for long may return (`returning`). It must never keep a name that can be read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.crypto import fingerprint
from app.customers.suppression import ERASED, FORGOTTEN, PLATFORM
from app.models import Suppression
from app.models.rows import STORE, among, listed, one_of
from app.stores.lasting import lasting_key
from app.tenancy import store_of

_KNOWN = select(Suppression.address_hash, Suppression.reason, Suppression.since).where(
    Suppression.store_id == STORE,
    Suppression.reason.in_((ERASED, FORGOTTEN)),
    one_of(Suppression.address_hash, "hashes"),
)
_PLACES = {"email": ("email",), "phone": ("sms", "whatsapp"), PLATFORM: (PLATFORM,)}


@dataclass(frozen=True, slots=True)
class Tombstone:
    reason: str
    since: datetime

    @property
    def may_return(self) -> bool:
        return self.reason == FORGOTTEN


def bury(
    session: Session,
    names: Mapping[str, Sequence[str]],
    keys: Sequence[str],
    now: datetime,
    *,
    may_return: bool,
) -> None:
    """Keep the hashes of these names by kind. Nobody returns to an address silenced before."""
    key = lasting_key(session, keys)
    places = [
        (channel, fingerprint(key, value))
        for kind, values in names.items()
        for value in values
        for channel in _PLACES[kind]
    ]
    silenced = session.scalars(
        select(Suppression.reason).where(
            Suppression.store_id == store_of(session),
            tuple_(Suppression.channel, Suppression.address_hash).in_(places),
            Suppression.reason != FORGOTTEN,
        )
    ).first()
    kept = {"reason": FORGOTTEN if may_return and silenced is None else ERASED, "since": now}
    for channel, value in places:
        session.execute(
            insert(Suppression)
            .values(store_id=store_of(session), channel=channel, address_hash=value, **kept)
            .on_conflict_do_update(
                index_elements=["store_id", "channel", "address_hash"], set_=kept
            )
        )


def find(session: Session, hashes: Collection[str]) -> dict[str, Tombstone]:
    """What is known of these names."""
    if not hashes:
        return {}
    asked = {"store": store_of(session), "hashes": listed(sorted(hashes))}
    found = session.execute(_KNOWN, asked)
    return {value: Tombstone(reason, since) for value, reason, since in found}


def lift(session: Session, hashes: Collection[str]) -> None:
    """Somebody has come back: these names are theirs again."""
    if hashes:
        session.execute(
            delete(Suppression).where(
                Suppression.store_id == store_of(session),
                Suppression.reason == FORGOTTEN,
                among(Suppression.address_hash, sorted(hashes)),
            )
        )
