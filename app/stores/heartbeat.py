"""How long a store may be silent on a topic before it is strange. Pure: hours in, moments out.

What is remembered is, for each hour of the week, in which of the last eight weeks anything was
heard: one byte an hour, one bit a week. Counting hours and not webhooks keeps a sale or an import
from setting a pace that no ordinary day can hold.

Each hour is taken as a coin of its own: it is silent with probability `1 - p`, where `p` is how
often that hour was heard, smoothed over its neighbours (a clock change moves a shop by one hour)
and drawn a little towards the store's mean (what never happened in two weeks may still happen).
The chance that a whole silence is only that is the product of its hours. Below one in a thousand
the heart is amber, below one in a million red. This is the scan for an improbable gap in a point
process, by hours: of a Poisson process with rate r the same rule asks for 6.9 / r hours, and 13.8.
So a shop of three orders a week waits sixteen days, and one of an order an hour until the evening.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WEEKS = 8
HOURS = 168
LEARN = timedelta(days=14)
"""Before, a shop's week is not known: a first week-end would look like an outage."""
FEWEST = 12
"""Hours heard in all those weeks. Of less nothing can be learnt."""
AMBER = math.log(1_000)
RED = math.log(1_000_000)
FURTHEST = timedelta(days=WEEKS * 7)
_HOUR = timedelta(hours=1)
_MOST = 0.9
"""No hour is surer than this, so that one that is silent is never enough."""
_DRAWN = 0.5
"""The weight of the mean, in weeks."""
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What was heard: bit 0 of each hour is `week`, counted from 1970, bit 1 the one before."""

    first_at: datetime
    week: int
    hours: bytes


@dataclass(frozen=True, slots=True)
class Expected:
    """When a silence becomes strange; None: not within eight weeks, or nothing is known yet."""

    amber_at: datetime | None
    red_at: datetime | None


def begin(at: datetime) -> Rhythm:
    """The rhythm of a topic that is heard, or listened for, from now on."""
    return Rhythm(at, _place(at)[0], bytes(HOURS))


def heard(rhythm: Rhythm, at: datetime) -> Rhythm:
    """The rhythm with one more hour in it. What is older than eight weeks changes nothing."""
    week, hour = _place(at)
    hours, newest = rhythm.hours, max(week, rhythm.week)
    if newest > rhythm.week:
        hours = bytes((bits << min(newest - rhythm.week, WEEKS)) & 0xFF for bits in hours)
    back = newest - week
    if back < WEEKS:
        hours = hours[:hour] + bytes([hours[hour] | 1 << back]) + hours[hour + 1 :]
    return Rhythm(min(rhythm.first_at, at), newest, hours)


def expect(rhythm: Rhythm, last_at: datetime) -> Expected:
    """When the silence since `last_at` turns amber, and when red."""
    nothing = Expected(None, None)
    if last_at - rhythm.first_at < LEARN or sum(b.bit_count() for b in rhythm.hours) < FEWEST:
        return nothing
    cost = [-math.log(1 - chance) for chance in _chances(rhythm, last_at)]
    amber = _when(cost, last_at, AMBER)
    return Expected(amber, _when(cost, last_at, RED)) if amber else nothing


def _chances(rhythm: Rhythm, last_at: datetime) -> list[float]:
    """How likely each hour of the week is to be heard."""
    weeks = max(1.0, min((last_at - rhythm.first_at) / timedelta(days=7), float(WEEKS)))
    counts = [bits.bit_count() for bits in rhythm.hours]
    mean = sum(counts) / HOURS / weeks
    smooth = [
        (counts[hour - 1] + 2 * counts[hour] + counts[(hour + 1) % HOURS]) / 4
        for hour in range(HOURS)
    ]
    return [min(_MOST, (count + _DRAWN * mean) / (weeks + _DRAWN)) for count in smooth]


def _when(cost: list[float], since: datetime, enough: float) -> datetime | None:
    """The moment at which the hours since then have cost enough, to the part of an hour."""
    paid, at = 0.0, since
    while at - since < FURTHEST:
        _, hour = _place(at)
        end = at.replace(minute=0, second=0, microsecond=0) + _HOUR
        price = cost[hour] * ((end - at) / _HOUR)
        if paid + price >= enough and price > 0:
            return at + (end - at) * ((enough - paid) / price)
        paid, at = paid + price, end
    return None


def _place(at: datetime) -> tuple[int, int]:
    """The week since 1970, beginning on Monday, and the hour in it, both by UTC."""
    return divmod(int((at - _MONDAY) / _HOUR), HOURS)
