"""Losing and finding again the access to what a store has connected, with word to the merchant."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock
from app.models import Credential
from app.stores.credentials import mark_broken
from app.stores.notices import tell
from app.tenancy import store_of, store_transaction

JUST_RENEWED = timedelta(minutes=1)


def lose(
    store_id: UUID,
    kind: str,
    sentence: str,
    kept_at: datetime | None = None,
    renewable: bool = True,
) -> None:
    """The other side refuses a credential: nothing is asked of it until it is replaced.

    One that was not kept at `kept_at` is another one, and stays as it is, by whosever clock. One
    that is `renewable` is renewed first: another process may be at that now, and the answer it
    waits for may be lost.
    """
    with store_transaction(store_id) as session:
        row = session.scalars(
            select(Credential)
            .where(Credential.store_id == store_id, Credential.kind == kind)
            .with_for_update()
        ).one_or_none()
        if row is None or (kept_at is not None and row.updated_at != kept_at):
            return
        if renewable and kept_at is not None and _may_be_worn_out(row):
            row.expires_at = clock.now()
            return
        lose_for_good(session, kind, sentence)


def lose_for_good(session: Session, kind: str, sentence: str) -> None:
    """Whatever credential there is: nothing is asked with it any more, and the merchant knows."""
    mark_broken(session, store_of(session), kind, sentence)
    name = "shop_broken" if kind == "shop" else "channel_broken"
    key = f"{name}:{kind}:{clock.now():%Y-%m-%d}"
    tell(session, key, kind=name, details={"provider": kind.title(), "problem": sentence})


def is_lost(session: Session, kind: str) -> bool:
    """Whether the store's credential of this kind is refused; false when it has none."""
    broken = select(Credential.broken_since).where(
        Credential.store_id == store_of(session), Credential.kind == kind
    )
    return session.scalar(broken) is not None


def _may_be_worn_out(row: Credential) -> bool:
    """A token that has just been renewed and is refused all the same is refused for good."""
    renewable = row.refresh_expires_at is not None and row.refresh_expires_at > clock.now()
    return renewable and row.updated_at < clock.now() - JUST_RENEWED


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
