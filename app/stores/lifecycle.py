"""A store's coming and going: uninstalled, come back, erased, renamed."""

from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from app.events import StoreChanged
from app.models import Base, Erasure, Store, StoreStatus, Webhook
from app.models.rows import STORE
from app.stores.credentials import PROVIDERS, forget
from app.stores.zones import known_zone, tell_if_unknown
from app.tenancy import store_of

_THIS = select(Store).where(Store.store_id == STORE)
_THIS_LOCKED = _THIS.with_for_update()


def this_store(session: Session, *, lock: bool = False) -> Store:
    """The row of the store this session belongs to."""
    asked = {"store": store_of(session)}
    return session.scalars(_THIS_LOCKED if lock else _THIS, asked).one()


def uninstall(session: Session, at: datetime) -> bool:
    """The merchant removed the app: forget the credentials, keep the data until erased.

    While a provider must still forget somebody its credential stays, sealed, until it has
    (`messages.erase_due`). False when the store was installed again since, or had left already.
    """
    store = this_store(session, lock=True)
    if store.status != StoreStatus.ACTIVE or store.installed_at > at:
        return False
    store.status, store.uninstalled_at = StoreStatus.UNINSTALLED, at
    forget_credentials(session)
    return True


def forget_credentials(session: Session) -> None:
    """Forget what a store that has left gave us, as soon as nobody needs it any more."""
    forget(session, store_of(session), PROVIDERS if _owes_erasures(session) else ())


def _owes_erasures(session: Session) -> bool:
    waiting = exists().where(Erasure.store_id == store_of(session), Erasure.done_at.is_(None))
    return bool(session.scalar(select(waiting)))


def erase(session: Session, at: datetime) -> bool:
    """Delete everything of a store that has left, keeping the row that says so.

    False when the store has come back: Shopify asks 48 hours after an uninstall, and a merchant
    may have returned in between (shopify.md 2.7).
    """
    store = this_store(session, lock=True)
    if store.status == StoreStatus.ACTIVE:
        return False
    forget_credentials(session)
    # Addresses that a provider must still forget are sealed, and go when it has.
    kept = {"stores", "webhooks", "credentials", "erasures"}
    for table in reversed(Base.metadata.sorted_tables):
        if "store_id" in table.columns and table.name not in kept:
            session.execute(delete(table).where(table.c.store_id == store.store_id))
    # The webhooks' rows stay, so that a repeat is still recognised; what they said does not.
    session.execute(update(Webhook).where(Webhook.store_id == store.store_id).values(body=None))
    store.status, store.settings, store.lasting_key = StoreStatus.ERASED, {}, None
    store.name, store.contact_email = store.domain, None
    return True


def change(session: Session, fact: StoreChanged) -> None:
    """Take over what the shop says about itself, unless we know something newer."""
    store = this_store(session, lock=True)
    if store.source_updated_at is not None and store.source_updated_at > fact.updated_at:
        return
    for name in ("name", "currency", "country", "locale"):
        value = getattr(fact, name)
        if value is not None:
            setattr(store, name, value)
    if fact.timezone is not None:
        store.timezone = known_zone(fact.timezone, store.timezone)
    tell_if_unknown(session, store, fact.timezone)
    store.source_updated_at = fact.updated_at
