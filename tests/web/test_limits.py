"""No door can be knocked on without end; no limit stands between a person and the way out."""

import base64
import hmac
import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import TooManyRequests
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.config import Config
from app.crypto import new_key
from app.messages import tokens
from app.web import bursts
from app.web.limits import limiter
from app.web.webhooks import WebhookDoors
from tests.conftest import Clock, Machine, MakeStore
from tests.web.conftest import PAGE, PUBLIC
from tests.web.rows import Filled
from tests.web.whole import whole_app

WITHOUT = {"static"}
"""Files of ours, which browsers keep."""


def _rules() -> list[Rule]:
    return list(whole_app(Config(secret_keys=new_key())).url_map.iter_rules())


def ask(client: FlaskClient, path: str, method: str = "GET", **more: str) -> TestResponse:
    return client.open(path, method=method, base_url=PUBLIC, headers={**PAGE, **more})


def knock(client: FlaskClient, path: str, times: int, method: str = "GET") -> TestResponse:
    """The answer to the last of so many requests."""
    for _ in range(times - 1):
        ask(client, path, method)
    return ask(client, path, method)


@pytest.mark.parametrize("rule", _rules(), ids=str)
def test_every_route_states_its_limit(rule: Rule, app: Flask) -> None:
    blueprint = rule.endpoint.partition(".")[0]
    if blueprint in WITHOUT:
        return
    _, stated = limiter.limit_manager.resolve_limits(app, rule.endpoint, blueprint)

    assert stated, f"{rule} can be knocked on without end; see app/web/limits.py"


GUESSED = [
    ("GET", "/l/guessed", 31),
    ("GET", "/u/guessed", 31),
    ("POST", "/u/guessed", 31),
    ("POST", "/s/guessed", 31),
    ("GET", "/sign-in/guessed", 21),
    ("GET", "/connect/klaviyo/callback?state=guessed", 31),
    ("POST", "/connect/woocommerce", 31),
    ("POST", "/connect/woocommerce/keys", 31),
    ("POST", "/connect/woocommerce/finish", 121),
    ("POST", "/callbacks/twilio/00000000-0000-4000-8000-000000000000", 31),
    ("POST", "/callbacks/klaviyo/00000000-0000-4000-8000-000000000000", 31),
]


@pytest.mark.parametrize(("method", "path", "first_refused"), GUESSED)
def test_guessing_is_cut_off_with_a_sentence_and_the_time_to_come_back_at(
    client: FlaskClient, method: str, path: str, first_refused: int
) -> None:
    before = knock(client, path, first_refused - 1, method)
    assert before.status_code != 429

    refused = ask(client, path, method)

    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert "too often" in refused.text
    machine = ask(client, path, method, Accept="application/json")
    assert machine.json is not None
    assert machine.json["error"].startswith("Too many requests: try again in ")


def test_the_keys_a_shop_brings_can_be_guessed_thirty_times_a_minute(client: FlaskClient) -> None:
    guess = {
        "key_id": 1,
        "user_id": "guessed",
        "consumer_key": "ck_1",
        "consumer_secret": "cs_1",
        "key_permissions": "read_write",
    }
    answers = [
        client.post("/connect/woocommerce/callback", json=guess, base_url=PUBLIC).status_code
        for _ in range(31)
    ]

    assert answers == [401] * 30 + [429]


@pytest.mark.parametrize(
    "path", ["/healthz", "/sign-in", "/shopify", "/connect/woocommerce", "/activity"]
)
def test_a_flood_from_one_address_is_cut_off_and_others_are_served(
    client: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The library's own window, so that 1,201 requests need not be made.
    monkeypatch.setattr(limiter.limiter, "hit", _flooded_by("192.0.2.1"))

    flooding = ask(client, path, **{"X-Forwarded-For": "192.0.2.1"})
    other = ask(client, path, **{"X-Forwarded-For": "192.0.2.2"})

    assert flooding.status_code == 429
    assert other.status_code in {200, 302}


def _flooded_by(address: str) -> object:
    return lambda item, *keys, cost=1: address not in keys


def test_a_right_token_is_free_of_what_others_guess_from_the_same_address(
    client: FlaskClient, filled: Filled, config: Config
) -> None:
    opt_out = tokens.unsubscribe_token(config, filled.number, filled.message)
    knock(client, "/u/guessed", 20, "POST")

    answers = {ask(client, f"/u/{opt_out}", "POST").status_code for _ in range(40)}

    assert answers == {200}


def test_one_token_is_pressed_sixty_times_a_minute_and_no_more(
    client: FlaskClient, filled: Filled, config: Config
) -> None:
    opt_out = f"/u/{tokens.unsubscribe_token(config, filled.number, filled.message)}"

    assert knock(client, opt_out, 60, "POST").status_code == 200
    assert ask(client, opt_out, "POST").status_code == 429


def test_who_guesses_at_one_store_s_callbacks_does_not_close_another_s(
    client: FlaskClient,
) -> None:
    guessed = "/callbacks/twilio/00000000-0000-4000-8000-00000000000"
    knock(client, f"{guessed}0", 31, "POST")

    assert ask(client, f"{guessed}0", "POST").status_code == 429
    assert ask(client, f"{guessed}1", "POST").status_code == 404


@pytest.fixture
def without_valkey(config: Config, database: Machine) -> Iterator[FlaskClient]:
    logging.getLogger("flask-limiter").disabled = True
    dead = whole_app(config.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}))
    yield dead.test_client()
    logging.getLogger("flask-limiter").disabled = False
    whole_app(config)  # The limiter belongs to the process: give it its own count back.
    limiter.reset()


