"""`comeback store`: connecting by credentials made in the shop's admin, and looking at shops."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from app.config import Config
from app.factory import create_app
from app.models import Backfill, Credential, Customer, Letter, Store
from app.sandbox.shopify import SandboxShop
from app.sandbox.woocommerce import WooWorld
from app.sandbox.woocommerce.shoppers import Shopper
from app.stores.notices import tell
from app.tenancy import platform_transaction, store_transaction
from tests.cli.conftest import APP_SECRET, TOKEN, Run, count
from tests.conftest import START, MakeStore


def only_store() -> Store:
    with platform_transaction("a test looks") as session:
        return session.scalars(select(Store)).one()


def connect_woo(run: Run, woo: WooWorld) -> Store:
    words = ("store", "connect", "woocommerce", woo.url)
    result = run(*words, answers=(woo.key.consumer_key, woo.key.consumer_secret))
    assert result.exit_code == 0, result.output
    return only_store()


@pytest.mark.requirement(112)
def test_a_woocommerce_shop_is_connected_by_its_key(run: Run, woo: WooWorld) -> None:
    store = connect_woo(run, woo)

    assert (store.platform, store.url, store.status) == ("woocommerce", woo.url, "active")
    assert count(Credential) == 2
    assert count(Backfill) == 3
    addresses = {hook.url for hook in woo.site.hooks.values()}
    assert addresses == {f"https://comeback.example/webhooks/woocommerce/{store.store_id}"}


def test_what_is_typed_at_the_prompts_is_not_shown(run: Run, woo: WooWorld) -> None:
    words = ("store", "connect", "woocommerce", woo.url)

    result = run(*words, answers=(woo.key.consumer_key, woo.key.consumer_secret))

    assert "Consumer secret:" in result.output
    assert woo.key.consumer_secret not in result.output


def test_a_script_that_gives_no_answer_gets_a_sentence(run: Run, woo: WooWorld) -> None:
    result = run("store", "connect", "woocommerce", woo.url)

    assert result.exit_code == 1
    assert "Consumer key: nobody answered, so nothing was changed." in result.stderr
    assert count(Store) == 0


def test_connecting_again_brings_the_same_store_back(run: Run, woo: WooWorld) -> None:
    first = connect_woo(run, woo)

    options = ("--key", woo.key.consumer_key, "--secret", woo.key.consumer_secret)
    again = run("store", "connect", "woocommerce", f"{woo.url}/", *options)

    assert f"is connected again: store {first.store_id}" in again.output
    assert count(Store) == 1


@pytest.mark.requirement(112)
def test_a_shopify_shop_is_connected_by_the_token_of_its_own_app(
    run: Run, officina: SandboxShop
) -> None:
    words = ("store", "connect", "shopify", "https://Officina.myshopify.com/")

    result = run(*words, answers=(TOKEN, APP_SECRET))

    assert result.exit_code == 0, result.output
    store = only_store()
    assert (store.domain, store.currency) == ("officina.myshopify.com", "EUR")
    assert TOKEN not in result.output
    assert {subscription.uri for subscription in officina.subscriptions} == {
        "https://comeback.example/webhooks/shopify"
    }


def test_wrong_credentials_are_told_and_nothing_is_saved(
    run: Run, woo: WooWorld, officina: SandboxShop
) -> None:
    of_woo = run(
        *("store", "connect", "woocommerce", woo.url),
        *("--key", woo.key.consumer_key, "--secret", "cs_wrong"),
    )
    of_shopify = run(
        *("store", "connect", "shopify", officina.domain),
        *("--token", "shpat_wrong", "--webhook-secret", APP_SECRET),
    )

    assert (of_woo.exit_code, of_shopify.exit_code) == (1, 1)
    for refused in (of_woo, of_shopify):
        assert "refuses these credentials, so nothing was saved" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
    assert count(Store) == count(Credential) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("shopify", "acme.example"), "ADDRESS: give the shop's own address"),
        (("woocommerce", "ftp://shop.example"), "ADDRESS: give an address that starts with"),
        (("woocommerce", "http://127.0.0.1:9"), "ADDRESS: http://127.0.0.1:9 cannot be reached"),
    ],
)
def test_an_address_that_cannot_be_is_named_before_anything_is_asked(
    run: Run, words: tuple[str, ...], sentence: str
) -> None:
    result = run("store", "connect", *words)

    assert result.exit_code == 1
    assert sentence in result.stderr
    assert count(Store) == 0


def test_a_key_and_a_secret_in_each_other_s_place_are_told_apart(run: Run, woo: WooWorld) -> None:
    options = ("--key", woo.key.consumer_secret, "--secret", woo.key.consumer_key)

    result = run("store", "connect", "woocommerce", woo.url, *options)

    assert result.exit_code == 1
    assert "--key: it begins with ck_" in result.stderr


def test_a_command_written_wrongly_ends_with_2(run: Run) -> None:
    assert run("store", "connect", "magento", "https://shop.example").exit_code == 2
    assert run("store", "show").exit_code == 2
    assert run("stroe").exit_code == 2


def test_every_store_is_listed_with_its_state(run: Run, make_store: MakeStore) -> None:
    make_store(domain="erbe.myshopify.com")
    make_store(domain="shop.example", platform="woocommerce", status="uninstalled")

    lines = run("store", "list").stdout.splitlines()

    assert any("erbe.myshopify.com" in line and "active" in line for line in lines)
    assert any("shop.example" in line and "uninstalled" in line for line in lines)


def test_without_a_store_the_list_says_how_to_connect_one(run: Run) -> None:
    assert "comeback store connect --help" in run("store", "list").stdout


def test_a_store_shows_what_is_known_and_what_needs_attention(
    run: Run, make_store: MakeStore
) -> None:
    ours, theirs = make_store(domain="erbe.myshopify.com"), make_store()
    for store_id in (ours, theirs, theirs):
        with store_transaction(store_id) as session:
            session.add(Customer(store_id=store_id, first_seen_at=START))
    with store_transaction(ours) as session:
        tell(session, "k", "Klaviyo refuses the key [again].", kind="channel")

    shown = run("store", "show", "erbe")

    assert f"store: {ours}" in shown.stdout
    assert "customers: 1" in shown.stdout
    assert re.search(r"takes acts signed with: [0-9a-f]{64}\n", shown.stdout)
    assert "channels: none connected yet" in shown.stdout
    assert "Klaviyo refuses the key [again]." in shown.stderr


def test_a_name_must_mean_one_store(run: Run, make_store: MakeStore) -> None:
    make_store(domain="erbe.myshopify.com")
    make_store(domain="erbe.myshopify.com.example")

    several = run("store", "show", "erbe")
    nobody = run("store", "show", "verde")
    everybody = run("store", "show", "%")
    empty = run("store", "show", "")

    assert {r.exit_code for r in (several, nobody, everybody, empty)} == {1}
    assert "may mean several stores: erbe.myshopify.com (" in several.stderr
    assert "no store is called “verde”" in nobody.stderr
    assert "no store is called “%”" in everybody.stderr
    assert "give a part of the shop's domain" in empty.stderr


def test_the_whole_domain_or_the_beginning_of_the_id_means_one_store(
    run: Run, make_store: MakeStore
) -> None:
    store_id = make_store(domain="erbe.myshopify.com")
    make_store(domain="erbe.myshopify.com.example")

    assert run("store", "show", "erbe.myshopify.com").exit_code == 0
    assert f"store: {store_id}" in run("store", "show", str(store_id)[:23]).stdout


def test_a_sign_in_link_opens_the_pages_once(run: Run, config: Config, store_id: UUID) -> None:
    link = run("store", "open", str(store_id)).stdout.strip()

    address = link.removeprefix("https://comeback.example")
    browser = {"User-Agent": "Mozilla/5.0", "Accept": "text/html"}
    app = create_app(config)
    first = app.test_client().get(address, headers=browser)
    second = app.test_client().get(address, headers=browser)
    assert address.startswith("/sign-in/")
    assert (first.status_code, first.location) == (302, "/")
    assert second.status_code == 401


def test_history_is_read_to_its_end_and_messages_nobody(run: Run, woo: WooWorld) -> None:
    herb = woo.add_product("Tisana", "9.90")
    for number in range(3):
        shopper = Shopper(email=f"ana{number}@example.com", first_name="Ana")
        woo.place_order(shopper, {herb.id: 1})
    store = connect_woo(run, woo)

    result = run("store", "backfill", store.domain)

    assert result.exit_code == 0, result.output
    assert "3 orders" in result.stdout
    with store_transaction(store.store_id) as session:
        emails = set(session.scalars(select(Customer.email)))
    assert emails == {f"ana{number}@example.com" for number in range(3)}


def test_a_shop_without_an_app_to_uninstall_is_disconnected_and_erased(
    run: Run, woo: WooWorld
) -> None:
    herb = woo.add_product("Tisana", "9.90")
    woo.place_order(Shopper(email="ana@example.com", first_name="Ana"), {herb.id: 1})
    store = connect_woo(run, woo)
    run("store", "backfill", store.domain)
    assert count(Customer) == 1

    refused = run("store", "disconnect", store.domain, answers=("n",))
    assert (refused.exit_code, count(Customer)) == (1, 1)
    result = run("store", "disconnect", store.domain, answers=("y",))

    assert result.exit_code == 0, result.output
    assert only_store().status == "erased"
    assert (count(Customer), count(Credential), count(Backfill)) == (0, 0, 0)


def test_history_stops_with_a_sentence_when_the_shop_is_gone(run: Run, woo: WooWorld) -> None:
    store = connect_woo(run, woo)
    woo.revoke_key()

    result = run("store", "backfill", store.domain)

    assert result.exit_code == 1
    assert "Run the same command again to continue." in result.stderr


def test_a_shop_says_where_its_notices_go(
    run: Run, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, silent = make_store(contact_email="ciao@erbebuone.example"), make_store()

    page_only = run("store", "show", str(written)).stdout
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("MAIL_FROM", "notices@comeback.example")
    mailed = run("store", "show", str(written)).stdout
    with store_transaction(written) as session:
        session.add(Letter(store_id=written, error="the mail server answered 451"))
    in_trouble = run("store", "show", str(written)).stdout
    nobody = run("store", "show", str(silent)).stdout

    assert "notices go to: the first page only, because SMTP_URL is not set" in page_only
    place = (
        "notices go to: the first page and ciao@erbebuone.example, from notices@comeback.example"
    )
    assert f"{place}\n" in mailed
    assert f"{place} (the last one did not arrive: the mail server answered 451)" in in_trouble
    assert "notices go to: the first page only, because no address is set under Settings" in nobody
