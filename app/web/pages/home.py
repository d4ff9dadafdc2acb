"""The first page: what is still to be set up, how far the history is read, what needs a look."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.inbox import replay
from app.inbox.silent_mail import known_silent
from app.models import Customer, Flow, FlowStatus, Notice, Store, Webhook, WebhookStatus
from app.stores import backfill
from app.stores.settings import read_settings
from app.web.access import guard, store_session
from app.web.connect.channels import channel_states
from app.web.pages.activity import figures
from app.web.request import id_or_404

home = Blueprint("home", __name__)
guard(home)

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the check-list, and where to do it."""

    key: str
    done: bool
    url: str


@home.get("/")
def page() -> ResponseReturnValue:
    with store_session() as (session, store):
        return render_template("pages/home.html", **_content(session, store)), 200


@home.get("/progress")
def progress() -> ResponseReturnValue:
    """The part of the page that brings itself up to date while history is read."""
    with store_session() as (session, store):
        return render_template("pages/progress.html", **_history(session, store)), 200


@home.post("/notices/<notice>/seen")
def seen(notice: str) -> ResponseReturnValue:
    with store_session() as (session, store):
        row = session.get(Notice, (store.store_id, id_or_404(notice)))
        if row is None:
            abort(404)
        row.seen_at = row.seen_at or clock.now()
    return redirect(url_for("home.page"))


@home.post("/webhooks/<webhook>/retry")
def retry(webhook: str) -> ResponseReturnValue:
    """Put a failed webhook back in line."""
    with store_session() as (session, store):
        if not replay(session, store.store_id, [id_or_404(webhook)]):
            abort(404)
    return redirect(url_for("home.page"))


def _content(session: Session, store: Store) -> dict[str, Any]:
    states = {state.kind: state for state in channel_states(session)}
    notices = session.scalars(
        select(Notice)
        .where(Notice.store_id == store.store_id, Notice.seen_at.is_(None))
        .order_by(Notice.created_at.desc())
        .limit(SHOWN)
    ).all()
    failed = session.scalars(
        select(Webhook)
        .where(Webhook.store_id == store.store_id, Webhook.status == WebhookStatus.FAILED)
        .order_by(Webhook.received_at.desc())
        .limit(SHOWN)
    ).all()
    return {
        "steps": _steps(session, store, states),
        "states": states,
        "notices": notices,
        "failed": failed,
        "figures": figures(session, store),
        **_history(session, store),
    }


def _steps(session: Session, store: Store, states: Mapping[str, Any]) -> list[Step]:
    settings = read_settings(store.settings)
    active = session.scalar(
        select(func.count()).where(
            Flow.store_id == store.store_id, Flow.status == FlowStatus.ACTIVE
        )
    )
    shop = states["shop"]
    channels, settings_page = url_for("channels.page"), url_for("settings.page")
    return [
        Step("shop", shop.connected and shop.problem is None, url_for("health_page.page")),
        Step("sender", bool(settings.sender_name and settings.postal_address), settings_page),
        Step("email", states["klaviyo"].connected, channels),
        Step("mail", known_silent(session) == [], channels),
        Step("texts", states["twilio"].connected, channels),
        Step("flow", bool(active), url_for("flow_list.page")),
    ]


def _history(session: Session, store: Store) -> dict[str, Any]:
    rows = backfill.progress(session)
    people = session.scalar(select(func.count()).where(Customer.store_id == store.store_id))
    return {
        "history": rows,
        "reading": any(row.finished_at is None for row in rows),
        "people_count": people or 0,
    }
