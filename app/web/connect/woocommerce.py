"""Connecting a WooCommerce shop: the merchant approves us there, or pastes keys made by hand.

The shop's server posts the keys while it holds a visitor's request open, so they are only sealed
and kept; the browser that began the connection then has them proved by a call to that very shop.
The post itself proves nothing and is believed once (woocommerce.md 4).
"""

import json
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.crypto import Vault
from app.errors import BadSignature, ComebackError, InvalidInput
from app.platforms.woocommerce import authorize_url, find_site, read_callback
from app.stores.credentials import Secret
from app.stores.install import Connected, Newcomer, connect
from app.web import pending
from app.web.access import csrf, session_store, sign_in
from app.web.limits import CONNECTIONS, GUESSES, PAGES, WAITS, limiter, was_a_guess
from app.web.request import config, our_url
from app.web.shown import t

connect_woocommerce = Blueprint("connect_woocommerce", __name__, url_prefix="/connect/woocommerce")
limiter.limit(PAGES)(connect_woocommerce)

KIND = "woocommerce"
LIVES = timedelta(hours=1)
_STATE = "woocommerce_state"


@connect_woocommerce.get("")
def form() -> ResponseReturnValue:
    return render_template("connect/woocommerce.html", values={}, problem=None), 200


@connect_woocommerce.post("")
@limiter.limit(CONNECTIONS)
def start() -> ResponseReturnValue:
    """Find the shop, and send the merchant there to approve."""
    csrf.protect()
    try:
        site = find_site(
            request.form.get("url", ""), allow_private=config().allow_private_addresses
        )
    except ComebackError as error:
        return _again(error)
    state = pending.begin(KIND, {"url": site.url, "name": site.name}, LIVES)
    session[_STATE] = state
    return redirect(
        authorize_url(
            site.url,
            "Comeback",
            state,
            our_url(url_for("connect_woocommerce.come_back")),
            our_url(url_for("connect_woocommerce.callback")),
        )
    )


@connect_woocommerce.post("/callback")
@limiter.limit(PAGES)
@limiter.limit(GUESSES, deduct_when=was_a_guess)
def callback() -> ResponseReturnValue:
    """The shop's server brings a fresh key pair. Anything but 200 makes it delete the pair."""
    keys = read_callback(request.get_data(cache=False))
    values = {"consumer_key": keys.consumer_key, "consumer_secret": keys.consumer_secret}
    sealed = Vault(config().keys).seal(json.dumps(values)).decode()
    if pending.take(KIND, keys.state, {"sealed": sealed}) is None:
        raise BadSignature("This connection has been used already or is too old. Begin again.")
    return "", 200


@connect_woocommerce.get("/return")
def come_back() -> ResponseReturnValue:
    """The browser is back, which proves nothing: the page waits for the keys."""
    declined = request.args.get("success") == "0"
    return render_template("connect/waiting.html", declined=declined, state=_state()), 200


@connect_woocommerce.post("/finish")
@limiter.limit(WAITS)
def finish() -> ResponseReturnValue:
    """Once the keys are here, prove them at the shop, once; until then, wait. Safe to repeat."""
    csrf.protect()
    begun = pending.look(KIND, _state() or "")
    if begun is None:
        return _outcome({"step": "failed", "told": t("connect.expired")})
    if "sealed" in begun.details and pending.note(begun.state, {"step": None}, {"step": "proving"}):
        outcome = {**_prove(begun), "sealed": ""}
        pending.note(begun.state, {}, outcome)
        return _outcome({**begun.details, **outcome})
    return _outcome(begun.details)


@connect_woocommerce.post("/keys")
@limiter.limit(CONNECTIONS)
def paste() -> ResponseReturnValue:
    """The fallback: keys made by hand in the shop's own admin."""
    csrf.protect()
    names = ("consumer_key", "consumer_secret")
    values = {name: request.form.get(name, "").strip() for name in names}
    try:
        for name, begins in zip(names, ("ck_", "cs_"), strict=True):
            if not values[name].startswith(begins):
                raise InvalidInput(name, t("connect.key_begins", begins=begins))
        site = find_site(
            request.form.get("url", ""), allow_private=config().allow_private_addresses
        )
        connected = _connect(site.url, values)
    except ComebackError as error:
        return _again(error)
    # Whoever holds a shop's own keys may see what is ours of that shop.
    sign_in(connected.store_id)
    return redirect(url_for("home.page"))


def _state() -> str | None:
    state: str | None = session.get(_STATE)
    return state


def _prove(begun: pending.Begun) -> dict[str, str]:
    values = json.loads(Vault(config().keys).open(begun.details["sealed"].encode()))
    try:
        connected = _connect(begun.details["url"], values)
    except ComebackError as error:
        return {"step": "failed", "told": str(error)}
    # An approval given in another browser must not open a store that has its people already.
    if connected.returned and session_store() != connected.store_id:
        return {"step": "known"}
    sign_in(connected.store_id)
    session[_STATE] = begun.state
    return {"step": "connected"}


def _outcome(told: dict[str, str]) -> ResponseReturnValue:
    return render_template("connect/outcome.html", step=told.get("step", "waiting"), told=told), 200


def _connect(url: str, values: dict[str, str]) -> Connected:
    newcomer = Newcomer(
        platform="woocommerce",
        domain=url.partition("://")[2].lower(),
        url=url,
        secret=Secret(kind="shop", values=values),
    )
    return connect(config(), newcomer)


def _again(error: ComebackError) -> ResponseReturnValue:
    """The form once more, with what was typed and what is wrong. A secret is not sent back."""
    problem = error.problem if isinstance(error, InvalidInput) else str(error)
    values = {"url": request.form.get("url", ""), "by_keys": "consumer_key" in request.form}
    page = render_template("connect/woocommerce.html", values=values, problem=problem)
    return page, 422
