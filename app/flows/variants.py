"""The texts of a message: its own and the variants that are tried against it. Pure."""

from collections.abc import Iterator

from app.flows import definition as d
from app.flows.copies import ORIGINAL


def variants_of(definition: d.Definition, send: d.Send) -> tuple[str, ...]:
    """The names of the texts a message is tried in, its own first; none where it has one text."""
    others = definition.variants.get((send.message, send.channel))
    return (ORIGINAL, *others) if others else ()


def every_copy(definition: d.Definition) -> Iterator[tuple[str, d.Copy]]:
    """Every text of a flow with its place in the file."""
    for name, channels in definition.messages.items():
        for channel, copies in channels.items():
            place = f"messages.{name}.{channel}"
            yield from ((f"{place}.{language}", copy) for language, copy in copies.items())
            for variant, texts in definition.variants.get((name, channel), {}).items():
                inner = f"{place}.variants.{variant}"
                yield from ((f"{inner}.{language}", copy) for language, copy in texts.items())
