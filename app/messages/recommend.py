"""What is recommended to each of a group of people, and why: what they buy again when it is due,
and what goes with what they have.

Must never recommend what cannot be bought now, has no price in the store's currency, or lies in
their cart; and as something new nothing they have, and nothing far above what they pay.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.customers.snapshot import Snapshot
from app.messages.products import MOST, ProductShown, Recommendations
from app.messages.shelf import Shelf, read_shelf
from app.science.recommending import Again, Had, New, bought_again, goes_with, sells_well

_FAR_ABOVE = 2
"""Times the dearest product they have bought."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Pick:
    """A product, and why. `because`: the title of what it goes with; None: it sells well."""

    product: ProductShown
    why: Again | New
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """At most three of each purpose, the best first."""

    replenish: Sequence[Pick] = ()
    discover: Sequence[Pick] = ()

    def shown(self) -> Recommendations:
        return Recommendations(
            replenish=[pick.product for pick in self.replenish],
            discover=[pick.product for pick in self.discover],
        )


def recommend(session: Session, people: Sequence[Snapshot]) -> Mapping[UUID, Picked]:
    """By person. Asks the database three times, however many they are."""
    if not people:
        return {}
    had = {person.customer_id: list(_had(person)) for person in people}
    owned = {each.key for theirs in had.values() for each in theirs}
    latest = {each.key for theirs in had.values() for each in theirs if each.place == 0}
    shelf = read_shelf(session, people[0].currency, owned, latest)
    return {
        person.customer_id: _picked(person, had[person.customer_id], shelf) for person in people
    }


def _had(person: Snapshot) -> Iterator[Had]:
    """What a person has bought, once for each day."""
    days: dict[str, dict[str, float]] = {}
    place: dict[str, int] = {}
    for number, order in enumerate(person.orders):
        age = (person.taken_at - order.placed_at).total_seconds() / _DAY
        for key in order.product_keys:
            days.setdefault(key, {}).setdefault(order.placed_at.date().isoformat(), age)
            place.setdefault(key, number)
    return (Had(key, tuple(ages.values()), place[key]) for key, ages in days.items())


def _picked(person: Snapshot, had: Sequence[Had], shelf: Shelf) -> Picked:
    in_cart = {line.get("product_key") for cart in person.carts for line in cart.lines}
    goods = {key: shown for key, shown in shelf.goods.items() if key not in in_cart}
    again = bought_again(had, shelf.known)
    dearest = _dearest(person, had, shelf)
    affordable = {
        key: shown for key, shown in goods.items() if not dearest or _price(shown) <= dearest
    }
    return Picked(
        [Pick(goods[one.key], one) for one in again if one.key in goods][:MOST],
        [
            Pick(affordable[one.key], one, one.because and shelf.bought[one.because].title)
            for one in _new(had, shelf)
            if one.key in affordable
        ][:MOST],
    )


def _new(had: Sequence[Had], shelf: Shelf) -> Sequence[New]:
    """What goes with what they have, then what sells best in the categories of their last order,
    then what sells best at all."""
    fits = goes_with(had, shelf.known, shelf.popular)
    latest = dict.fromkeys(
        shelf.bought[each.key].category
        for each in had
        if each.place == 0 and each.key in shelf.bought
    )
    best = [key for name in (*latest, "") for key in shelf.best.get(name, ())]
    known = {each.key for each in had} | {fit.key for fit in fits}
    return [*fits, *sells_well(best, known)]


def _dearest(person: Snapshot, had: Sequence[Had], shelf: Shelf) -> int:
    """The price above which nothing new is recommended; 0 where nothing says what they pay."""
    prices = [shelf.bought[each.key].price_minor or 0 for each in had if each.key in shelf.bought]
    spent = [order.total_minor for order in person.orders if order.currency == person.currency]
    return max(_FAR_ABOVE * max(prices, default=0), max(spent, default=0))


def _price(shown: ProductShown) -> int:
    return shown.price_minor or 0
