"""When a message to one person may leave: the law's hours and the merchant's, in every zone the
person may be in. Pure; the rules themselves are `app.quiet`.
"""

from dataclasses import dataclass
from datetime import datetime

from app.channels import ChannelName
from app.customers.snapshot import Snapshot
from app.events import ConsentChannel
from app.flows.arbiter import Wish
from app.quiet import HORIZON, country_of, next_allowed, windows_for, zones_for
from app.stores.settings import Hours


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a person may be, and so which hours count."""

    country: str | None
    region: str | None
    zones: tuple[str, ...]

    @property
    def timezone(self) -> str:
        """The one zone that stands for the person where only one can be used."""
        return self.zones[0]


def whereabouts(person: Snapshot, store_timezone: str) -> Whereabouts:
    zones = zones_for(person.country, person.region, person.phone, store_timezone)
    return Whereabouts(country_of(person.country, person.phone), person.region, zones)


@dataclass(frozen=True, slots=True)
class Leaving:
    """The first moment a wish of this person may leave; the arbiter asks it."""

    where: Whereabouts
    hours: Hours

    def __call__(self, wish: Wish, moment: datetime) -> datetime:
        if not wish.commercial and wish.channel == ChannelName.EMAIL:
            return moment  # A receipt wakes nobody.
        law = windows_for(
            ConsentChannel(wish.channel), self.where.country, self.where.region, moment.date()
        )
        found = next_allowed(moment, self.where.zones, law.cut(self.hours.windows))
        # Zones on opposite sides of the earth share no hour; the deadline then ends the search.
        return found if found is not None else moment + HORIZON
