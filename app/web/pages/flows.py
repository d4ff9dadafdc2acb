"""One flow: who is inside, what it has brought, its file; switched on, paused, replaced.

Switching on shows first how many people it would reach at once, and asks.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import attribution, clock, experiments
from app.errors import ComebackError
from app.flows.versions import activate, export_flow, known_flow, pause, reached
from app.inbox.silent_mail import silent_flows
from app.models import Decision, Flow, Store
from app.web.access import current_store, guard, store_session
from app.web.pages.decisions import decision_rows, lines
from app.web.pages.flow_list import SINCE
from app.web.pages.lifts import lift_of
from app.web.pages.names import flow_name
from app.web.pages.steps import steps_shown
from app.web.pages.trials import trials_shown
from app.web.request import connections

flow_pages = Blueprint("flow_pages", __name__, url_prefix="/flows")
guard(flow_pages)

BACK_DAYS = (0, 7, 30, 90)
RECENT = 20
_MOST_DIGITS = 9


@flow_pages.get("/<slug>")
def page(slug: str) -> ResponseReturnValue:
    with store_session() as (session, store):
        flow = _flow(session, store, slug)
        return render_template("pages/flow.html", **_about(session, store, flow)), 200


@flow_pages.get("/<slug>/file")
def download(slug: str) -> ResponseReturnValue:
    with store_session() as (session, store):
        source = export_flow(session, store, _flow(session, store, slug).slug)
    response = Response(source, content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}.yaml"'
    return response


@flow_pages.get("/<slug>/activate")
def confirm(slug: str) -> ResponseReturnValue:
    """How many people this would reach, before anybody is, and whose mail would go nowhere."""
    silent = _silent(slug)
    with store_session() as (session, store):
        flow, now = _flow(session, store, slug), clock.now()
        known = known_flow(session, store, flow.slug)
        return render_template(
            "pages/activate.html",
            flow=flow,
            name=flow_name(known.definition.name, flow.slug),
            silent=silent,
            counts=[
                (days, reached(session, store, flow.slug, timedelta(days=days), now) if days else 0)
                for days in BACK_DAYS
            ],
        ), 200


@flow_pages.post("/<slug>/activate")
def switch_on(slug: str) -> ResponseReturnValue:
    """Let people in. The number that was shown must still hold, or it is asked again."""
    days, shown = _number("days"), _number("count")
    if days not in BACK_DAYS:
        abort(400)
    back, now = timedelta(days=days), clock.now()
    with store_session() as (session, store):
        flow = _flow(session, store, slug)
        count = reached(session, store, flow.slug, back, now) if back else 0
        if count > shown:
            return redirect(url_for("flow_pages.confirm", slug=slug, changed=1))
        activate(session, store, flow.slug, now, back or None)
    return redirect(url_for("flow_pages.page", slug=slug))


@flow_pages.post("/<slug>/pause")
def switch_off(slug: str) -> ResponseReturnValue:
    with store_session() as (session, store):
        pause(session, store, _flow(session, store, slug).slug)
    return redirect(url_for("flow_pages.page", slug=slug))


def _number(name: str) -> int:
    text = request.form.get(name) or "0"
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        abort(400)
    return int(text)


def _silent(slug: str) -> list[str]:
    """Asked of Klaviyo with no transaction open; its silence is no reason against activating."""
    try:
        return silent_flows(current_store(), connections(), slug)
    except ComebackError:
        return []


def _flow(session: Session, store: Store, slug: str) -> Flow:
    flow = session.scalars(
        select(Flow).where(Flow.store_id == store.store_id, Flow.slug == slug)
    ).one_or_none()
    if flow is None:
        abort(404)
    return flow


def _about(session: Session, store: Store, flow: Flow) -> dict[str, Any]:
    known = known_flow(session, store, flow.slug)
    figures = attribution.summary(session, clock.now() - SINCE)
    return {
        "flow": flow,
        "name": flow_name(known.definition.name, flow.slug),
        "definition": known.definition,
        "steps": steps_shown(session, known),
        "figures": next((row for row in figures if row.slug == flow.slug), None),
        "days": SINCE.days,
        "lift": lift_of(session, flow.slug, store.currency),
        "within": experiments.WITHIN.days,
        "trials": trials_shown(session, known),
        "source": export_flow(session, store, flow.slug),
        "lines": lines(
            session, store, decision_rows(store, Decision.flow_id == flow.flow_id, most=RECENT)
        ),
    }
