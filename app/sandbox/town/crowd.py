"""The life of the town: who visits when, what they do there, and how they take our messages."""

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import NamedTuple

from app import clock
from app.sandbox.town.fronts import GOODS, Front, Visit
from app.sandbox.town.letters import Letters, Reading
from app.sandbox.town.people import Resident

Deed = Callable[[], object]
WEEK = timedelta(days=7)


@dataclass(order=True)
class _Act:
    at: datetime
    number: int
    deed: Deed = field(compare=False)


class _Dice(NamedTuple):
    """One person's own, so that what reaches others, or them, never moves when they visit."""

    visits: Random
    messages: Random


class Crowd:
    """The customers of one shop. Nothing happens but in `live`, in the caller's thread."""

    def __init__(
        self, front: Front, people: Sequence[Resident], letters: Letters, dice: Random
    ) -> None:
        self.front = front
        self._addresses = {who.email: who for who in people} | {who.phone: who for who in people}
        self._letters = letters
        self._dice = {who.email: _dice_of(who, dice.random()) for who in people}
        self._acts: list[_Act] = []
        self._numbers = itertools.count()
        self._last_visit: dict[str, Visit] = {}
        for who in people:
            # Half of the town has heard of the shop in the first two days.
            first = min(who.visits_every_days, 2.0)
            self._later(self._days(who, first), partial(self._arrive, who))

    def next_at(self) -> datetime | None:
        """When somebody will do something next."""
        return self._acts[0].at if self._acts else None

    def live(self, until: datetime) -> int:
        """Everything that was to happen by `until`; returns how many deeds there were."""
        done = 0
        while self._acts and self._acts[0].at <= until:
            heapq.heappop(self._acts).deed()
            done += 1
        for reading in self._letters.new_for(self._addresses):
            self._read(reading)
        return done

    def _later(self, wait: timedelta, deed: Deed) -> None:
        heapq.heappush(self._acts, _Act(clock.now() + wait, next(self._numbers), deed))

    def _days(self, who: Resident, mean: float) -> timedelta:
        return timedelta(days=self._dice[who.email].visits.expovariate(1 / mean))

    def _arrive(self, who: Resident) -> None:
        self.front.sign_up(who)
        self._visit(who)

    def _visit(self, who: Resident) -> None:
        dice = self._dice[who.email].visits
        basket = sorted(dice.sample(range(len(GOODS)), dice.choice((1, 1, 2, 3))))
        visit = self.front.leave_cart(who, basket)
        self._last_visit[who.email] = visit
        minutes = timedelta(minutes=dice.uniform(3, 25))
        if dice.random() < who.buys_at_once:
            self._later(minutes, lambda: self._buy(visit))
        elif dice.random() < who.returns_alone:
            hours = timedelta(hours=dice.uniform(0.5, 60))
            # Half of those who come back by themselves buy as a guest with another address.
            other = who.other_email if dice.random() < 0.5 else None
            self._later(hours, lambda: self._buy(visit, email=other))
        self._later(self._days(who, who.visits_every_days), lambda: self._visit(who))

    def _buy(self, visit: Visit, *, email: str | None = None, code: str | None = None) -> None:
        if self._last_visit.get(visit.who.email) is not visit:
            return  # They have begun another cart since, or bought this one.
        if not self.front.buy(visit, email=email, code=code):
            self.front.buy(visit, email=email)
        del self._last_visit[visit.who.email]
        dice = self._dice[visit.who.email].messages
        if dice.random() < 0.04:
            sale = self.front.sales[-1]
            self._later(timedelta(days=dice.uniform(2, 9)), lambda: self.front.refund(sale))

    def _read(self, reading: Reading) -> None:
        """A message was seen. Some ignore it, some click, some buy, a few have had enough."""
        who, dice = reading.who, self._dice[reading.who.email].messages
        if dice.random() < 0.012:
            self._later(timedelta(minutes=30), reading.refuse)
            return
        if reading.score is not None and dice.random() < 0.5:
            given = dice.choice((2, 4, 7, 8, 9, 9, 10, 10))
            self._later(timedelta(hours=3), lambda: reading.answer(given))
        if dice.random() > who.clicks:
            return
        pause = timedelta(minutes=dice.uniform(2, 400))
        self._later(pause, lambda: self._follow(reading))

    def _follow(self, reading: Reading) -> None:
        reading.click()
        dice = self._dice[reading.who.email].messages
        visit = self._last_visit.get(reading.who.email)
        if visit is None or clock.now() - visit.begun_at > WEEK:
            if dice.random() > 0.3:
                return
            basket = [dice.randrange(len(GOODS))]
            visit = self._last_visit[reading.who.email] = self.front.leave_cart(reading.who, basket)
        if dice.random() < 0.6:
            chosen = visit
            minutes = timedelta(minutes=dice.uniform(2, 20))
            self._later(minutes, lambda: self._buy(chosen, code=reading.code))


def _dice_of(who: Resident, seed: float) -> _Dice:
    return _Dice(*(Random(f"{seed} {who.email} {use}") for use in _Dice._fields))  # noqa: S311 - dice of a game.
