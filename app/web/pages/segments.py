"""The segments of a store: how large each is, whether it grows, and what to do; one with its
condition, its days and the first people in it."""

from zoneinfo import ZoneInfo

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import clock, segments
from app.errors import InvalidInput
from app.models import Segment, Store
from app.segments.health import days_of, health, health_of
from app.segments.preview import Preview, TooSlow, preview
from app.segments.risk import risk_of
from app.segments.written import condition_of
from app.stores.platforms import PLATFORMS
from app.web.access import guard, store_session
from app.web.pages.names import person_name
from app.web.pages.segment_shown import action_for, line_of, segment_name

segment_pages = Blueprint("segment_pages", __name__, url_prefix="/segments")
guard(segment_pages)

EVERYBODY = "everybody"
"""The ready-made segment whose parts the others are."""


@segment_pages.get("")
def page() -> ResponseReturnValue:
    with store_session() as (session, store):
        found = health(session)
        shown = [(each, segment_name(each.segment), action_for(each.segment)) for each in found]
        counted = {each.segment.slug: each.today.people for each in found if each.today}
        everybody = counted.get(EVERYBODY, 0)
        return render_template(
            "pages/segments.html",
            segments=shown,
            everybody=everybody,
            shop_has_some=PLATFORMS[store.platform].keeps_segments,
        ), 200


@segment_pages.get("/<segment>")
def one(segment: str) -> ResponseReturnValue:
    return one_page(segment), 200


def one_page(segment: str, problem: str = "") -> str:
    """`problem`: why something asked of this page was not done."""
    with store_session() as (session, store):
        found = segment_or_404(session, segment)
        days = days_of(session, found, clock.now().astimezone(ZoneInfo(store.timezone)).date())
        return render_template(
            "pages/segment.html",
            segment=found,
            kind=found.kind,
            name=segment_name(found),
            action=action_for(found),
            health=health_of(found, days),
            days=[(day, risk_of(day)) for day in days],
            line=line_of(days),
            gone_at=segments.gone_since(session, found),
            problem=problem,
            **first_people(session, store, found.written),
        )


def segment_or_404(session: Session, slug: str) -> Segment:
    try:
        return segments.get_segment(session, slug)
    except InvalidInput:
        abort(404)


def first_people(session: Session, store: Store, written: str) -> dict[str, object]:
    """What a template shows of who is meant now, or that it took too long to say."""
    try:
        found: Preview | None = preview(session, condition_of(written), store, clock.now())
    except TooSlow:
        found = None
    named = [(customer, person_name(customer)) for customer in found.people] if found else []
    return {"found": found, "people": named}
