"""Bad input against the whole system: a clear error each time, and nothing lost.

The doors themselves are tested in `tests/web`; here the shops' own tries and everything behind the
doors are in play.
"""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from app import flows
from app.flows import FlowInvalid
from app.inbox import replay
from app.models import Flow, Order, PendingConnection, Store, Webhook, WebhookStatus
from app.platforms.woocommerce.platform import sign
from app.sandbox.shopify.deliveries import Parcel
from app.sandbox.woocommerce import WooWorld
from app.tenancy import platform_transaction, store_transaction
from tests.journeys.files import MAILS
from tests.journeys.inboxes import BROWSER
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.shops import StoryShop
from tests.journeys.stage import Stage, StageClock
from tests.journeys.woo_shop import WooStoryShop

LARGE = 5 * 1024 * 1024


def parcel(shop: ShopifyStoryShop, topic: str, body: bytes) -> Parcel:
    """A signed delivery with a body of our choosing."""
    (subscription,) = [one for one in shop.shop.subscriptions if one.topic == topic]
    now = shop.stage.clock()
    return Parcel(
        shop=shop.domain,
        topic=topic,
        url=subscription.uri,
        body=body,
        secret=shop.shop.secret,
        event_id="e",
        triggered_at=now,
        due_at=now,
        subscription=subscription,
    )


def order_body(shop: ShopifyStoryShop, **changes: Any) -> bytes:
    """A good order of Ana's as Shopify would tell it, with changes; nobody has been told yet."""
    shop.falls_silent()
    shop.places_order(someone("ana"), shop.cart(someone("ana")))
    waiting = shop.world.office.waiting
    (good,) = [one for one in waiting if one.topic == "orders/create"]
    waiting.clear()
    shop.speaks_again()
    return json.dumps({**json.loads(good.body), **changes}).encode()


def kept(shop: StoryShop) -> list[Webhook]:
    return shop.read(lambda session: list(session.scalars(select(Webhook))))


def failed(shop: StoryShop) -> list[Webhook]:
    return [webhook for webhook in kept(shop) if webhook.status == WebhookStatus.FAILED]


def post_woo(shop: WooStoryShop, body: bytes, signature: str) -> httpx.Response:
    hooks = shop.world.site.hooks.values()
    url = next(hook.url for hook in hooks if hook.topic == "order.created")
    headers = {
        b"X-WC-Webhook-Topic": b"order.created",
        b"X-WC-Webhook-Signature": signature.encode("latin-1"),
    }
    return httpx.post(url, content=body, headers=headers, trust_env=False)


# Signatures and stores.


@pytest.mark.parametrize("secret", ["somebody-elses", ""])
def test_what_is_signed_wrongly_is_refused_and_comes_again_until_it_is_right(
    shopify: ShopifyStoryShop, clock: StageClock, secret: str
) -> None:
    before = len(kept(shopify))
    right, shopify.shop.secret = shopify.shop.secret, secret
    shopify.buys(someone("ana"), "Timo")
    assert len(kept(shopify)) == before

    for waiting in shopify.world.office.waiting:
        waiting.secret = right
    clock.advance(hours=1)

    assert shopify.count(Order) == 1
    assert shopify.world.office.waiting == []


