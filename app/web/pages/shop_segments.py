"""Segments that the shop itself has are chosen to be read in."""

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock, segments
from app.errors import AccessLost, ComebackError
from app.platforms import SegmentSeen
from app.stores.platforms import PLATFORMS
from app.web.access import current_store, guard, store_session
from app.web.request import connections
from app.web.shown import t

shop_segments = Blueprint("shop_segments", __name__, url_prefix="/segments/shop")
guard(shop_segments)


@shop_segments.get("")
def choose() -> ResponseReturnValue:
    """Asked of the shop with no transaction open."""
    _require_some()
    found: Sequence[SegmentSeen] = ()
    problem = ""
    try:
        found = connections().shop(current_store()).segments()
    except ComebackError as error:
        problem = t(
            f"shop_segments.{'no_access' if isinstance(error, AccessLost) else 'no_answer'}"
        )
    return render_template("pages/shop_segments.html", found=found, problem=problem), 200


@shop_segments.post("")
def adopt() -> ResponseReturnValue:
    _require_some()
    key = request.form.get("key", "")
    there = {each.key: each for each in connections().shop(current_store()).segments()}
    if key not in there:
        abort(404)
    with store_session() as (session, _):
        segments.plant(session, clock.now())
        kept = segments.adopt(session, there[key], clock.now())
        slug = kept.slug
    return redirect(url_for("segment_pages.one", segment=slug))


def _require_some() -> None:
    with store_session() as (_, store):
        if not PLATFORMS[store.platform].keeps_segments:
            abort(404)
