"""Carts that were left: reminded of, bought, recovered, and left in peace."""

import pytest

from tests.journeys.inboxes import Mailboxes
from tests.journeys.people import someone
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock


@pytest.mark.requirement(65)
def test_who_leaves_a_cart_is_reminded_after_an_hour_and_a_day(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))

    shop.cart(ana, "Timo")
    clock.advance(hours=2)
    assert email.subjects(ana) == ["Hai lasciato qualcosa nel carrello"]
    clock.advance(hours=24)

    assert email.subjects(ana) == [
        "Hai lasciato qualcosa nel carrello",
        "Un dubbio sul tuo carrello?",
    ]
    assert shop.carts(ana) == ["abandoned"]
