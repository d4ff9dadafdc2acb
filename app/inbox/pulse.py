"""The heart of one topic: heard as usual, quieter than usual, or silent. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.inbox.readings import RECENT, Reading
from app.platforms import Resource
from app.stores.heartbeat import Rhythm, expect

READ_WITHIN = timedelta(hours=3)
"""A shop read so lately has been asked itself whether anything happened."""


class Colour(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is remembered of a topic."""

    topic: str
    last_at: datetime
    rhythm: Rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """`amber_at` and `red_at`: when this silence is too long, None while the rhythm is unknown.
    `confirmed`: the shop was read since and has itself nothing new, so that it is only quiet."""

    topic: str
    last_at: datetime
    amber_at: datetime | None
    red_at: datetime | None
    confirmed: bool
    colour: Colour


def take_pulse(
    heard: Heard, readings: Mapping[Resource, Reading], until: datetime, now: datetime
) -> Pulse:
    """The pulse of a topic whose webhooks are known `until` then: what waits may be of it."""
    expected = expect(heard.rhythm, heard.last_at)
    resource = _resource_of(heard.topic)
    reading = readings.get(resource) if resource else None
    confirmed = reading is not None and _nothing_new(reading, heard.last_at, now)
    colour = Colour.GREEN
    if not confirmed and expected.red_at and until >= expected.red_at:
        colour = Colour.RED
    elif not confirmed and expected.amber_at and until >= expected.amber_at:
        colour = Colour.AMBER
    return Pulse(
        topic=heard.topic,
        last_at=heard.last_at,
        amber_at=expected.amber_at,
        red_at=expected.red_at,
        confirmed=confirmed,
        colour=colour,
    )


def take_pulses(
    heard: Sequence[Heard], readings: Mapping[Resource, Reading], until: datetime, now: datetime
) -> list[Pulse]:
    """Every topic's pulse, the worst first."""
    order = list(reversed(Colour))
    pulses = [take_pulse(one, readings, until, now) for one in heard]
    return sorted(pulses, key=lambda pulse: (order.index(pulse.colour), pulse.topic))


def _nothing_new(reading: Reading, last_at: datetime, now: datetime) -> bool:
    miss = reading.latest_miss
    is_current = now - datetime.fromisoformat(reading.since) <= READ_WITHIN
    return is_current and (miss is None or miss < last_at or now - miss > RECENT)


def _resource_of(topic: str) -> Resource | None:
    """What we would read to learn the same: `orders/create` and `order.created` are of orders."""
    thing = topic.replace("/", ".").partition(".")[0].rstrip("s")
    return next((resource for resource in Resource if resource.rstrip("s") == thing), None)
