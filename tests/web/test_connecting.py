"""Connecting shops and providers: running ones, over real HTTP, from a browser that comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from app.channels.klaviyo.oauth import KEY_SCOPES
from app.config import Config
from app.factory import create_app, create_doors
from app.models import Credential, PendingConnection, Store
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.sandbox.twilio import TwilioWorld
from app.sandbox.woocommerce import WooWorld
from app.serve import in_thread, listen
from app.tenancy import platform_transaction, store_transaction
from app.web import pending
from app.web.limits import limiter
from app.web.signin import sign_in_link
from tests.conftest import Clock, Machine
from tests.web.conftest import PAGE, csrf_of
from tests.web.rows import fill


@dataclass
class Site:
    """The app on loopback, and the worlds it talks to."""

    url: str
    config: Config
    klaviyo: KlaviyoWorld
    account: Account
    twilio: TwilioWorld


@pytest.fixture(scope="module")
def worlds() -> Iterator[tuple[KlaviyoWorld, TwilioWorld]]:
    klaviyo, twilio = KlaviyoWorld(), TwilioWorld()
    klaviyo.start()
    twilio.start()
    yield klaviyo, twilio
    klaviyo.stop()
    twilio.stop()


@pytest.fixture
def site(
    config: Config, database: Machine, worlds: tuple[KlaviyoWorld, TwilioWorld], clock: Clock
) -> Iterator[Site]:
    klaviyo, twilio = worlds
    klaviyo.sign_in.apps["klaviyo-client"] = "klaviyo-secret"
    account = klaviyo.add_account("Erbe Buone", private_key="pk_right")
    listening = listen()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    given = {"public_url": url, "klaviyo_endpoint": klaviyo.url, "twilio_endpoint": twilio.url}
    settings = Config(**{**config.model_dump(), **given})
    doors = create_doors(create_app(settings), settings)
    limiter.reset()
    with in_thread(doors, listening):
        yield Site(url, settings, klaviyo, account, twilio)


@pytest.fixture
def shop(clock: Clock) -> Iterator[WooWorld]:
    world = WooWorld()
    world.start()
    yield world
    world.stop()


@pytest.fixture
def browser(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, headers=PAGE) as client:
        yield client


def enter(site: Site, store_id: UUID) -> httpx.Client:
    client = httpx.Client(base_url=site.url, headers=PAGE)
    assert client.get(sign_in_link(site.config, store_id)).status_code == 302
    return client


def submit(browser: httpx.Client, page: str, path: str, **form: str) -> httpx.Response:
    token = csrf_of(browser.get(page).text)
    return browser.post(path, data={"csrf_token": token, **form}, timeout=30)


def begin(browser: httpx.Client, shop: WooWorld) -> httpx.Response:
    return submit(browser, "/connect/woocommerce", "/connect/woocommerce", url=shop.url)


def approve(started: httpx.Response) -> httpx.Response:
    """What the merchant's click on the consent page does, up to the way back."""
    page = httpx.get(started.headers["Location"])
    link = page.text.partition('id="approve" href="')[2].partition('"')[0].replace("&amp;", "&")
    origin = urlsplit(started.headers["Location"])
    return httpx.get(f"{origin.scheme}://{origin.netloc}{link}", timeout=30)


def finish(browser: httpx.Client, back: str) -> str:
    path = back.partition("//")[2].partition("/")[2]
    return submit(browser, f"/{path}", "/connect/woocommerce/finish").text


def stores() -> list[Store]:
    with platform_transaction("a test counts stores") as session:
        return list(session.scalars(select(Store)))


def credential(store_id: UUID, kind: str) -> Credential | None:
    with store_transaction(store_id) as session:
        return session.get(Credential, (store_id, kind))


def test_a_shop_is_connected_by_approving_us_in_it(browser: httpx.Client, shop: WooWorld) -> None:
    back = approve(begin(browser, shop)).headers["Location"]

    assert stores() == []  # Keys alone prove nothing.
    assert "is connected" in finish(browser, back)
    (store,) = stores()
    assert store.platform == "woocommerce"
    assert browser.get("/").status_code == 200


def test_a_page_that_asks_again_is_told_the_same(browser: httpx.Client, shop: WooWorld) -> None:
    back = approve(begin(browser, shop)).headers["Location"]

    assert "is connected" in finish(browser, back)
    assert "is connected" in finish(browser, back)
    assert len(stores()) == 1


def test_the_page_waits_until_the_keys_are_here(browser: httpx.Client, shop: WooWorld) -> None:
    begin(browser, shop)

    page = submit(browser, "/connect/woocommerce/return?success=1", "/connect/woocommerce/finish")

    assert "Waiting for your shop" in page.text
    assert stores() == []


