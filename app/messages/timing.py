"""When this person may be written to: the law's hours, the store's own, where the person may be.

Pure. Asked again at the moment of the call; quiet hours move a message and never lose it.
"""

from datetime import datetime, timedelta

from app import quiet as hours
from app.customers.snapshot import Snapshot
from app.events import ConsentChannel
from app.messages.facts import Facts
from app.messages.verdict import Move
from app.reasons import Reason

LEAST_VALID_SECONDS = 60
"""A text that would have less than this to arrive is as good as one in the quiet hours."""

NOT_FOUND = timedelta(days=1)


def quiet(facts: Facts, person: Snapshot, now: datetime) -> Move | None:
    """The move to the next allowed moment; None when now is one."""
    if _any_time(facts):
        return None
    zones, windows = zones_of(facts, person), windows_of(facts, person, now)
    if hours.is_allowed(now, zones, windows) and _valid(facts, now, zones, windows):
        return None
    after = now if not hours.is_allowed(now, zones, windows) else now + _a_minute()
    until = hours.next_allowed(after, zones, windows) or now + NOT_FOUND
    return Move(
        reason=Reason.QUIET_HOURS,
        until=until,
        compared={"now": now.isoformat(), "zones": list(zones)},
    )


def valid_for(facts: Facts, person: Snapshot, now: datetime) -> int:
    """How long the provider may keep this message waiting: never into quiet hours."""
    seconds = hours.MOST_VALID_SECONDS
    if facts.message.channel != ConsentChannel.EMAIL:
        zones, windows = zones_of(facts, person), windows_of(facts, person, now)
        seconds = hours.seconds_until_quiet(now, zones, windows)
    if facts.message.deadline_at is not None:
        left = int((facts.message.deadline_at - now).total_seconds())
        seconds = min(seconds, max(left, LEAST_VALID_SECONDS))
    return seconds


def zones_of(facts: Facts, person: Snapshot) -> tuple[str, ...]:
    return hours.zones_for(person.country, person.region, person.phone, facts.store.timezone)


def zone_of(facts: Facts, person: Snapshot) -> str:
    """One zone to write dates in."""
    return zones_of(facts, person)[0]


def windows_of(facts: Facts, person: Snapshot, now: datetime) -> hours.Windows:
    channel = ConsentChannel(facts.message.channel)
    country = hours.country_of(person.country, person.phone)
    lawful = hours.windows_for(channel, country, person.region, now.date())
    return lawful.cut(facts.settings.quiet_hours.windows)


def _any_time(facts: Facts) -> bool:
    """A mail about the person's own order is expected and wakes nobody."""
    return facts.message.channel == ConsentChannel.EMAIL and not facts.message.commercial


def _valid(facts: Facts, now: datetime, zones: tuple[str, ...], windows: hours.Windows) -> bool:
    if facts.message.channel == ConsentChannel.EMAIL:
        return True
    return hours.seconds_until_quiet(now, zones, windows) >= LEAST_VALID_SECONDS


def _a_minute() -> timedelta:
    return timedelta(seconds=LEAST_VALID_SECONDS)
