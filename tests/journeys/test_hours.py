"""Nobody is woken: the recipient's own clock counts, also in the night it is changed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.inboxes import Mailboxes, Phones
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock

ROME = ZoneInfo("Europe/Rome")


EVENINGS = {
    "spring": (datetime(2026, 3, 28, 22, 0, tzinfo=ROME), datetime(2026, 3, 29, 8, 0, tzinfo=UTC)),
    "autumn": (
        datetime(2026, 10, 24, 22, 0, tzinfo=ROME),
        datetime(2026, 10, 25, 9, 0, tzinfo=UTC),
    ),
}


@pytest.fixture(params=EVENINGS)
def morning(request: pytest.FixtureRequest, clock: StageClock) -> datetime:
    """It is the evening before the clocks change; ten o'clock in the morning after it."""
    evening, morning = EVENINGS[request.param]
    clock.travel(evening)
    return morning


def test_a_cart_left_before_the_clocks_change_is_reminded_of_at_ten_by_the_new_time(
    morning: datetime, clock: StageClock, shop: StoryShop, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))

    shop.cart(ana)
    clock.advance(hours=13)

    (mail,) = email.to(ana)
    assert mail.at == morning
    assert "quiet_hours" in shop.why(ana)


def test_a_customer_at_the_date_line_is_written_to_in_their_own_day(
    shopify: ShopifyStoryShop, clock: StageClock, email: Mailboxes, texts: Phones
) -> None:
    shopify.runs("abandoned-cart")
    sina = shopify.signs_up(
        someone("sina", country="WS", locale="en", phone="+6857212345", agrees=("email", "sms"))
    )

    shopify.cart(sina)
    clock.advance(hours=37)

    apia = ZoneInfo("Pacific/Apia")
    moments = [mail.at for mail in email.to(sina)] + [text.at for text in texts.to(sina)]
    arrived = [moment.astimezone(apia) for moment in moments]
    assert len(arrived) == 2
    assert all(10 <= at.hour < 20 for at in arrived), arrived
