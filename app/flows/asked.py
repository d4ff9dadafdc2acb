"""Every condition of a flow, and which segments they name. Pure."""

from collections.abc import Iterator

from app.flows import definition as d
from app.segments import Condition, names


def conditions(definition: d.Definition) -> Iterator[Condition]:
    """All of them, wherever they stand in the file."""
    found = [_of_trigger(definition.trigger), definition.filter]
    found += [_of_rule(rule) for rule in (definition.goal, *definition.exits)]
    for node in definition.nodes.values():
        if isinstance(node, d.WaitEvent):
            found.append(node.where)
        if isinstance(node, d.Branch):
            found += [way.when for way in node.ways]
    return (condition for condition in found if condition is not None)


def segments_of(definition: d.Definition) -> dict[str, str]:
    """The segments a flow names, each with a place where it does."""
    return {slug: place for condition in conditions(definition) for slug, place in names(condition)}


def _of_trigger(trigger: d.Trigger) -> Condition | None:
    if isinstance(trigger, d.SegmentTrigger):
        return trigger.condition
    return trigger.where if isinstance(trigger, d.EventTrigger) else None


def _of_rule(rule: d.Exit | None) -> Condition | None:
    if rule is None:
        return None
    return rule.when if isinstance(rule, d.WhenRule) else rule.where
