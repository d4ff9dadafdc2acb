"""Flow files as trees that remember their lines. Must stay safe on any text a stranger uploads:
nothing is constructed but plain values, and size, depth and repetition are bounded first.
"""

import io
from datetime import date, datetime

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from app.flows.place import FlowInvalid, Place, Problem

_LARGEST_BYTES = 512 * 1024
_DEEPEST = 40


def read_tree(source: str, problems: list[Problem]) -> Place:
    """The file's outermost mapping. Raises FlowInvalid when it cannot be read as YAML at all."""
    if len(source.encode()) > _LARGEST_BYTES:
        raise _unreadable(1, "the file is larger than 512 KB; split it into several flows")
    try:
        _guard(source)
        value = YAML(typ="rt", pure=True).load(source)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _unreadable(line, f"this is not YAML: {error.problem or error.context}") from error
    except (YAMLError, ValueError) as error:
        raise _unreadable(1, f"this is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(value, dict):
        raise _unreadable(1, "a flow file begins with `flow: a-short-name`")
    return Place(value, "", 1, problems)


def _guard(source: str) -> None:
    """Look at the file as a stream first, which takes no room whatever it says."""
    depth = 0
    for event in YAML(pure=True).parse(io.StringIO(source)):
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            # Aliases make loops, and files that grow a million times when they are read.
            raise _unreadable(line, f"write the steps out instead of referring to *{event.anchor}")
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        if depth > _DEEPEST:
            raise _unreadable(line, "branches are nested too deeply; split the flow in two")


def _unreadable(line: int, sentence: str) -> FlowInvalid:
    return FlowInvalid([Problem(line=line, field="flow", sentence=sentence)])


def as_date(place: Place) -> date | None:
    """A day of the calendar; YAML reads an unquoted one by itself."""
    value = place.value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        place.complain("write a day such as 2026-11-27")
        return None
