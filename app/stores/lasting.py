"""A key of each store that no rotation changes: what must stay recognisable is made with it. It is
kept sealed, so that SECRET_KEYS can be replaced one and all.

Must never be replaced while it can be opened: the people it stands for would be strangers.
"""

import hmac
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.crypto import Vault, new_key
from app.errors import BadSignature
from app.models import Store
from app.models.rows import STORE
from app.tenancy import store_of, store_transaction

_INFO = "lasting_key"
_SEALED = select(Store.lasting_key).where(Store.store_id == STORE)


def lasting_key(session: Session, keys: Sequence[str]) -> str:
    """The key of this session's store. Raises BadSignature when none of `keys` opens it."""
    if _INFO not in session.info:
        mine = {"store": store_of(session)}
        sealed = session.scalar(_SEALED, mine)
        if sealed is None:
            session.execute(
                update(Store)
                .where(Store.store_id == store_of(session), Store.lasting_key.is_(None))
                .values(lasting_key=_new(keys))
                .execution_options(synchronize_session=False)
            )
            sealed = session.scalar(_SEALED, mine)
        assert sealed is not None
        session.info[_INFO] = _open(sealed, tuple(keys))
    found: str = session.info[_INFO]
    return found


def secret_for(keys: Sequence[str], store_id: UUID, purpose: str) -> str:
    """A secret that others hold as well, of this purpose alone. No rotation changes it."""
    with store_transaction(store_id) as session:
        key = lasting_key(session, keys)
    return hmac.digest(key.encode(), f"comeback.{purpose}:{store_id}".encode(), "sha256").hex()


def give(store: Store, keys: Sequence[str]) -> None:
    """See that a store that connects has one that opens. Another only where it is lost: whoever was
    forgotten before is then not recognised any more."""
    try:
        if store.lasting_key is not None:
            _open(store.lasting_key, tuple(keys))
            return
    except BadSignature:
        pass
    store.lasting_key = _new(keys)


def _new(keys: Sequence[str]) -> bytes:
    return Vault(list(keys)).seal(new_key())


@lru_cache(maxsize=10_000)
def _open(sealed: bytes, keys: tuple[str, ...]) -> str:
    return Vault(list(keys)).open(sealed)
