"""The store's providers: what is connected, and how to connect it. Tested before it is kept.

A secret that was typed here is never shown again, not even to the one who typed it.
"""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels import ChannelHealth
from app.channels.klaviyo import oauth
from app.errors import ComebackError
from app.models import Credential
from app.stores.adapters import open_channel
from app.stores.credentials import Secret
from app.stores.install import save_channel
from app.tenancy import store_of
from app.web.access import current_store, guard, store_session
from app.web.request import config, our_url

channels = Blueprint("channels", __name__, url_prefix="/channels")
guard(channels)

TWILIO = ("account_sid", "auth_token", "messaging_service_sid", "whatsapp")
_OPTIONAL = {"whatsapp"}


@dataclass(frozen=True, slots=True)
class ChannelState:
    """One provider on the page: connected or not, and what is wrong with it."""

    kind: str
    connected: bool
    problem: str | None


def channel_states(session: Session) -> list[ChannelState]:
    """The shop first, then e-mail, then texts."""
    rows = {
        row.kind: row
        for row in session.scalars(
            select(Credential).where(Credential.store_id == store_of(session))
        )
    }
    return [
        ChannelState(kind, kind in rows, rows[kind].broken_reason if kind in rows else None)
        for kind in ("shop", "klaviyo", "twilio")
    ]


@channels.get("")
def page() -> ResponseReturnValue:
    return _page(), 200


@channels.post("/klaviyo/key")
def klaviyo_key() -> ResponseReturnValue:
    """A private key made in Klaviyo's own settings."""
    key = request.form.get("private_key", "").strip()
    return keep(Secret(kind="klaviyo", values={"private_key": key}))


@channels.post("/twilio")
def twilio() -> ResponseReturnValue:
    given = {name: request.form.get(name, "").strip() for name in TWILIO}
    missing = [name for name in TWILIO if not given[name] and name not in _OPTIONAL]
    if missing:
        return _page("twilio", missing=missing), 422
    values = {name: value for name, value in given.items() if value}
    return keep(Secret(kind="twilio", values=values))


def keep(secret: Secret) -> ResponseReturnValue:
    """Ask the provider first. What does not work is not kept, and nothing else changes."""
    health = _tested(secret)
    if not health.ok:
        return _page(secret.kind, problem=health.sentence), 422
    save_channel(config(), current_store(), secret)
    return _page(told=health.sentence), 200


def _tested(secret: Secret) -> ChannelHealth:
    try:
        return open_channel(config(), secret.kind, secret.values).test()
    except ComebackError as error:
        return ChannelHealth(ok=False, sentence=str(error))


def _page(
    failed: str = "", *, problem: str = "", told: str = "", missing: list[str] | None = None
) -> str:
    with store_session() as (session, store):
        states = channel_states(session)
        return render_template(
            "connect/channels.html",
            states={state.kind: state for state in states},
            failed=failed,
            problem=problem,
            told=told,
            missing=missing or [],
            given=request.form if failed else {},
            can_sign_in=bool(config().klaviyo_client_id),
            scopes=oauth.KEY_SCOPES,
            inbound_url=our_url(f"/callbacks/twilio/{store.store_id}"),
        )
