"""The flows of a store and what each has brought; the ready-made ones; new ones from a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import attribution, clock
from app.flows.load import definition_of
from app.flows.place import FlowInvalid, Problem
from app.flows.versions import import_flow, list_flows
from app.web.access import guard, store_session
from app.web.pages.lifts import lift_together
from app.web.pages.names import flow_name

flow_list = Blueprint("flow_list", __name__, url_prefix="/flows")
guard(flow_list)

SINCE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready-made flow, as its file has it."""

    slug: str
    names: dict[str, str]
    purpose: str
    source: str


@cache
def presets() -> tuple[Preset, ...]:
    """Every ready-made flow, by its file's name."""
    folder = files("app.flows") / "presets"
    sources = sorted((entry.name, entry) for entry in folder.iterdir() if ".yaml" in entry.name)
    found = []
    for _, entry in sources:
        source = entry.read_text(encoding="utf-8")
        definition = definition_of(source)
        names = dict(definition.name)
        found.append(Preset(definition.slug, names, definition.purpose, source))
    return tuple(found)


@flow_list.get("")
def page() -> ResponseReturnValue:
    with store_session() as (session, store):
        flows = list_flows(session, store)
        lift = lift_together(session)
        figures = {row.slug: row for row in attribution.summary(session, clock.now() - SINCE)}
    installed = {flow.slug for flow in flows}
    return render_template(
        "pages/flow_list.html",
        flows=[(flow, flow_name(flow.name, flow.slug), figures.get(flow.slug)) for flow in flows],
        presets=[
            (preset, flow_name(preset.names, preset.slug))
            for preset in presets()
            if preset.slug not in installed
        ],
        days=SINCE.days,
        lift=lift,
    ), 200


@flow_list.post("/presets/<slug>")
def add_preset(slug: str) -> ResponseReturnValue:
    """A copy of a ready-made flow, as a draft that reaches nobody."""
    preset = next((preset for preset in presets() if preset.slug == slug), None)
    if preset is None:
        abort(404)
    with store_session() as (session, store):
        import_flow(session, store, preset.source, clock.now())
    return redirect(url_for("flow_pages.page", slug=slug))


@flow_list.get("/new")
def form() -> ResponseReturnValue:
    return _form("", ()), 200


@flow_list.post("/new")
def upload() -> ResponseReturnValue:
    """A flow from a file or from text. What is wrong is shown line by line, and nothing is kept."""
    source = _given()
    try:
        with store_session() as (session, store):
            imported = import_flow(session, store, source, clock.now())
    except FlowInvalid as error:
        return _form(source, error.problems), 422
    return redirect(url_for("flow_pages.page", slug=imported.slug, imported=1))


def _given() -> str:
    file = request.files.get("file")
    if file is not None and file.filename:
        return str(file.read(), "utf-8", errors="replace")
    # Browsers send text areas with CRLF; the file's own lines end with LF.
    return request.form.get("source", "").replace("\r\n", "\n")


def _form(source: str, problems: Sequence[Problem]) -> str:
    wrong = {problem.line for problem in problems}
    lines = [(n, text, n in wrong) for n, text in enumerate(source.splitlines(), start=1)]
    return render_template("pages/flow_new.html", source=source, problems=problems, lines=lines)
