"""Sealed credentials of a store. A pair is replaced whole or not at all, and never leaves this room
except as the object that needs it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.channels import CARRIES, ChannelName
from app.crypto import Vault
from app.models import Credential
from app.models.rows import STORE

LEASE = timedelta(seconds=60)
_OF_KIND = (
    select(Credential)
    .where(Credential.store_id == STORE, Credential.kind == bindparam("kind"))
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """An opened credential. `values` are strings by name, as the adapter of its kind wants them.

    `kept_at`: when it was written down; two of one kind are told apart by it.
    """

    kind: str
    values: Mapping[str, str]
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    broken_reason: str | None = None
    kept_at: datetime | None = None

    @property
    def channels(self) -> list[ChannelName]:
        """The ways to people that it opens. WhatsApp needs a sender of its own."""
        if self.kind == "klaviyo":
            return [ChannelName.EMAIL]
        if self.kind != "twilio":
            return []
        whatsapp = [ChannelName.WHATSAPP] if self.values.get("whatsapp") else []
        return [ChannelName.SMS, *whatsapp]

    def expires_within(self, margin: timedelta) -> bool:
        return self.expires_at is not None and self.expires_at - margin <= clock.now()


def save(session: Session, vault: Vault, store_id: UUID, secret: Secret) -> Secret:
    """Replace the credential of this kind by this one, and return it as it is kept; whatever was
    wrong with the old one is forgotten."""
    now = clock.now()
    row = {
        "sealed": vault.seal(json.dumps(dict(secret.values))),
        "channels": secret.channels,
        "expires_at": secret.expires_at,
        "refresh_expires_at": secret.refresh_expires_at,
        "lease_until": None,
        "broken_since": None,
        "broken_reason": None,
        "updated_at": now,
    }
    statement = insert(Credential).values(store_id=store_id, kind=secret.kind, **row)
    session.execute(statement.on_conflict_do_update(index_elements=["store_id", "kind"], set_=row))
    return replace(secret, broken_reason=None, kept_at=now)


def load(session: Session, vault: Vault, store_id: UUID, kind: str) -> Secret | None:
    """The credential of this kind, opened; None when the store never gave one."""
    row = session.scalars(_OF_KIND, {"store": store_id, "kind": kind}).one_or_none()
    if row is None:
        return None
    return Secret(
        kind=kind,
        values=json.loads(vault.open(row.sealed)),
        expires_at=row.expires_at,
        refresh_expires_at=row.refresh_expires_at,
        broken_reason=row.broken_reason,
        kept_at=row.updated_at,
    )


def take_lease(session: Session, store_id: UUID, kind: str) -> bool:
    """Become the one process that refreshes this credential; False while another is at it."""
    now = clock.now()
    taken = session.scalars(
        update(Credential)
        .where(
            Credential.store_id == store_id,
            Credential.kind == kind,
            or_(Credential.lease_until.is_(None), Credential.lease_until < now),
        )
        .values(lease_until=now + LEASE)
        .returning(Credential.kind)
    ).first()
    return taken is not None


def drop_lease(session: Session, store_id: UUID, kind: str) -> None:
    session.execute(
        update(Credential)
        .where(Credential.store_id == store_id, Credential.kind == kind)
        .values(lease_until=None)
    )


def mark_broken(session: Session, store_id: UUID, kind: str, reason: str) -> None:
    """The other side refuses this credential: nothing is sent with it until it is replaced."""
    session.execute(
        update(Credential)
        .where(
            Credential.store_id == store_id,
            Credential.kind == kind,
            Credential.broken_since.is_(None),
        )
        .values(broken_since=clock.now(), broken_reason=reason, lease_until=None)
    )


PROVIDERS = tuple(CARRIES)


def forget(session: Session, store_id: UUID, keep: Collection[str] = ()) -> None:
    """Delete every credential of a store that has left, except those of the kinds to `keep`."""
    for row in session.scalars(select(Credential).where(Credential.store_id == store_id)):
        if row.kind not in keep:
            session.delete(row)
