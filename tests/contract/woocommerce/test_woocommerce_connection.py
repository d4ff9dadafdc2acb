"""Connecting a shop: consent, the keys that its server posts, and how calls prove themselves."""

import ipaddress
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from werkzeug.serving import make_server
from woocommerce import API

from app.errors import AccessLost, Unreachable
from app.platforms import ShopFacts
from app.platforms.woocommerce import Access, WooCommerceShop, authorize_url, read_callback
from app.platforms.woocommerce.client import reach
from app.sandbox.woocommerce import WooWorld
from tests.contract.woocommerce.conftest import Receiver, shop_of

STATE = "q1-2_W3e4R5t6Y7u8I9"
RETURN = "https://comeback.example/woocommerce/return"


def approve_link(world: WooWorld, callback: str) -> str:
    page = httpx.get(authorize_url(world.url, "Comeback", STATE, RETURN, callback))
    assert "Comeback would like to connect" in page.text
    [link] = re.findall(r'id="approve" href="([^"]+)"', page.text)
    return f"{world.url}{unescape(link)}"


@pytest.mark.requirement(112)
def test_the_shop_posts_working_keys_before_the_browser_returns(
    world: WooWorld, receiver: Receiver
) -> None:
    back = httpx.get(approve_link(world, f"{receiver.url}/keys"))

    keys = read_callback(receiver.taken[0].body)
    assert keys.state == STATE
    assert back.headers["location"] == f"{RETURN}?success=1&user_id={STATE}"
    shop = shop_of(world, consumer_key=keys.consumer_key, consumer_secret=keys.consumer_secret)
    assert shop.describe().currency == "EUR"


def test_the_keys_can_be_proved_while_the_shop_waits_for_the_answer(
    world: WooWorld, receiver: Receiver
) -> None:
    proved: list[str] = []

    def prove(body: bytes) -> None:
        keys = read_callback(body)
        shop = shop_of(world, consumer_key=keys.consumer_key, consumer_secret=keys.consumer_secret)
        proved.append(shop.describe().currency)

    receiver.when_taken = prove
    httpx.get(approve_link(world, f"{receiver.url}/keys"), timeout=20)

    assert proved == ["EUR"]


@pytest.mark.parametrize("status", [201, 302, 500])
def test_any_answer_but_200_costs_the_key(world: WooWorld, receiver: Receiver, status: int) -> None:
    receiver.status = status
    answer = httpx.get(approve_link(world, f"{receiver.url}/keys"))

    keys = read_callback(receiver.taken[0].body)
    shop = shop_of(world, consumer_key=keys.consumer_key, consumer_secret=keys.consumer_secret)
    assert answer.status_code == 401
    with pytest.raises(AccessLost):
        shop.describe()


def test_the_consent_link_makes_another_key_for_the_same_state(
    world: WooWorld, receiver: Receiver
) -> None:
    link = approve_link(world, f"{receiver.url}/keys")
    httpx.get(link)
    httpx.get(link)

    first, second = (read_callback(delivery.body) for delivery in receiver.taken)
    assert first.state == second.state
    assert first.consumer_key != second.consumer_key


def test_a_callback_without_tls_and_a_missing_field_are_refused(world: WooWorld) -> None:
    plain = authorize_url(world.url, "Comeback", STATE, RETURN, "http://comeback.example/keys")
    assert httpx.get(plain).status_code == 401
    assert httpx.get(f"{world.url}/wc-auth/v1/authorize?app_name=x").status_code == 401


@pytest.mark.parametrize(("minutes", "status"), [(0, 200), (-14, 200), (-16, 401), (16, 401)])
def test_a_signed_call_may_be_off_by_a_quarter_of_an_hour(
    world: WooWorld, monkeypatch: pytest.MonkeyPatch, minutes: int, status: int
) -> None:
    api = API(world.url, world.key.consumer_key, world.key.consumer_secret)
    moved = int((datetime.now(UTC) + timedelta(minutes=minutes)).timestamp())
    monkeypatch.setattr("woocommerce.api.time", lambda: moved)

    answer = api.get("orders", params={"search": "ana+tea@example.com"}, reach=reach(True))
    assert answer.status_code == status


def test_over_http_basic_and_plain_keys_are_ignored_unless_a_proxy_tells_of_tls(
    world: WooWorld,
) -> None:
    url = f"{world.url}/wp-json/wc/v3/orders"
    pair = (world.key.consumer_key, world.key.consumer_secret)
    tls = {"X-Forwarded-Proto": "https"}

    assert httpx.get(url, auth=pair).json()["code"] == "woocommerce_rest_cannot_view"
    assert httpx.get(url, auth=pair, headers=tls).status_code == 200
    assert httpx.get(url, auth=(pair[0], "cs_no"), headers=tls).status_code == 401


@pytest.mark.parametrize(
    ("query", "status"),
    [("per_page=0", 400), ("per_page=101", 400), ("status=wc-completed", 400), ("page=9", 200)],
)
def test_lists_have_their_limits(world: WooWorld, query: str, status: int) -> None:
    answer = httpx.get(
        f"{world.url}/wp-json/wc/v3/orders?{query}",
        auth=(world.key.consumer_key, world.key.consumer_secret),
        headers={"X-Forwarded-Proto": "https"},
    )
    assert answer.status_code == status
    assert status == 400 or answer.headers["X-WP-Total"] == "0"


Application = Callable[[dict[str, Any], Any], Any]


def over_tls(application: Application, folder: Path) -> Iterator[str]:
    """Serve the shop over https with a certificate of our own."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    key = ec.generate_private_key(ec.SECP256R1())
    today = datetime.now(UTC)
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(loopback, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "shop.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "shop.pem")
    server = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


def secure_shop(world: WooWorld, url: str) -> WooCommerceShop:
    access = Access(
        url=url,
        consumer_key=world.key.consumer_key,
        consumer_secret=world.key.consumer_secret,
        allow_private=True,
    )
    return WooCommerceShop(access, ShopFacts(currency="EUR", timezone="UTC", domain="shop.example"))


@pytest.mark.parametrize("strips_header", [False, True])
def test_over_tls_the_key_goes_in_the_header_or_in_the_query_where_hosts_strip_it(
    world: WooWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, strips_header: bool
) -> None:
    seen: list[str] = []

    def host(environ: dict[str, Any], start_response: Any) -> Any:
        seen.append(environ["QUERY_STRING"])
        if strips_header:
            environ.pop("HTTP_AUTHORIZATION", None)
        return world._answer(environ, start_response)

    for url in over_tls(host, tmp_path):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "shop.pem"))
        shop = secure_shop(world, url)
        report = shop.register_webhooks("https://comeback.example/hook", "secret")

    assert len(report.created) == len(world.site.hooks)
    assert any("consumer_secret" in query for query in seen) is strips_header


def test_a_dead_key_over_tls_does_not_stay_in_the_query(
    world: WooWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.revoke_key()
    for url in over_tls(world._answer, tmp_path):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "shop.pem"))
        shop = secure_shop(world, url)
        for _ in range(2):
            with pytest.raises(AccessLost):
                shop.register_webhooks("https://comeback.example/hook", "secret")

    assert len(world.requests) == 4


def test_a_certificate_nobody_trusts_is_named(world: WooWorld, tmp_path: Path) -> None:
    for url in over_tls(world._answer, tmp_path):
        with pytest.raises(Unreachable, match="certificate"):
            secure_shop(world, url).register_webhooks("https://comeback.example/hook", "secret")
    assert world.requests == []
