"""Losing and finding again the access to what a store has connected, with word to the merchant."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app import clock
from app.models import Credential
from app.stores.credentials import mark_broken
from app.stores.notices import tell
from app.tenancy import store_transaction


def lose(store_id: UUID, kind: str, sentence: str, opened_at: datetime | None = None) -> None:
    """The other side refuses a credential: nothing is asked of it until it is replaced.

    One that was given after `opened_at` is another one, and stays as it is.
    """
    with store_transaction(store_id) as session:
        row = session.scalars(
            select(Credential)
            .where(Credential.store_id == store_id, Credential.kind == kind)
            .with_for_update()
        ).one_or_none()
        if row is None or (opened_at is not None and row.updated_at > opened_at):
            return
        mark_broken(session, store_id, kind, sentence)
        name = "shop_broken" if kind == "shop" else "channel_broken"
        key = f"{name}:{kind}:{clock.now():%Y-%m-%d}"
        tell(session, key, kind=name, details={"provider": kind.title(), "problem": sentence})


def find_again(store_id: UUID, kind: str) -> None:
    """The other side takes the credential again."""
    with store_transaction(store_id) as session:
        session.execute(
            update(Credential)
            .where(Credential.store_id == store_id, Credential.kind == kind)
            .values(broken_since=None, broken_reason=None)
        )
        if kind == "shop":
            tell(session, f"shop_mended:{clock.now():%Y-%m-%dT%H}", kind="shop_mended")