@pytest.mark.parametrize("signature", ["", "bm90IHJpZ2h0", "\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_a_woocommerce_webhook_with_a_wrong_signature_keeps_nothing(
    woo: WooStoryShop, signature: str
) -> None:
    before = len(kept(woo))

    answer = post_woo(woo, b'{"id": 1}', signature)

    assert answer.status_code == 401
    assert "signed" in answer.json()["error"]
    assert len(kept(woo)) == before


def test_one_stores_secret_opens_no_other_store(stage: Stage, woo: WooStoryShop) -> None:
    other = WooStoryShop(stage)
    other.joins()
    secret = next(iter(other.world.site.hooks.values())).secret
    body = b'{"id": 1}'

    assert post_woo(woo, body, sign(body, secret)).status_code == 401
    assert post_woo(other, body, sign(body, secret)).status_code == 200


def test_a_shop_nobody_knows_is_a_404_and_keeps_nothing(shopify: ShopifyStoryShop) -> None:
    stranger = parcel(shopify, "orders/create", b'{"id": 1}')
    stranger.shop = "stranger.myshopify.com"
    before = len(kept(shopify))

    assert shopify.world.office.post(stranger).status == 404
    assert len(kept(shopify)) == before


# Bodies.


def test_a_body_of_five_megabytes_is_refused_and_the_door_stays_open(
    shopify: ShopifyStoryShop, woo: WooStoryShop
) -> None:
    secret = next(iter(woo.world.site.hooks.values())).secret
    body = b"x" * LARGE

    large = shopify.world.office.post(parcel(shopify, "orders/create", body))
    assert large.status == 413
    assert post_woo(woo, body, sign(body, secret)).status_code == 413

    for shop in (shopify, woo):
        shop.buys(someone("ana"), "Timo")
        assert shop.count(Order) == 1
        assert failed(shop) == []


def test_truncated_json_is_kept_with_its_reason_and_holds_nobody_up(
    shopify: ShopifyStoryShop,
) -> None:
    whole = order_body(shopify)
    shopify.world.office.waiting.append(parcel(shopify, "orders/create", whole[:-40]))
    shopify.buys(someone("bea"), "Salvia")

    (webhook,) = failed(shopify)
    assert webhook.body == whole[:-40]
    assert webhook.error and "JSON" in webhook.error
    assert shopify.count(Order) == 1


@pytest.mark.parametrize("field", ["id", "currency", "total_price"])
def test_a_missing_field_is_named_and_the_row_waits_for_a_replay(
    shopify: ShopifyStoryShop, field: str
) -> None:
    body = json.loads(order_body(shopify))
    del body[field]
    shopify.world.office.waiting.append(parcel(shopify, "orders/create", json.dumps(body).encode()))
    shopify.buys(someone("bea"), "Salvia")

    (webhook,) = failed(shopify)
    assert webhook.error and field in webhook.error
    assert shopify.count(Order) == 1

    with store_transaction(shopify.store_id) as session:
        assert replay(session, shopify.store_id) == 1
    shopify.stage.settle()
    assert len(failed(shopify)) == 1  # It says the same again, and is still there.


POISON = {
    "a zero byte": {"email": "ana\u0000@example.com"},
    "a zero byte in a name": {"name": "#10\u000001"},
    "half a character": {"name": "#10\ud800"},
    "more money than there is": {"total_price": "99999999999999999999.00"},
    "no number": {"total_price": "NaN"},
    "endless money": {"total_price": "Infinity"},
    "before all time": {"created_at": "0001-01-01T00:00:00+14:00"},
    "after all time": {"updated_at": "9999-12-31T23:59:59-12:00"},
    "a list for a person": {"customer": ["ana"]},
    "a number for the lines": {"line_items": 7},
    "a currency of no country": {"currency": "EURO"},
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
def test_poison_is_taken_or_failed_alone_and_never_holds_the_others_up(
    shopify: ShopifyStoryShop, poison: dict[str, Any]
) -> None:
    body = order_body(shopify, **poison)
    office = shopify.world.office
    office.waiting.append(parcel(shopify, "orders/create", body))
    shopify.buys(someone("bea"), "Salvia")

    assert all(webhook.body == body and webhook.error for webhook in failed(shopify))
    assert shopify.count(Webhook, Webhook.status == WebhookStatus.WAITING) == 0
    assert shopify.customer(someone("bea")).orders_count == 1


# Flow files.


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (("  - wait: {for: 1 day}\n", "  - goto: first\n"), "loop"),
        (("priority: 50\n", "priority: 50\nprioritty: 60\n"), "prioritty"),
        (("reentry: once\n", "reentry: &a [*a]\n"), "line"),
    ],
    ids=["a loop", "an unknown field", "a reference to itself"],
)
def test_a_flow_file_with_a_mistake_names_it_and_the_flow_that_runs_goes_on(
    woo: WooStoryShop, mistake: tuple[str, str], said: str
) -> None:
    woo.runs_file(MAILS)
    broken = MAILS.replace(*mistake)
    assert broken != MAILS

    with store_transaction(woo.store_id) as session:
        store = session.get_one(Store, woo.store_id)
        with pytest.raises(FlowInvalid) as caught:
            flows.import_flow(session, store, broken, woo.stage.clock())

    assert said in str(caught.value)
    running = woo.read(lambda session: session.scalars(select(Flow)).one())
    assert (running.status, running.version) == ("active", 1)


# States and callbacks.


def approve(started: httpx.Response) -> httpx.Response:
    """The merchant's click on the consent page of their own shop."""
    page = httpx.get(started.headers["location"], trust_env=False)
    link = page.text.partition('id="approve" href="')[2].partition('"')[0].replace("&amp;", "&")
    origin = urlsplit(started.headers["location"])
    return httpx.get(f"{origin.scheme}://{origin.netloc}{link}", timeout=30, trust_env=False)


def begin(stage: Stage, shop: WooWorld) -> httpx.Response:
    headers = {"User-Agent": BROWSER, "Accept": "text/html"}
    with httpx.Client(base_url=stage.config.public_url, headers=headers, trust_env=False) as page:
        form = page.get("/connect/woocommerce").text
        token = form.partition('name="csrf_token" value="')[2].partition('"')[0]
        return page.post("/connect/woocommerce", data={"csrf_token": token, "url": shop.url})


def test_an_expired_state_is_refused_and_the_shop_takes_its_keys_back(
    stage: Stage, clock: StageClock
) -> None:
    world = WooWorld()
    world.start()
    stage.woo_sites.append(world)
    keys = set(world.site.keys)
    started = begin(stage, world)
    clock.moment += timedelta(hours=1, seconds=1)

    assert approve(started).status_code == 401

    assert set(world.site.keys) == keys
    with platform_transaction("a test counts stores") as session:
        assert session.scalars(select(Store)).all() == []
        (pending,) = session.scalars(select(PendingConnection)).all()
        assert pending.used_at is None and "sealed" not in pending.details


def test_a_replayed_callback_is_refused_and_the_first_one_stands(
    stage: Stage, clock: StageClock
) -> None:
    world = WooWorld()
    world.start()
    stage.woo_sites.append(world)
    started = begin(stage, world)
    assert approve(started).status_code == 302
    with platform_transaction("a test reads what was kept") as session:
        (first,) = session.scalars(select(PendingConnection.details)).all()

    assert approve(started).status_code == 401

    with platform_transaction("a test reads what was kept") as session:
        assert session.scalars(select(PendingConnection.details)).all() == [first]


def test_a_status_callback_that_comes_twice_and_backwards_counts_once(
    woo: WooStoryShop, clock: StageClock
) -> None:
    woo.runs_file(MAILS.replace("channel: email", "channel: sms"))
    ana = someone("ana", phone="+393471234567", agrees=("sms",))
    woo.falls_silent()
    woo.signs_up(ana)
    woo.stage.silent.discard(woo)
    woo.stage.deliver()
    woo.stage.work()
    phones = woo.stage.phones

    answers = phones.pump(backwards=True, twice=True)

    assert answers and set(answers) == {204}
    assert [message.status for message in woo.messages(ana)] == ["delivered"]
