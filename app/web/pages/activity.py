"""What happens now: every decision as it is made, newest first, with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from app import clock
from app.models import (
    Decision,
    Flow,
    Journey,
    JourneyStatus,
    Message,
    MessageStatus,
    Store,
    Webhook,
    WebhookStatus,
)
from app.reasons import Outcome
from app.web.access import guard, store_session
from app.web.pages.decisions import decision_rows, lines, of_flow
from app.web.pages.names import flow_names
from app.web.request import id_or_404

activity = Blueprint("activity", __name__, url_prefix="/activity")
guard(activity)

PAGE = 50
_NOT_OUT = (
    MessageStatus.PLANNED,
    MessageStatus.SENDING,
    MessageStatus.HELD,
    MessageStatus.FAILED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A day at a glance."""

    inside: int
    sent: int
    refused: int
    failed_webhooks: int


@activity.get("")
def page() -> ResponseReturnValue:
    with store_session() as (session, store):
        slugs = session.execute(
            select(Flow.flow_id, Flow.slug)
            .where(Flow.store_id == store.store_id)
            .order_by(Flow.slug)
        ).all()
        names = flow_names(session, store)
        return render_template(
            "pages/activity.html",
            flows=[(slug, names[flow_id]) for flow_id, slug in slugs],
            outcomes=list(Outcome),
            **_content(session, store),
        ), 200


@activity.get("/rows")
def rows() -> ResponseReturnValue:
    """The part of the page that brings itself up to date."""
    with store_session() as (session, store):
        return render_template("pages/activity_rows.html", **_content(session, store)), 200


def _content(session: Session, store: Store) -> dict[str, object]:
    chosen = {name: request.args.get(name, "") for name in ("flow", "outcome", "before")}
    found = decision_rows(store, *_narrowed(session, store, chosen), most=PAGE + 1)
    shown = lines(session, store, found)
    return {
        "lines": shown[:PAGE],
        "older": shown[PAGE - 1].decision_id if len(shown) > PAGE else None,
        "chosen": chosen,
        "figures": figures(session, store),
    }


def _narrowed(
    session: Session, store: Store, chosen: dict[str, str]
) -> Iterator[ColumnElement[bool]]:
    if chosen["flow"]:
        yield of_flow(store, chosen["flow"])
    if chosen["outcome"]:
        yield Decision.outcome == chosen["outcome"]
    if chosen["before"]:
        last = session.get(Decision, (store.store_id, id_or_404(chosen["before"])))
        if last is not None:
            key = tuple_(Decision.decided_at, Decision.decision_id)
            yield key < (last.decided_at, last.decision_id)


def figures(session: Session, store: Store) -> Figures:
    """People inside flows now, and what the last 24 hours brought."""
    since = clock.now() - timedelta(days=1)
    mine = store.store_id
    inside = select(func.count()).where(
        Journey.store_id == mine, Journey.status == JourneyStatus.ACTIVE
    )
    sent = select(func.count()).where(
        Message.store_id == mine, Message.sent_at >= since, Message.status.not_in(_NOT_OUT)
    )
    refused = select(func.count()).where(
        Decision.store_id == mine,
        Decision.decided_at >= since,
        Decision.outcome == Outcome.REFUSED,
    )
    failed = select(func.count()).where(
        Webhook.store_id == mine, Webhook.status == WebhookStatus.FAILED
    )
    inside_, sent_, refused_, failed_ = (
        session.scalar(statement) or 0 for statement in (inside, sent, refused, failed)
    )
    return Figures(inside=inside_, sent=sent_, refused=refused_, failed_webhooks=failed_)
