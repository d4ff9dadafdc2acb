"""Whose request this is. The one place that answers it.

The store comes from an id token that the shop software signed, or from the session that a sign-in
link began: never from an address, a form or a header that anybody could write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import Blueprint, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session

from app.models import Store, StoreStatus
from app.tenancy import store_transaction
from app.web import embedded
from app.web.limits import PAGES, limiter
from app.web.request import is_script

csrf = CSRFProtect()
_SAFE = {"GET", "HEAD", "OPTIONS"}
_KEY = "store_id"


def guard(blueprint: Blueprint) -> None:
    """Let nobody past whose store is not known."""
    limiter.limit(PAGES)(blueprint)
    blueprint.before_request(_require_store)


def current_store() -> UUID:
    """The store this request may see. Only behind `guard`."""
    store: Store | None = g.get("store")
    if store is None:
        abort(401)
    return store.store_id


@contextmanager
def store_session() -> Iterator[tuple[Session, Store]]:
    """One transaction on the rows of the current store, and its own row."""
    with store_transaction(current_store()) as rows:
        store = rows.get(Store, current_store())
        if store is None:
            abort(404)
        yield rows, store


def sign_in(store_id: UUID) -> None:
    """Begin a session. Whatever this browser was signed in to before is forgotten."""
    session.clear()
    session[_KEY] = str(store_id)
    session.permanent = True


def sign_out() -> None:
    session.clear()


def session_store() -> UUID | None:
    """The store of the session, if its row still says that it is connected."""
    text = session.get(_KEY)
    return _remember(UUID(text)) if text else None


def _require_store() -> ResponseReturnValue | None:
    token = embedded.bearer_token()
    if token is not None:
        return _from_token(token, document=False)
    if "id_token" in request.args:
        return _from_token(request.args["id_token"], document=True)
    if "embedded" in request.args:
        return embedded.bounce()
    if session_store() is None:
        return abort(401) if is_script() else redirect(url_for("signin.page"))
    if request.method not in _SAFE:
        # A token proves the page by itself; a cookie is sent along by any page that asks.
        csrf.protect()
    return None


def _from_token(token: str, *, document: bool) -> ResponseReturnValue | None:
    opened = embedded.open_store(token, document=document)
    if not isinstance(opened, UUID):
        return opened
    g.is_embedded = True
    if _remember(opened) is None:
        abort(404)
    g.framed_by = g.store.domain
    return None


def _remember(store_id: UUID) -> UUID | None:
    with store_transaction(store_id) as rows:
        store = rows.get(Store, store_id)
    if store is None or store.status != StoreStatus.ACTIVE:
        return None
    g.store, g.shop_locale = store, store.locale
    return store_id
