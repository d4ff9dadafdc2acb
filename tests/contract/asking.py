"""One person's question to a shop, its error raised where the contract hands it over as a value."""

from collections.abc import Sequence
from datetime import datetime

from app.events import OrderSeen, Person
from app.platforms import Question, Shop


def find_orders(
    shop: Shop, person: Person, *, cart_keys: Sequence[str], since: datetime
) -> Sequence[OrderSeen]:
    question = Question(people=[person], cart_keys=cart_keys, since=since)
    (answer,) = shop.find_orders([question])
    if isinstance(answer, Exception):
        raise answer
    return answer
