"""A shop that turns us away is noticed, also where its refusal is the answer to a question."""

import pytest

from app import clock
from app.errors import AccessLost, Unreachable
from app.events import Person
from app.platforms import Question
from app.stores.watched import Watched
from tests.fakes.shops import FakeShop

ANA = Person(email="ana@example.com")


@pytest.mark.parametrize(
    ("problem", "heard"), [(AccessLost("No."), ["No."]), (Unreachable("Not now."), []), (None, [])]
)
def test_a_refusal_among_the_answers_is_told_once(
    problem: AccessLost | Unreachable | None, heard: list[str]
) -> None:
    told: list[str] = []
    shop = Watched(FakeShop(problem=problem), "shopify", told.append)
    question = Question(people=[ANA], cart_keys=[], since=clock.now())

    answers = shop.find_orders([question, question])

    assert answers == [problem or []] * 2
    assert told == heard


def test_what_the_reading_of_a_segment_may_not_see_does_not_stop_the_store() -> None:
    """Such as the members of a segment, where the shop has not granted protected customer data."""
    told: list[str] = []
    shop = Watched(FakeShop(problem=AccessLost("Not granted.")), "shopify", told.append)

    with pytest.raises(AccessLost):
        shop.segments()
    with pytest.raises(AccessLost):
        shop.members("1", None)
    assert told == []

    with pytest.raises(AccessLost):
        shop.revoke_code("1")
    assert told == ["Not granted."]
