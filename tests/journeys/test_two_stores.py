"""Two stores live side by side with the same people: nothing of one ever reaches the other."""

import httpx
import pytest
from sqlalchemy import select, text

from app.models import Base, Customer, Message
from app.sandbox.twilio_callbacks import signature
from app.tenancy import store_transaction
from tests.journeys.files import MAILS
from tests.journeys.inboxes import Phones
from tests.journeys.people import Someone, someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.shops import StoryShop
from tests.journeys.stage import Stage, StageClock
from tests.journeys.woo_shop import WooStoryShop

NUMBER = "+393471234567"
Pair = tuple[StoryShop, StoryShop]


@pytest.fixture(params=["two Shopify shops", "one of each"])
def shops(stage: Stage, request: pytest.FixtureRequest) -> Pair:
    """Two shops that run the same flows."""
    first: StoryShop = ShopifyStoryShop(stage, "first.myshopify.com")
    second: StoryShop = (
        WooStoryShop(stage)
        if request.param == "one of each"
        else ShopifyStoryShop(stage, "second.myshopify.com")
    )
    for shop in (first, second):
        shop.joins()
        shop.runs_file(MAILS)
    return first, second


def twins(shops: Pair) -> tuple[Someone, Someone]:
    """One person who is a customer of both shops."""
    first, second = (
        shop.signs_up(someone("ana", phone=NUMBER, agrees=("email", "sms"))) for shop in shops
    )
    return first, second


@pytest.mark.requirement(117)
def test_a_person_of_two_shops_is_two_people_and_hears_from_each_in_its_own_name(
    shops: Pair, clock: StageClock, stage: Stage
) -> None:
    twins(shops)
    clock.advance(hours=1)

    for shop in shops:
        (mail,) = shop.account.mails
        assert mail.message_id in {str(m.message_id) for m in shop.messages(someone("ana"))}
    assert len({shop.customer(someone("ana")).customer_id for shop in shops}) == 2


def test_who_leaves_one_shops_list_stays_on_the_others(
    shops: Pair, clock: StageClock, stage: Stage
) -> None:
    first, second = shops
    ana, _ = twins(shops)
    clock.advance(hours=1)

    first.withdraws(ana, "email")
    Phones(stage).reply(ana, "STOP")
    clock.advance(days=1, hours=3)

    assert [len(shop.account.mails) for shop in shops] == [1, 2]
    assert (first.consent(ana, "email"), second.consent(ana, "email")) == (
        "unsubscribed",
        "subscribed",
    )


def test_who_buys_in_one_shop_ends_no_journey_in_the_other(shops: Pair, clock: StageClock) -> None:
    first, second = shops
    for shop in shops:
        shop.runs("abandoned-cart")
    ana, twin = twins(shops)
    clock.advance(hours=25)
    left = first.cart(ana)
    second.cart(twin)

    first.buys(ana, basket=left)
    clock.advance(hours=3)

    assert first.journeys(ana, "abandoned-cart") == []
    assert len(second.journeys(twin, "abandoned-cart")) == 1
    assert second.customer(twin).orders_count == 0


def test_a_person_erased_by_one_shop_is_still_known_to_the_other(
    shops: Pair, clock: StageClock
) -> None:
    first, second = shops
    assert isinstance(first, ShopifyStoryShop)
    ana, twin = twins(shops)
    clock.advance(hours=1)

    first.redacts(ana)
    clock.advance(hours=1)

    assert first.count(Customer, Customer.email == ana.email) == 0
    assert second.customer(twin).email == twin.email
    assert second.account.erased == []


def test_a_provider_that_speaks_for_one_store_is_not_believed_about_the_other(
    shops: Pair, clock: StageClock, stage: Stage
) -> None:
    first, second = shops
    ana, _ = twins(shops)
    service = stage.phones.books.services[first.texting.sid]
    token = stage.phones.books.accounts[service.account_sid].token
    form = service.inbound_form(NUMBER, "STOP", None)
    url = f"{stage.config.public_url}/callbacks/twilio/{second.store_id}"

    headers = {"X-Twilio-Signature": signature(token, url, form)}
    answer = httpx.post(url, data=form, headers=headers, trust_env=False)

    assert answer.status_code == 401
    assert second.consent(ana, "sms") == "subscribed"


def test_the_database_itself_shows_a_store_no_row_of_another(
    shops: Pair, clock: StageClock
) -> None:
    """Raw SQL, no condition at all: row-level security alone decides."""
    first, second = shops
    twins(shops)
    clock.advance(hours=1)
    tables = [t for t in Base.metadata.sorted_tables if "store_id" in t.columns]

    with store_transaction(first.store_id) as session:
        seen = {
            table.name: set(session.scalars(text(f"SELECT store_id FROM {table.name}")))
            for table in tables
        }
        changed = session.execute(text("UPDATE messages SET body = 'theirs'"))
        assert changed.rowcount == first.count(Message)  # type: ignore[attr-defined]

    assert all(found <= {first.store_id} for found in seen.values())
    assert seen["customers"] == seen["messages"] == {first.store_id}
    bodies = select(Message.body)
    assert "theirs" not in second.read(lambda session: session.scalars(bodies).all())
