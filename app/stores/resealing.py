"""Sealing again, with the newest key, what was sealed with an older one. Safe beside all that
runs: a row is locked while it is rewritten, and every key goes on opening."""

from dataclasses import dataclass, field

from sqlalchemy import select

from app.crypto import Vault
from app.errors import BadSignature
from app.models import Credential, Erasure, Store
from app.tenancy import platform_transaction, store_transaction


@dataclass(slots=True)
class Resealed:
    """How many rows the newest key seals now, and what no key of ours opens: store and kind."""

    done: int = 0
    lost: list[str] = field(default_factory=list)


def reseal(keys: list[str]) -> Resealed:
    """Every credential, every store's lasting key, and every address that a provider must still
    forget."""
    vault, resealed = Vault(keys), Resealed()
    with platform_transaction("list the stores whose secrets are sealed again") as session:
        stores = session.scalars(select(Store.store_id).order_by(Store.number)).all()
    for store_id in stores:
        with store_transaction(store_id) as session:
            credentials = select(Credential).where(Credential.store_id == store_id)
            erasures = select(Erasure).where(
                Erasure.store_id == store_id, Erasure.sealed.is_not(None)
            )
            store = session.get_one(Store, store_id, with_for_update=True)
            if store.lasting_key is not None:
                name = f"{store_id} lasting key"
                store.lasting_key = _again(vault, store.lasting_key, name, resealed)
            for credential in session.scalars(credentials.with_for_update()):
                name = f"{store_id} {credential.kind}"
                credential.sealed = _again(vault, credential.sealed, name, resealed)
            for erasure in session.scalars(erasures.with_for_update()):
                name = f"{store_id} erasure"
                erasure.sealed = _again(vault, erasure.sealed or b"", name, resealed)
    return resealed


def _again(vault: Vault, sealed: bytes, name: str, resealed: Resealed) -> bytes:
    try:
        again = vault.rotate(sealed)
    except BadSignature:
        resealed.lost.append(name)
        return sealed
    resealed.done += 1
    return again
