"""How a segment is shown: its name and what to do in the reader's language, its days as a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.models import Segment, SegmentDay, SegmentKind
from app.segments.presets import PRESETS, Preset
from app.web.words import language

WIDTH, HEIGHT = 600, 120
_EDGE = 6


@dataclass(frozen=True, slots=True)
class Line:
    """`points` as SVG wants them, in a box of WIDTH by HEIGHT."""

    points: str
    lowest: SegmentDay
    highest: SegmentDay
    first: SegmentDay
    last: SegmentDay


def segment_name(segment: Segment) -> str:
    preset = _preset(segment)
    return preset.names[language()] if preset else segment.name


def preset_names() -> list[tuple[str, str]]:
    """Every ready-made segment by its short name, with what the reader calls it."""
    return [(slug, preset.names[language()]) for slug, preset in PRESETS.items()]


def action_for(segment: Segment) -> str:
    """What to do for the people in it; empty for one of the store's own."""
    preset = _preset(segment)
    return preset.actions[language()] if preset else ""


def line_of(days: Sequence[SegmentDay]) -> Line | None:
    """None while there are no two days to draw a line between. It begins at nobody, so that a
    small change looks small."""
    if len(days) < 2:
        return None
    first, last = days[0], days[-1]
    highest = max(days, key=lambda each: each.people)
    across, up = WIDTH - 2 * _EDGE, HEIGHT - 2 * _EDGE
    length = (last.day - first.day).days
    points = " ".join(
        f"{_EDGE + across * (each.day - first.day).days / length:.1f},"
        f"{HEIGHT - _EDGE - up * each.people / max(highest.people, 1):.1f}"
        for each in days
    )
    return Line(points, min(days, key=lambda each: each.people), highest, first, last)


def _preset(segment: Segment) -> Preset | None:
    return PRESETS.get(segment.slug) if segment.kind == SegmentKind.PRESET else None