def test_a_replayed_callback_is_refused_and_changes_nothing(
    browser: httpx.Client, shop: WooWorld, site: Site
) -> None:
    started = begin(browser, shop)
    back = approve(started).headers["Location"]
    state = httpx.URL(started.headers["Location"]).params["user_id"]

    again = approve(started)
    forged = post_keys(site, state, "ck_stranger", "cs_stranger")

    assert again.status_code == 401  # The shop deletes the second key pair.
    assert forged.status_code == 401
    assert "is connected" in finish(browser, back)


def post_keys(site: Site, state: str, key: str, secret: str) -> httpx.Response:
    body = {
        "key_id": 1,
        "user_id": state,
        "consumer_key": key,
        "consumer_secret": secret,
        "key_permissions": "read_write",
    }
    return httpx.post(f"{site.url}/connect/woocommerce/callback", json=body)


def test_an_expired_or_unknown_state_is_refused(
    browser: httpx.Client, shop: WooWorld, site: Site, clock: Clock
) -> None:
    started = begin(browser, shop)
    state = httpx.URL(started.headers["Location"]).params["user_id"]
    clock.advance(hours=2)

    assert post_keys(site, state, "ck_late", "cs_late").status_code == 401
    assert post_keys(site, "nobody-began-this", "ck_a", "cs_a").status_code == 401
    assert httpx.post(f"{site.url}/connect/woocommerce/callback", content="{").status_code == 400
    assert stores() == []


def test_forged_keys_fail_at_the_very_shop_that_was_named(
    browser: httpx.Client, shop: WooWorld, site: Site
) -> None:
    started = begin(browser, shop)
    state = httpx.URL(started.headers["Location"]).params["user_id"]
    assert post_keys(site, state, "ck_forged", "cs_forged").status_code == 200

    page = finish(browser, f"{site.url}/connect/woocommerce/return?success=1")

    assert "did not work" in page
    assert stores() == []


def test_another_browser_cannot_finish_what_it_did_not_begin(
    browser: httpx.Client, shop: WooWorld, site: Site
) -> None:
    back = approve(begin(browser, shop)).headers["Location"]
    with httpx.Client(base_url=site.url, headers=PAGE) as stranger:
        page = stranger.get(back)
        told = submit(stranger, "/connect/woocommerce", "/connect/woocommerce/finish")

    assert "Continue where you began" in page.text
    assert "too old" in told.text
    assert stores() == []


def test_approving_again_does_not_open_a_store_that_has_people_already(
    browser: httpx.Client, shop: WooWorld, site: Site
) -> None:
    finish(browser, approve(begin(browser, shop)).headers["Location"])
    with httpx.Client(base_url=site.url, headers=PAGE) as stranger:
        page = finish(stranger, approve(begin(stranger, shop)).headers["Location"])

        assert "was here before" in page
        assert stranger.get("/").headers["Location"] == "/sign-in"


def test_a_refusal_in_the_shop_is_said_plainly(browser: httpx.Client, shop: WooWorld) -> None:
    begin(browser, shop)

    page = browser.get("/connect/woocommerce/return?success=0")

    assert "was not approved" in page.text


def test_pasted_keys_connect_and_sign_in(browser: httpx.Client, shop: WooWorld) -> None:
    keys = {"consumer_key": shop.key.consumer_key, "consumer_secret": shop.key.consumer_secret}
    page = "/connect/woocommerce"
    reply = submit(browser, page, f"{page}/keys", url=shop.url, **keys)

    assert reply.headers["Location"] == "/"
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    ("key", "secret", "told"),
    [("ck_wrong", "cs_wrong", 'role="alert"'), ("wrong", "cs_a", "It must begin with ck_")],
)
def test_pasted_keys_that_do_not_work_are_not_kept(
    browser: httpx.Client, shop: WooWorld, key: str, secret: str, told: str
) -> None:
    page = "/connect/woocommerce"
    reply = submit(
        browser, page, f"{page}/keys", url=shop.url, consumer_key=key, consumer_secret=secret
    )

    assert reply.status_code == 422
    assert told in reply.text
    assert secret not in reply.text
    assert stores() == []


def test_an_address_that_is_no_shop_is_refused_with_the_reason(
    browser: httpx.Client, site: Site
) -> None:
    page = "/connect/woocommerce"
    for url in ("not an address", "ftp://shop.example", site.url):
        reply = submit(browser, page, page, url=url)
        assert reply.status_code == 422
        assert 'role="alert"' in reply.text


