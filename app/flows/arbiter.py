"""One attention budget for each person over all flows and channels: who is written to when.

Pure. A message that does not fit goes to the first later moment that does, inside its deadline;
it must never be dropped without one, never be moved past it, and never sooner than it was wanted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.messages.attention import DAY
from app.reasons import Reason
from app.stores.settings import Caps

_WEEK = timedelta(days=7)
_MONTH = timedelta(days=30)
_MOST_MOVES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A message that wants a place. `planned` ones have one and keep it among equals."""

    key: UUID | str
    flow: str
    channel: str
    commercial: bool
    priority: int
    wanted_at: datetime
    deadline_at: datetime
    planned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A moment of attention that is used. `flow` None: the message is out already."""

    at: datetime
    channel: str
    commercial: bool
    flow: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a wish came to. `due_at` None: no room before its deadline. `reason` None: not moved."""

    wish: Wish
    due_at: datetime | None
    reason: Reason | None = None
    compared: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Full:
    cap: str
    limit: int
    until: datetime
    flow: str | None


Allowed = Callable[[Wish, datetime], datetime]
"""The first moment from the given one at which this message may leave: quiet hours."""


def arrange(
    wishes: Sequence[Wish], out: Sequence[Taken], caps: Caps, allowed: Allowed, now: datetime
) -> list[Place]:
    """A place for every wish of one person, the most important first."""
    taken, places = list(out), []
    for wish in sorted(wishes, key=_rank):
        place = _place(wish, taken, caps, allowed, now)
        places.append(place)
        if place.due_at is not None:
            taken.append(
                Taken(
                    at=place.due_at,
                    channel=wish.channel,
                    commercial=wish.commercial,
                    flow=wish.flow,
                )
            )
    return places


def _rank(wish: Wish) -> tuple[bool, int, bool, datetime, str]:
    # What the person waits for comes before what the shop wants.
    return (wish.commercial, -wish.priority, not wish.planned, wish.wanted_at, str(wish.key))


def _place(
    wish: Wish, taken: Sequence[Taken], caps: Caps, allowed: Allowed, now: datetime
) -> Place:
    wanted = max(wish.wanted_at, now)
    moment = allowed(wish, wanted)
    reason = Reason.QUIET_HOURS if moment > wanted else None
    values: dict[str, Any] = {}
    for _ in range(_MOST_MOVES):
        if moment > wish.deadline_at:
            break
        full = _full(wish, taken, caps, moment)
        if full is None:
            return _settled(wish, moment, reason, values)
        reason, values = _because(full)
        moment = allowed(wish, full.until)
    return Place(
        wish=wish,
        due_at=None,
        reason=Reason.DEADLINE_PASSED,
        compared={
            **values,
            "deadline": wish.deadline_at.isoformat(),
            "possible_at": moment.isoformat(),
            "moved_for": reason,
        },
    )


def _settled(
    wish: Wish, moment: datetime, reason: Reason | None, values: Mapping[str, Any]
) -> Place:
    if reason is None:
        return Place(wish=wish, due_at=moment)
    moved = {"wanted_at": wish.wanted_at.isoformat(), "until": moment.isoformat()}
    return Place(wish=wish, due_at=moment, reason=reason, compared={**values, **moved})


def _because(full: _Full) -> tuple[Reason, dict[str, Any]]:
    values: dict[str, Any] = {"cap": full.cap, "limit": full.limit}
    if full.flow is None:
        return Reason.FREQUENCY_CAP, values
    return Reason.ANOTHER_FLOW_FIRST, {**values, "flow": full.flow}


def _full(wish: Wish, taken: Sequence[Taken], caps: Caps, moment: datetime) -> _Full | None:
    """The cap that a message at `moment` would break; None when there is room."""
    if not wish.commercial:
        return None
    for name, limit, window, counts in _rules(wish.channel, caps):
        near = sorted(
            (t for t in taken if counts(t) and abs(t.at - moment) < window), key=lambda t: t.at
        )
        if _breaks([t.at for t in near], limit, window, moment):
            first = near[0] if near else None
            until = (first.at if first else moment) + window
            return _Full(name, limit, until, first.flow if first else None)
    return None


def _breaks(times: Sequence[datetime], limit: int, window: timedelta, moment: datetime) -> bool:
    """Whether any window with `moment` in it would hold more than `limit`."""
    every = sorted([*times, moment])
    starts = [start for start in every if start <= moment < start + window]
    return any(sum(start <= at < start + window for at in every) > limit for start in starts)


_Rule = tuple[str, int, timedelta, Callable[[Taken], bool]]


def _rules(channel: str, caps: Caps) -> list[_Rule]:
    def here(taken: Taken) -> bool:
        return taken.channel == channel

    def promotion(taken: Taken) -> bool:
        return taken.commercial

    windows = {"day": DAY, "week": _WEEK, "month": _MONTH}
    limits = {
        name: getattr(caps, name) for name in type(caps).model_fields if name.startswith(channel)
    }
    of_channel: list[_Rule] = [
        (name, limit, windows[name.rpartition("_")[2]], here) for name, limit in limits.items()
    ]
    # C20: one promotional message a day, whichever flow and channel it comes from.
    everywhere: _Rule = ("promotional_per_day", caps.promotional_per_day, DAY, promotion)
    return [everywhere, *of_channel]
