"""A store's coming and going: uninstalled, come back, erased, renamed."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.events import StoreChanged
from app.models import Base, Store, StoreStatus, Webhook
from app.stores.credentials import forget
from app.tenancy import store_of


def this_store(session: Session, *, lock: bool = False) -> Store:
    """The row of the store this session belongs to."""
    statement = select(Store).where(Store.store_id == store_of(session))
    return session.scalars(statement.with_for_update() if lock else statement).one()


def uninstall(session: Session, at: datetime) -> bool:
    """The merchant removed the app: forget the credentials, keep the data for now.

    False when the store has been installed again since, or had left already.
    """
    store = this_store(session, lock=True)
    if store.status != StoreStatus.ACTIVE or store.installed_at > at:
        return False
    store.status, store.uninstalled_at = StoreStatus.UNINSTALLED, at
    forget(session, store.store_id)
    return True


def erase(session: Session, at: datetime) -> bool:
    """Delete everything of a store that has left, keeping the row that says so.

    False when the store has come back: Shopify asks 48 hours after an uninstall, and a merchant
    may have returned in between (shopify.md 2.7).
    """
    store = this_store(session, lock=True)
    if store.status == StoreStatus.ACTIVE:
        return False
    for table in reversed(Base.metadata.sorted_tables):
        if "store_id" in table.columns and table.name not in {"stores", "webhooks"}:
            session.execute(delete(table).where(table.c.store_id == store.store_id))
    # The webhooks' rows stay, so that a repeat is still recognised; what they said does not.
    session.execute(update(Webhook).where(Webhook.store_id == store.store_id).values(body=None))
    store.status, store.settings = StoreStatus.ERASED, {}
    store.name, store.contact_email = store.domain, None
    return True


def change(session: Session, fact: StoreChanged) -> None:
    """Take over what the shop says about itself, unless we know something newer."""
    store = this_store(session, lock=True)
    if store.source_updated_at is not None and store.source_updated_at > fact.updated_at:
        return
    for name in ("name", "currency", "timezone", "country", "locale"):
        value = getattr(fact, name)
        if value is not None:
            setattr(store, name, value)
    store.source_updated_at = fact.updated_at
