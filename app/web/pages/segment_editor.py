"""A segment of the store's own is written, looked at while it is written, changed and archived."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock, flows, segments
from app.errors import InvalidInput
from app.models import Segment, SegmentKind
from app.segments import Draft, InUse
from app.segments.presets import PRESETS
from app.web.access import guard, store_session
from app.web.pages.segment_facts import fact_lines
from app.web.pages.segment_shown import preset_names
from app.web.pages.segments import first_people, one_page, segment_or_404
from app.web.shown import t
from app.web.words import language, say

segment_editor = Blueprint("segment_editor", __name__, url_prefix="/segments")
guard(segment_editor)


@segment_editor.get("/new")
def form() -> ResponseReturnValue:
    """An empty one, or one that begins as another does."""
    return _form(None, Draft("", "", _begun(request.args.get("start", "")))), 200


@segment_editor.post("/new")
def create() -> ResponseReturnValue:
    given = _given()
    draft = Draft(segments.slug_of(given.name), given.name, given.written)
    try:
        with store_session() as (session, store):
            if draft.slug in segments.read_segments(session):
                raise InvalidInput("name", say("segment.taken", language()))
            flows.keep_segment(session, store, draft, clock.now())
    except InvalidInput as error:
        return _form(None, draft, error), 422
    return redirect(url_for("segment_pages.one", segment=draft.slug))


@segment_editor.get("/<segment>/edit")
def edit(segment: str) -> ResponseReturnValue:
    with store_session() as (session, _):
        found = segment_or_404(session, segment)
        if found.kind != SegmentKind.OWN:
            return redirect(url_for("segment_editor.form", start=segment))
        return _form(found, Draft(found.slug, found.name, found.written)), 200


@segment_editor.post("/<segment>/edit")
def change(segment: str) -> ResponseReturnValue:
    given = _given()
    draft = Draft(segment, given.name, given.written)
    with store_session() as (session, _):
        found = segment_or_404(session, segment)
        session.expunge(found)
    try:
        with store_session() as (session, store):
            flows.keep_segment(session, store, draft, clock.now())
    except InvalidInput as error:
        return _form(found, draft, error), 422
    return redirect(url_for("segment_pages.one", segment=segment))


@segment_editor.post("/<segment>/archive")
def archive(segment: str) -> ResponseReturnValue:
    """What is still used stays, and the page says by what."""
    try:
        with store_session() as (session, store):
            segment_or_404(session, segment)
            flows.archive_segment(session, store, segment, clock.now())
    except InUse as error:
        return one_page(segment, t("segment.in_use", used=", ".join(error.used))), 422
    return redirect(url_for("segment_pages.page"))


@segment_editor.post("/preview")
def look() -> ResponseReturnValue:
    """Who would be in it as it is written now. Keeps nothing."""
    given, slug = _given(), request.form.get("slug", "")
    if not given.written.strip():
        return render_template("pages/segment_preview.html", untouched=True), 200
    try:
        with store_session() as (session, store):
            segments.check(session, slug, given.written)
            shown = first_people(session, store, given.written)
            return render_template("pages/segment_preview.html", **shown), 200
    except InvalidInput as error:
        return render_template("pages/segment_preview.html", error=error), 200


def _begun(start: str) -> str:
    if start in PRESETS:  # A store has them before its first minute is over.
        return PRESETS[start].written
    with store_session() as (session, _):
        return segment_or_404(session, start).written if start else ""


def _given() -> Draft:
    # Browsers send text areas with CRLF; a segment's own lines end with LF.
    written = request.form.get("written", "").replace("\r\n", "\n")
    return Draft("", request.form.get("name", ""), written)


def _form(found: Segment | None, draft: Draft, error: InvalidInput | None = None) -> str:
    return render_template(
        "pages/segment_edit.html",
        segment=found,
        draft=draft,
        error=error,
        starts=[] if draft.written else preset_names(),
        facts=fact_lines(),
    )
