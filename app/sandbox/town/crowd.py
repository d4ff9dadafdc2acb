"""The life of the town: who visits when, what they do there, and how they take our messages."""

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random

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


class Crowd:
    """The customers of one shop. Nothing happens but in `live`, in the caller's thread."""

    def __init__(
        self, front: Front, people: Sequence[Resident], letters: Letters, dice: Random
    ) -> None:
        self.front = front
        self._addresses = {who.email: who for who in people} | {who.phone: who for who in people}
        self._letters, self._dice = letters, dice
        self._acts: list[_Act] = []
        self._numbers = itertools.count()
        self._last_visit: dict[str, Visit] = {}
        for who in people:
            # Half of the town has heard of the shop in the first two days.
            first = min(who.visits_every_days, 2.0)
            self._later(self._days(first), partial(self._arrive, who))

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

    def _days(self, mean: float) -> timedelta:
        return timedelta(days=self._dice.expovariate(1 / mean))

    def _arrive(self, who: Resident) -> None:
        self.front.sign_up(who)
        self._visit(who)

    def _visit(self, who: Resident) -> None:
        basket = sorted(self._dice.sample(range(len(GOODS)), self._dice.choice((1, 1, 2, 3))))
        visit = self.front.leave_cart(who, basket)
        self._last_visit[who.email] = visit
        minutes = timedelta(minutes=self._dice.uniform(3, 25))
        if self._dice.random() < who.buys_at_once:
            self._later(minutes, lambda: self._buy(visit))
        elif self._dice.random() < who.returns_alone:
            hours = timedelta(hours=self._dice.uniform(0.5, 60))
            # Half of those who come back by themselves buy as a guest with another address.
            other = who.other_email if self._dice.random() < 0.5 else None
            self._later(hours, lambda: self._buy(visit, email=other))
        self._later(self._days(who.visits_every_days), lambda: self._visit(who))

    def _buy(self, visit: Visit, *, email: str | None = None, code: str | None = None) -> None:
        if self._last_visit.get(visit.who.email) is not visit:
            return  # They have begun another cart since, or bought this one.
        if not self.front.buy(visit, email=email, code=code):
            self.front.buy(visit, email=email)
        del self._last_visit[visit.who.email]
        if self._dice.random() < 0.04:
            sale = self.front.sales[-1]
            self._later(timedelta(days=self._dice.uniform(2, 9)), lambda: self.front.refund(sale))

    def _read(self, reading: Reading) -> None:
        """A message was seen. Some ignore it, some click, some buy, a few have had enough."""
        who = reading.who
        if self._dice.random() < 0.012:
            self._later(timedelta(minutes=30), reading.refuse)
            return
        if reading.score is not None and self._dice.random() < 0.5:
            given = self._dice.choice((2, 4, 7, 8, 9, 9, 10, 10))
            self._later(timedelta(hours=3), lambda: reading.answer(given))
        if self._dice.random() > who.clicks:
            return
        pause = timedelta(minutes=self._dice.uniform(2, 400))
        self._later(pause, lambda: self._follow(reading))

    def _follow(self, reading: Reading) -> None:
        reading.click()
        visit = self._last_visit.get(reading.who.email)
        if visit is None or clock.now() - visit.begun_at > WEEK:
            if self._dice.random() > 0.3:
                return
            basket = [self._dice.randrange(len(GOODS))]
            visit = self._last_visit[reading.who.email] = self.front.leave_cart(reading.who, basket)
        if self._dice.random() < 0.6:
            chosen = visit
            minutes = timedelta(minutes=self._dice.uniform(2, 20))
            self._later(minutes, lambda: self._buy(chosen, code=reading.code))
