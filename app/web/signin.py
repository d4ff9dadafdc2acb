"""Signing in with a link that works once: for everybody who does not come through Shopify's admin.

`comeback` prints such a link. Its age is counted on the machine's clock, also in a demo where days
pass in seconds, because a person has to open it.
"""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.config import Config
from app.crypto import Signer
from app.web import pending
from app.web.access import csrf, session_store, sign_in, sign_out
from app.web.limits import PAGES, SIGN_INS, limiter
from app.web.recipient import looks_automatic
from app.web.request import config

signin = Blueprint("signin", __name__)
limiter.limit(PAGES)(signin)

VALID_SECONDS = 15 * 60
_PURPOSE = "comeback.sign-in"
_KIND = "sign_in"
# The row only marks that a link was used, and must outlive the link on any clock.
_ROW = timedelta(days=400)


def sign_in_link(config: Config, store_id: UUID) -> str:
    """An address that signs one browser in to this store, once, within 15 minutes."""
    state = pending.begin(_KIND, {"store_id": str(store_id)}, _ROW)
    token = Signer(config.keys, _PURPOSE).sign(state)
    return f"{config.public_url.rstrip('/')}/sign-in/{token}"


@signin.get("/sign-in")
def page() -> ResponseReturnValue:
    """Says how to get in."""
    return render_template("signin.html"), 200


@signin.get("/sign-in/<token>")
@limiter.limit(SIGN_INS)
def follow(token: str) -> ResponseReturnValue:
    """Use the link up and go to the first page. A chat that looks ahead does not use it."""
    state = Signer(config().keys, _PURPOSE).read(token, max_age=VALID_SECONDS)
    if looks_automatic():
        return render_template("signin.html"), 200
    begun = pending.take(_KIND, state)
    if begun is None:
        abort(401, "This link has been used already. Ask for a new one.")
    sign_in(UUID(begun.details["store_id"]))
    return redirect(url_for("home.page"))


@signin.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session of this browser."""
    if session_store() is not None:
        csrf.protect()
    sign_out()
    return redirect(url_for("signin.page"))
