"""The doors for recipients: links in messages and the way out of them. No cookie, no account.

The token names the store and proves that we made it. A click of a machine is never counted, and a
page that is only looked at never changes anything: mail programs open every address they see.
"""

import re
from uuid import UUID

from flask import Blueprint, Response, abort, g, redirect, render_template, request
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadSignature
from app.inbox import take_changes
from app.languages import known_language
from app.messages import choices, links, tokens
from app.models import Message, Store, StoreStatus
from app.stores import lifecycle
from app.tenancy import store_transaction
from app.web.limits import CLICKS, GUESSES, PRESSES, limiter, this_path, was_a_guess
from app.web.request import config, directory

recipient = Blueprint("recipient", __name__)

_PREFETCHING = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
_MACHINE = re.compile(
    r"bot\b|crawl|spider|preview|scanner|safelinks|barracuda|mimecast|proofpoint|ironport|symantec"
    r"|facebookexternalhit|whatsapp/|skypeuripreview|googleimageproxy|yahoomailproxy|bitlybot"
    r"|python-requests|curl/|wget/|go-http-client|headlesschrome",
    re.IGNORECASE,
)


def looks_automatic() -> bool:
    """Whether a machine asks: a look ahead, a link scanner, a preview in a chat."""
    ahead = " ".join(request.headers.get(name, "") for name in _PREFETCHING).lower()
    agent = request.headers.get("User-Agent", "")
    return (
        request.method == "HEAD"
        or "prefetch" in ahead
        or "preview" in ahead
        or _MACHINE.search(agent) is not None
    )


def named_store(number: int) -> UUID:
    """The store a token's number names. A store that has gone is a page that is gone."""
    named = directory().by_number(number)
    if named is None:
        abort(404)
    return named.store_id


@recipient.get("/l/<token>")
@limiter.limit(CLICKS)
@limiter.limit(GUESSES, deduct_when=was_a_guess)
def click(token: str) -> Response:
    """Send the person on to the stored target; note the click of a person."""
    try:
        named = tokens.resolve(token, config())
    except BadSignature:
        abort(404)
    target = _target(named_store(named.store_number), named.link_number)
    if target is None:
        abort(404)
    response = redirect(target, 302)
    # The next site must not learn the token, and no cache may count a click for us.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response  # type: ignore[return-value]


def _target(store_id: UUID, number: int) -> str | None:
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        if looks_automatic() or store.status != StoreStatus.ACTIVE:
            found = links.target_of(session, number)
            return found[0] if found else None
        followed = links.follow(session, number, clock.now(), config())
        if followed is None:
            return None
        take_changes(session, store, followed.changes)
        return followed.target


@recipient.route("/u/<token>", methods=["GET", "POST"])
@limiter.limit(PRESSES, key_func=this_path)
@limiter.limit(GUESSES, deduct_when=was_a_guess)
def unsubscribe(token: str) -> str:
    """One button. A mail program's own button posts here at once (RFC 8058), without the page."""
    try:
        named = tokens.read_unsubscribe(token, config())
    except BadSignature:
        abort(404)
    with store_transaction(named_store(named.store_number)) as session:
        store = lifecycle.this_store(session)
        message = speak_for(session, store, named.message_id)
        everywhere = request.form.get("scope") == "everything"
        if request.method == "POST":
            changes = choices.opt_out_by_link(
                session, named.message_id, clock.now(), everywhere=everywhere
            )
            take_changes(session, store, changes)
        channel = message.channel if message else "email"
    return render_template(
        "recipient/unsubscribe.html",
        store=store,
        channel=channel,
        done=request.method == "POST",
        everywhere=everywhere,
    )


def speak_for(session: Session, store: Store, message_id: UUID) -> Message | None:
    """The message a token names, and its language for the page. None once the person is erased."""
    message = session.get(Message, (store.store_id, message_id))
    g.language = known_language(message.locale if message else store.locale) or "en"
    return message
