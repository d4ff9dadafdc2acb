"""A scene's row: what came of it, counted from the world's own books and never from our tables."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.faults.city import City
from tests.faults.shoppers import CHANNELS, Shopper

GivenUp = Callable[[Shopper, str, str], bool]
"""Whether it is on record why this very message, by kind and channel, was given up."""


@dataclass
class Outcome:
    """Everything but the last four is a count; `failed`: the scene itself broke. `given_up` are
    those of the lost that were given up, each by name; `overheard`: addresses in the logs."""

    scene: str
    done: str = ""
    hits: int = 0
    accepted: int = 0
    repeats: int = 0
    unanswered: int = 0
    orders: int = 0
    orders_missing: int = 0
    due: int = 0
    untold: int = 0
    lost: int = 0
    duplicated: int = 0
    after_purchase: int = 0
    after_opt_out: int = 0
    expired: int = 0
    codes: int = 0
    codes_lost: int = 0
    codes_doubled: int = 0
    refusals_untold: int = 0
    webhooks_unsettled: int = 0
    given_up: int = 0
    overheard: int = 0
    in_the_call: int = 0
    settled_in: float = 0.0
    crashed: str = ""
    failed: bool = False
    details: list[str] = field(default_factory=list)

    @property
    def broken(self) -> int:
        """How often a law was broken that can be kept: a text that died twice cannot be sent."""
        return (
            self.orders_missing
            + self.lost
            - self.given_up
            + self.duplicated
            + self.after_purchase
            + self.after_opt_out
            + self.expired
            + self.codes_lost
            + self.codes_doubled
            + self.refusals_untold
            + self.webhooks_unsettled
            + self.overheard
            + self.failed
        )

    def count(
        self, city: City, people: Sequence[Shopper], grace: timedelta, given_up: GivenUp
    ) -> list[Shopper]:
        """Take in what reached these people; those of whom something is wrong."""
        city.books.read()
        wrong = []
        for who in people:
            before = self.broken
            self._count_one(city, who, grace)
            self._count_missing(city, who, given_up)
            if self.broken != before:
                wrong.append(who)
        self._count_codes(city, people)
        self.refusals_untold = city.untold_refusals(people)
        return wrong

    def _count_codes(self, city: City, people: Sequence[Shopper]) -> None:
        """Each reminder by mail shows a code of its own, which the shop has; and the shop has none
        that nobody was shown: that would be one made twice."""
        made, told = city.codes(), Counter[str]()
        for who in people:
            shown = [each.code for each in city.arrived(who) if each.shows_code]
            self.codes += len(shown)
            told.update(code for code in shown if code)
            if who.deed == "leaves":  # Who buys ends the journey, and its code is taken back.
                self.codes_lost += sum(code not in made for code in shown)
        self.codes_doubled = len(made - city.books.codes - city.strays)
        self.codes_doubled += told.total() - len(told)
        city.strays |= made - city.books.codes

    def _count_one(self, city: City, who: Shopper, grace: timedelta) -> None:
        arrived = city.arrived(who)
        self.due += len(CHANNELS) * len(who.due)
        self.untold += len(CHANNELS) * len(who.untold)
        times = Counter((each.kind, each.channel) for each in arrived)
        self.duplicated += sum(times.values()) - len(times)
        if who.shut_at is not None:
            allowed = who.shut_at + (grace if who.grace else timedelta(0))
            after = [each for each in arrived if each.kind == "cart" and each.at > who.shut_at]
            late = sum(each.at > allowed for each in after)
            self.in_the_call += len(after) - late
            if who.deed == "refuses":
                self.after_opt_out += late
            else:
                self.after_purchase += late
        if who.silent_until is not None:
            self.expired += sum(
                each.kind in who.untold and each.at > who.silent_until for each in arrived
            )

    def _count_missing(self, city: City, who: Shopper, given_up: GivenUp) -> None:
        """Only a text can be lost for a reason, and only for its own (page.md says which)."""
        missing = city.missing(who)
        self.lost += missing.total()
        self.given_up += sum(
            channel == "sms" and given_up(who, kind, channel) for kind, channel in missing
        )
