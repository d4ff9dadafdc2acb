"""Programmes told in full: win-back, low scores, the measured share that gets nothing."""

from datetime import timedelta

import pytest

from app.sandbox.shopify import Declined
from tests.journeys.files import ASKS
from tests.journeys.inboxes import Mailboxes, code_in, codes_in
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.shops import StoryShop
from tests.journeys.stage import Stage, StageClock


@pytest.mark.requirement(5, 43, 57, 115)
def test_sixty_days_after_the_last_order_one_gift_is_offered_until_day_ten(
    stage: Stage, clock: StageClock, email: Mailboxes
) -> None:
    shop = ShopifyStoryShop(stage)
    quiet, curious, bought = (
        shop.signs_up(someone(name, agrees=("email",))) for name in ("ana", "bea", "cleo")
    )
    for who in (quiet, curious, bought):
        shop.buys(who, at=clock() - timedelta(days=60) + timedelta(hours=1))
    shop.joins()
    shop.runs("reactivation-60")

    clock.advance(hours=2)
    assert [len(email.to(who)) for who in (quiet, curious, bought)] == [1, 1, 1]
    email.click(email.to(curious)[0])
    shop.buys(bought, code=code_in(email.to(bought)[0]))
    clock.advance(days=7)
    assert [len(email.to(who)) for who in (quiet, curious, bought)] == [2, 2, 1]
    clock.advance(days=3)

    assert len(codes_in(email.to(quiet))) == 1
    assert [shop.journey(who).end_reason for who in (quiet, curious, bought)] == [
        "unresponsive",
        "resting",
        "goal_reached",
    ]
    with pytest.raises(Declined, match="expired"):
        shop.buys(quiet, code=code_in(email.to(quiet)[0]))
    assert [offer.status for offer in shop.offers(bought)] == ["used"]


@pytest.mark.requirement(15, 53, 64, 71, 131)
def test_a_low_score_makes_a_task_and_holds_promotions_until_it_is_closed(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("low-score", "abandoned-cart")
    shop.runs_file(ASKS)
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    shop.buys(ana, "Miele")
    clock.advance(minutes=30)
    (question,) = email.to(ana)

    assert email.answer(question, 3).status_code == 200
    clock.advance(minutes=30)
    (task,) = shop.tasks(ana)
    assert task.holds_promotions and task.script
    assert [mail.subject for mail in email.to(ana)][1:] == ["Ti ascoltiamo"]
    shop.cart(ana, "Timo")
    clock.advance(hours=4)
    assert len(email.to(ana)) == 2
    assert "promotions_on_hold" in shop.why(ana, "abandoned-cart")

    shop.closes_tasks()
    clock.advance(hours=22)
    assert len(email.to(ana)) == 3


def test_the_holdout_is_never_written_to_and_leaves_by_the_same_doors(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart", holdout="50%")
    people = [shop.signs_up(someone(f"p{n}", agrees=("email",))) for n in range(16)]
    baskets = [shop.cart(who) for who in people]
    clock.advance(hours=3)
    for who, basket in zip(people[::2], baskets[::2], strict=True):
        shop.buys(who, basket=basket)
    clock.advance(hours=1)

    arms = {who: shop.journey(who).arm for who in people}
    assert set(arms.values()) == {"treated", "holdout"}
    for who in people:
        assert bool(email.to(who)) == (arms[who] == "treated")
    reasons = {(arms[who], shop.journey(who).end_reason) for who in people[::2]}
    assert {reason for _, reason in reasons} == {"goal_reached"}
    assert all(shop.journey(who).converted_at for who in people[::2])
