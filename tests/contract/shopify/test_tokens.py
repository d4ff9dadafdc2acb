"""Pairs of tokens: got once, renewed in turn, and never half."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from app import clock as app_clock
from app.config import Config
from app.errors import AccessLost, BadSignature, Unreachable
from app.platforms.shopify.graphql import GraphQL
from app.platforms.shopify.id_tokens import read_id_token
from app.platforms.shopify.shop import ShopifyShop
from app.platforms.shopify.tokens import TokenPair, exchange, refresh
from app.sandbox.server import Fault
from app.sandbox.shopify import SandboxShop, ShopifyWorld
from tests.conftest import Clock

PATH = "/admin/oauth"
Renew = Callable[[], TokenPair]


@pytest.fixture
def renew(config: Config, officina: SandboxShop, pair: TokenPair) -> Renew:
    return lambda: refresh(config, officina.domain, pair)


def test_an_id_token_of_the_admin_reads_and_buys_a_pair(
    world: ShopifyWorld, config: Config, officina: SandboxShop, api: GraphQL
) -> None:
    token = world.id_token(officina, "42")

    read = read_id_token(config, token)
    pair = exchange(config, read.shop_domain, token)

    assert (read.shop_domain, read.user_key) == (officina.domain, "42")
    assert pair.expires_at == app_clock.now() + timedelta(hours=1)
    assert pair.refresh_expires_at == app_clock.now() + timedelta(days=90)
    assert "write_customers" in pair.scope
    assert ShopifyShop(officina.domain, pair.access_token, api).describe().currency == "EUR"


def test_a_renewal_replaces_both_tokens(
    clock: Clock, config: Config, officina: SandboxShop, pair: TokenPair, api: GraphQL
) -> None:
    clock.advance(minutes=55)

    renewed = refresh(config, officina.domain, pair)

    assert renewed.access_token != pair.access_token
    assert renewed.refresh_token != pair.refresh_token
    assert ShopifyShop(officina.domain, renewed.access_token, api).describe().currency == "EUR"


def test_a_renewal_whose_reply_was_lost_can_be_asked_for_again(
    world: ShopifyWorld, config: Config, officina: SandboxShop, pair: TokenPair, api: GraphQL
) -> None:
    world.fail(Fault(path=PATH, status=502, after=True))
    with pytest.raises(Unreachable):
        refresh(config, officina.domain, pair)

    renewed = refresh(config, officina.domain, pair)

    assert ShopifyShop(officina.domain, renewed.access_token, api).describe().currency == "EUR"


def test_an_old_refresh_token_dies_when_its_replacement_is_used(
    config: Config, officina: SandboxShop, pair: TokenPair
) -> None:
    renewed = refresh(config, officina.domain, pair)
    refresh(config, officina.domain, renewed)

    with pytest.raises(AccessLost):
        refresh(config, officina.domain, pair)


def test_a_refresh_token_lives_for_ninety_days(
    clock: Clock, config: Config, officina: SandboxShop, pair: TokenPair
) -> None:
    clock.advance(days=90)

    with pytest.raises(AccessLost, match="run out"):
        refresh(config, officina.domain, pair)


@pytest.mark.parametrize(
    "missing", ["access_token", "expires_in", "refresh_token", "refresh_token_expires_in"]
)
@pytest.mark.parametrize("hole", [None, ""])
def test_a_reply_that_lacks_a_part_never_yields_a_pair(
    world: ShopifyWorld, renew: Renew, missing: str, hole: str | None
) -> None:
    reply = {
        "access_token": "a",
        "expires_in": 3600,
        "refresh_token": "r",
        "refresh_token_expires_in": 7776000,
        "scope": "",
    }
    reply = {n: v for n, v in reply.items() if n != missing} | (
        {} if hole is None else {missing: hole}
    )
    world.fail(Fault(path=PATH, status=200, body=json.dumps(reply)))

    with pytest.raises(Unreachable, match="pair of tokens"):
        renew()


@pytest.mark.parametrize("body", ["", "[]", "<html>", "null"])
def test_a_reply_that_is_no_object_never_yields_a_pair(
    world: ShopifyWorld, config: Config, officina: SandboxShop, pair: TokenPair, body: str
) -> None:
    world.fail(Fault(path=PATH, status=200, body=body))

    with pytest.raises(Unreachable):
        refresh(config, officina.domain, pair)


def test_a_stale_or_strange_id_token_is_a_bad_signature(
    clock: Clock, world: ShopifyWorld, config: Config, officina: SandboxShop
) -> None:
    stale = world.id_token(officina)
    clock.advance(minutes=2)

    for token in (stale, "a.b.c", ""):
        with pytest.raises(BadSignature):
            exchange(config, officina.domain, token)


def test_an_uninstalled_app_has_lost_its_access(
    world: ShopifyWorld, config: Config, officina: SandboxShop, pair: TokenPair, api: GraphQL
) -> None:
    world.uninstall(officina)

    with pytest.raises(AccessLost):
        refresh(config, officina.domain, pair)
    with pytest.raises(AccessLost):
        ShopifyShop(officina.domain, pair.access_token, api).describe()


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Fault(path=PATH, status=429, headers=(("Retry-After", "3"),)), 3.0),
        (Fault(path=PATH, status=500), None),
        (Fault(path=PATH, status=400, body='{"error": "temporarily_unavailable"}'), None),
        (Fault(path=PATH, status=400, body="<html>"), None),
    ],
)
def test_trouble_that_may_pass_loses_nothing(
    world: ShopifyWorld, renew: Renew, fault: Fault, wait: float | None
) -> None:
    world.fail(fault)

    with pytest.raises(Unreachable) as told:
        renew()

    assert told.value.retry_after == wait
    assert renew().access_token


def test_a_pair_keeps_its_tokens_out_of_logs(pair: TokenPair) -> None:
    assert pair.access_token not in repr(pair)
    assert pair.refresh_token not in repr(pair)
