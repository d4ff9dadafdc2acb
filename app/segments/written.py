"""A segment's condition as a merchant writes it: YAML, read safely whatever a stranger sends."""

import io
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from app.segments.conditions import Condition, ConditionError, parse_condition

WHERE = "condition"
_LARGEST_BYTES = 20_000
_DEEPEST = 40


@lru_cache(maxsize=4_096)
def condition_of(written: str) -> Condition:
    """The condition in a text. Raises ConditionError, which names the place and the line."""
    return parse_condition(_tree(written), WHERE)


def _tree(written: str) -> Any:
    if len(written.encode(errors="replace")) > _LARGEST_BYTES:
        raise ConditionError(WHERE, "it is longer than 20 kB; name other segments in it instead")
    try:
        _guard(written)
        return YAML(typ="rt", pure=True).load(written)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConditionError(
            WHERE, f"this is not YAML: {error.problem or error.context}", line
        ) from error
    except (YAMLError, ValueError) as error:
        raise ConditionError(WHERE, f"this is not YAML: {str(error).splitlines()[0]}") from error


def _guard(written: str) -> None:
    """Look at it as a stream first: aliases could make it grow a million times, or never end."""
    depth = 0
    for event in YAML(pure=True).parse(io.StringIO(written)):
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            raise ConditionError(WHERE, f"write out what *{event.anchor} refers to", line)
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        if depth > _DEEPEST:
            raise ConditionError(WHERE, "lists stand inside lists too deeply", line)
