"""From the text of a flow file to a definition. One file is one flow and complete in itself.

Must never guess: what it does not know is a complaint that names the line and the way out.
"""

from datetime import time
from functools import lru_cache
from typing import Any

from app.flows import definition as d
from app.flows.copies import read_messages
from app.flows.place import FlowInvalid, Place, Problem
from app.flows.steps import EXIT_REASONS, Graph, read_condition
from app.flows.tree import as_date, read_tree
from app.languages import LANGUAGES
from app.reasons import Reason

_FIELDS = (
    "flow",
    "name",
    "requirements",
    "languages",
    "purpose",
    "trigger",
    "filter",
    "reentry",
    "goal",
    "exits",
    "priority",
    "holdout",
    "fresh_for",
    "steps",
    "messages",
)


def read_flow(source: str) -> tuple[d.Definition, list[Problem]]:
    """The definition and every complaint. Only what is not YAML at all raises (FlowInvalid)."""
    problems: list[Problem] = []
    root = read_tree(source, problems)
    return _definition(root), problems


@lru_cache(maxsize=512)
def definition_of(source: str) -> d.Definition:
    """The definition of a stored version. Versions are immutable, so one reading is enough."""
    definition, problems = read_flow(source)
    errors = [problem for problem in problems if not problem.warning]
    if errors:
        raise FlowInvalid(errors)
    return definition


def _definition(root: Place) -> d.Definition:
    found = root.fields(*_FIELDS)
    for name in ("flow", "name", "purpose", "trigger", "steps"):
        if name not in found:
            root.complain(f"`{name}` is missing")
    languages = _languages(found.get("languages"))
    graph = Graph(languages)
    first = graph.add(found["steps"], "", None) if "steps" in found else None
    messages, variants = read_messages(found.get("messages"), languages)
    return d.Definition(
        slug=found["flow"].slug() if "flow" in found else "invalid",
        name=found["name"].translated(languages) if "name" in found else {},
        requirements=_requirements(found.get("requirements")),
        languages=languages,
        purpose=_purpose(found.get("purpose")),
        trigger=_trigger(found.get("trigger")),
        filter=read_condition(found.get("filter")),
        first=first,
        nodes=graph.nodes,
        messages=messages,
        variants=variants,
        **_rules(found),
    )


def _rules(found: dict[str, Place]) -> dict[str, Any]:
    """What has a default when the file does not say."""
    rules: dict[str, Any] = {"reentry": _reentry(found.get("reentry"))}
    if "goal" in found:
        rules["goal"] = _event_rule(found["goal"])
    if "exits" in found:
        exits = [_exit(place) for place in found["exits"].items()]
        rules["exits"] = tuple(exit_ for exit_ in exits if exit_)
    if "priority" in found:
        rules["priority"] = found["priority"].number(0, 100)
    if "holdout" in found:
        rules["holdout"] = found["holdout"].percent(50)
    if "fresh_for" in found:
        rules["fresh_for"] = found["fresh_for"].duration()
    return {name: value for name, value in rules.items() if value is not None}


def _purpose(place: Place | None) -> d.Purpose:
    return d.Purpose(place.choice(*d.Purpose)) if place else d.Purpose.SERVICE


def _languages(place: Place | None) -> tuple[str, ...]:
    if place is None:
        return LANGUAGES
    return tuple(item.choice(*LANGUAGES) for item in place.items()) or LANGUAGES


def _requirements(place: Place | None) -> tuple[int, ...]:
    return tuple(item.number(1, 999) for item in place.items()) if place else ()


def _reentry(place: Place | None) -> d.Reentry:
    if place is None or isinstance(place.value, str):
        once = place is not None and place.choice("once", "always") == "once"
        return d.Reentry(once=once, after=None)
    found = place.fields("after")
    return d.Reentry(once=False, after=found["after"].duration() if "after" in found else None)


def _event_rule(place: Place) -> d.EventRule | None:
    found = place.fields("event", "where")
    if "event" not in found:
        place.complain("`event` is missing")
        return None
    return d.EventRule(event=found["event"].slug(), where=read_condition(found.get("where")))


def _exit(place: Place) -> d.Exit | None:
    if not isinstance(place.value, dict) or "when" not in place.value:
        return _event_rule(place)
    found = place.fields("when", "reason")
    condition = read_condition(found["when"])
    reason = found["reason"].choice(*EXIT_REASONS) if "reason" in found else Reason.EXIT_CONDITION
    return d.WhenRule(when=condition, reason=str(reason)) if condition else None


def _trigger(place: Place | None) -> d.Trigger:
    kinds = {
        "event": _event_trigger,
        "segment": _segment_trigger,
        "inactivity": _inactivity_trigger,
        "date": _date_trigger,
    }
    value = place.value if place else {}
    for name, read in kinds.items():
        if place and isinstance(value, dict) and name in value:
            return read(place) or _NO_TRIGGER
    if place:
        place.complain(f"write one of: {', '.join(kinds)}")
    return _NO_TRIGGER


def _event_trigger(place: Place) -> d.Trigger:
    found = place.fields("event", "where")
    return d.EventTrigger(event=found["event"].slug(), where=read_condition(found.get("where")))


def _segment_trigger(place: Place) -> d.Trigger | None:
    found = place.fields("segment")["segment"].fields("entered", "left")
    if len(found) != 1:
        place.complain(
            "write either `entered` or `left`, with a segment's short name or the condition"
            " people begin or cease to meet"
        )
        return None
    ((way, meant),) = found.items()
    condition = read_condition(meant.as_segment() if isinstance(meant.value, str) else meant)
    return d.SegmentTrigger(condition=condition, left=way == "left") if condition else None


def _inactivity_trigger(place: Place) -> d.Trigger | None:
    found = place.fields("inactivity")["inactivity"].fields("days", "since")
    if "days" not in found:
        place.complain("`inactivity.days` is missing")
        return None
    since: d.SignOfLife = "last_order"
    if "since" in found:
        since = found["since"].choice("last_order", "last_active")
    return d.InactivityTrigger(days=found["days"].number(1, 730), since=since)


def _date_trigger(place: Place) -> d.Trigger:
    found = place.fields("date")["date"].fields("on", "anniversary_of", "at")
    on, anniversary = found.get("on"), found.get("anniversary_of")
    if (on is None) == (anniversary is None):
        place.complain("write either `on: 2026-11-27` or `anniversary_of: first_order`")
    return d.DateTrigger(
        on=as_date(on) if on else None,
        anniversary_of=_first_time(anniversary) if anniversary else None,
        at=found["at"].time() if "at" in found else time(9),
    )


def _first_time(place: Place) -> d.FirstTime:
    return place.choice("first_order", "first_seen")


_NO_TRIGGER = d.EventTrigger(event="invalid")