def test_without_valkey_every_door_stays_open_and_this_process_counts_alone(
    without_valkey: FlaskClient, filled: Filled, config: Config
) -> None:
    opt_out = tokens.unsubscribe_token(config, filled.number, filled.message)

    assert ask(without_valkey, f"/u/{opt_out}", "POST").status_code == 200
    assert ask(without_valkey, "/sign-in").status_code == 200
    assert knock(without_valkey, "/l/guessed", 31).status_code == 429


def test_a_store_s_burst_is_its_own_and_fills_up_with_time(clock: Clock) -> None:
    gate = bursts.Gate(store=bursts.Bursts(3, 0.5))
    busy, other = UUID(int=1), UUID(int=2)
    for _ in range(3):
        gate.proven(busy)

    with pytest.raises(TooManyRequests) as refused:
        gate.proven(busy)
    gate.proven(other)
    clock.advance(seconds=2)
    gate.proven(busy)

    assert refused.value.retry_after == 2


def test_what_is_forged_closes_the_door_to_the_stranger_alone(clock: Clock) -> None:
    gate = bursts.Gate(store=bursts.Bursts(3, 0.5), forged=bursts.Bursts(2, 1))
    for _ in range(2):
        gate.knock("192.0.2.1 shop")
        gate.forged("192.0.2.1 shop")

    with pytest.raises(TooManyRequests):
        gate.knock("192.0.2.1 shop")
    gate.knock("192.0.2.2 shop")
    gate.proven(UUID(int=1))

    clock.advance(seconds=1)
    gate.knock("192.0.2.1 shop")


SHOP = "busy.myshopify.com"


@pytest.fixture
def shop(make_store: MakeStore) -> UUID:
    return make_store(domain=SHOP, url=f"https://{SHOP}")


def narrow(app: Flask) -> None:
    """Let this app's webhooks come three at once per store, and two forged ones per stranger."""
    doors = app.extensions["tests.doors"]
    assert isinstance(doors, WebhookDoors)
    doors.gate = bursts.Gate(store=bursts.Bursts(3, 0.5), forged=bursts.Bursts(2, 1))


def bring(client: FlaskClient, key: str, secret: str = "test-secret", **more: str) -> TestResponse:
    digest = base64.b64encode(hmac.digest(secret.encode(), b"{}", "sha256")).decode()
    headers = {
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Hmac-Sha256": digest,
        "X-Shopify-Webhook-Id": key,
        **more,
    }
    return client.post("/webhooks/shopify", data=b"{}", headers=headers, base_url=PUBLIC)


def test_a_store_s_webhooks_over_its_burst_are_told_when_to_come_back(
    app: Flask, client: FlaskClient, shop: UUID, clock: Clock
) -> None:
    narrow(app)
    answers = [bring(client, f"hook-{number}") for number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["Retry-After"] == "2"
    assert answers[3].json == {"error": "Too many requests: try again in 2 seconds."}
    clock.advance(seconds=2)
    assert bring(client, "hook-3").status_code == 200


def test_forged_webhooks_close_the_door_to_their_sender_and_never_to_the_store(
    app: Flask, client: FlaskClient, shop: UUID
) -> None:
    narrow(app)
    forger = {"X-Forwarded-For": "192.0.2.1"}
    forged = [bring(client, "x", "wrong", **forger).status_code for _ in range(3)]

    assert forged == [401, 401, 429]
    assert bring(client, "hook-1", **{"X-Forwarded-For": "192.0.2.2"}).status_code == 200


def test_who_invents_addresses_before_the_proxy_s_own_is_still_the_same_stranger() -> None:
    scope = {"path": "/", "client": ("::1", 40000)}
    told = {"x-forwarded-for": "1.1.1.1, 192.0.2.1"}

    assert bursts.stranger(scope, told, 1).startswith("192.0.2.1 ")
    assert bursts.stranger(scope, told, 0).startswith("::1 ")


def test_strangers_with_ever_new_names_use_up_no_memory(clock: Clock) -> None:
    many = bursts.Bursts(2, 1)
    for number in range(12_000):
        many.take(str(number))

    assert len(many._buckets) == 10_000
