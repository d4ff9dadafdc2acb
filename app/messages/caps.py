"""The attention budget of one person: when the next message on a channel may be sent.

Pure. A cap moves a message to the moment it fits again; it must never drop one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.messages.attention import DAY, MONTH, WEEK, Attention
from app.stores.settings import Caps


@dataclass(frozen=True, slots=True)
class Capped:
    """The cap that is full, how full, and when there is room again."""

    cap: str
    limit: int
    sent: int
    until: datetime


def first_full_cap(
    caps: Caps, channel: str, commercial: bool, asked: Attention, now: datetime
) -> Capped | None:
    """The cap that keeps a message waiting longest; None when it may go now.

    Transactional messages are the answer to something the person did, so no cap holds them.
    """
    if not commercial:
        return None
    full = [
        found
        for name, limit, window, times in _windows(caps, channel, asked)
        if (found := _full(name, limit, times, window, now)) is not None
    ]
    return max(full, key=lambda capped: capped.until, default=None)


def _windows(
    caps: Caps, channel: str, asked: Attention
) -> list[tuple[str, int, timedelta, Sequence[datetime]]]:
    here = asked.times(channel)
    windows: dict[str, list[tuple[str, int, timedelta]]] = {
        "email": [
            ("email_per_day", caps.email_per_day, DAY),
            ("email_per_week", caps.email_per_week, WEEK),
        ],
        "sms": [
            ("sms_per_day", caps.sms_per_day, DAY),
            ("sms_per_week", caps.sms_per_week, WEEK),
            ("sms_per_month", caps.sms_per_month, MONTH),
        ],
        "whatsapp": [("whatsapp_per_day", caps.whatsapp_per_day, DAY)],
    }
    everywhere = asked.times(None, commercial_only=True)
    promotional = ("promotional_per_day", caps.promotional_per_day, DAY, everywhere)
    return [*((*window, here) for window in windows[channel]), promotional]


def _full(
    name: str, limit: int, times: Sequence[datetime], window: timedelta, now: datetime
) -> Capped | None:
    recent = [at for at in times if now - window < at <= now]
    if len(recent) < limit:
        return None
    # With a limit of zero nothing fits ever; look again after a whole window.
    until = recent[-limit] + window if limit else now + window
    return Capped(cap=name, limit=limit, sent=len(recent), until=until)
