"""The only clock. Whatever needs the time asks here, so that tests and the demo can move it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.errors import ConfigError


def _wall() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _wall


def now() -> datetime:
    """The current moment, aware and in UTC."""
    return _source()


def machine_time() -> datetime:
    """The machine's own time, whichever clock is in use: what is compared with another machine's,
    and nothing else."""
    return _wall()


def use(source: Callable[[], datetime] | None) -> None:
    """Take the time from `source` from now on; None returns to the machine's clock."""
    global _source  # noqa: PLW0603 - one clock for the whole process is the point of this module.
    _source = source or _wall


def pace() -> float:
    """How many of its seconds pass in one of the machine's: more than one in a demo alone."""
    return _source.speed if isinstance(_source, _Fast) else 1.0


@dataclass(frozen=True, slots=True)
class _Fast:
    start: datetime
    anchor: float
    speed: float

    def __call__(self) -> datetime:
        return self.start + timedelta(seconds=(time.time() - self.anchor) * self.speed)


def accelerated(spec: str) -> Callable[[], datetime]:
    """A clock that runs faster than the machine's, the same in every process given the same spec.

    `spec` is ``<start>@<machine epoch seconds>x<speed>``, for example
    ``2026-03-01T08:00:00+00:00@1772352000.0x360``. Raises ConfigError for any other.
    """
    start_text, _, rest = spec.partition("@")
    anchor_text, _, speed_text = rest.partition("x")
    try:
        start = datetime.fromisoformat(start_text).astimezone(UTC)
        anchor, speed = float(anchor_text), float(speed_text)
    except ValueError as error:
        raise ConfigError(f"CLOCK: “{spec}” is not <start>@<epoch seconds>x<speed>.") from error
    return _Fast(start, anchor, speed)