def test_a_private_key_is_tested_before_it_is_kept(site: Site, store_id: UUID) -> None:
    browser = enter(site, store_id)

    wrong = submit(browser, "/channels", "/channels/klaviyo/key", private_key="pk_wrong")
    assert wrong.status_code == 422
    assert credential(store_id, "klaviyo") is None

    right = submit(browser, "/channels", "/channels/klaviyo/key", private_key="pk_right")
    assert "Tested and stored." in right.text
    assert "pk_right" not in right.text
    kept = credential(store_id, "klaviyo")
    assert kept is not None and b"pk_right" not in kept.sealed


def test_the_page_names_the_rights_that_a_private_key_needs(site: Site, store_id: UUID) -> None:
    page = enter(site, store_id).get("/channels", headers=PAGE).text

    assert ", ".join(KEY_SCOPES) in page


def test_signing_in_at_klaviyo_ends_with_kept_tokens(site: Site, store_id: UUID) -> None:
    browser = enter(site, store_id)
    out = submit(browser, "/channels", "/channels/klaviyo/sign-in").headers["Location"]
    assert "code_challenge_method=S256" in out

    back = httpx.get(out).headers["Location"]
    done = browser.get(browser.get(back).headers["Location"])

    assert "Tested and stored." in done.text
    assert credential(store_id, "klaviyo") is not None


def test_a_klaviyo_sign_in_is_finished_only_by_the_store_that_began_it(
    site: Site, store_id: UUID, other_store: UUID
) -> None:
    browser, other = enter(site, store_id), enter(site, other_store)
    out = submit(browser, "/channels", "/channels/klaviyo/sign-in").headers["Location"]
    back = httpx.get(out).headers["Location"]

    stolen = other.get(other.get(back).headers["Location"])
    nobody = httpx.get(f"{site.url}{httpx.get(back).headers['Location']}")

    assert stolen.status_code == 404
    assert nobody.status_code in {302, 401}
    assert credential(other_store, "klaviyo") is None
    assert "Tested and stored." in browser.get(browser.get(back).headers["Location"]).text


def test_a_used_or_expired_klaviyo_state_is_refused(
    site: Site, store_id: UUID, clock: Clock
) -> None:
    browser = enter(site, store_id)
    out = submit(browser, "/channels", "/channels/klaviyo/sign-in").headers["Location"]
    back = httpx.get(out).headers["Location"]
    finish_at = browser.get(back).headers["Location"]
    browser.get(finish_at)

    assert browser.get(finish_at).status_code == 401
    clock.advance(hours=2)
    assert browser.get(back).status_code == 401


def test_twilio_is_tested_before_it_is_kept(site: Site, store_id: UUID) -> None:
    browser = enter(site, store_id)
    account = site.twilio.add_account()
    service = site.twilio.add_service(account, name="Erbe")
    form = {"account_sid": account.sid, "messaging_service_sid": service.sid}

    wrong = submit(browser, "/channels", "/channels/twilio", **form, auth_token="wrong")
    assert wrong.status_code == 422
    assert credential(store_id, "twilio") is None

    empty = submit(browser, "/channels", "/channels/twilio", **form, auth_token="")
    assert empty.status_code == 422
    assert "This is needed." in empty.text

    right = submit(browser, "/channels", "/channels/twilio", **form, auth_token=account.token)
    assert "Tested and stored." in right.text
    assert account.token not in right.text


def test_klaviyo_is_set_up_only_after_consent_and_then_set_live(site: Site, store_id: UUID) -> None:
    fill(store_id)
    browser = enter(site, store_id)
    submit(browser, "/channels", "/channels/klaviyo/key", private_key="pk_right")
    page = "/channels/klaviyo/setup"

    plan = browser.get(page).text
    assert "Would be made" in plan
    refused = submit(browser, page, page, test_address="me@erbe.example")
    assert refused.status_code == 422
    assert site.account.flows == []

    made = submit(browser, page, page, test_address="me@erbe.example", agreed="yes").text
    assert "Everything is there" in made
    assert {flow.status for flow in site.account.flows} == {"draft"}

    submit(browser, page, f"{page}/live")
    assert {flow.status for flow in site.account.flows} == {"live"}


def test_states_that_are_long_over_are_cleared_away(site: Site, clock: Clock) -> None:
    state = pending.begin("woocommerce", {}, timedelta())
    clock.advance(days=3)
    pending.begin("woocommerce", {}, timedelta())

    with platform_transaction("a test looks for states") as session:
        assert session.get(PendingConnection, state) is None
