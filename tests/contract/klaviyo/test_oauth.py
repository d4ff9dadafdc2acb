"""Signing in: PKCE, whole pairs of tokens only, and every failure told apart."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.channels.klaviyo import Klaviyo, KlaviyoCredentials, oauth
from app.config import Config
from app.errors import AccessLost, ComebackError, ConfigError, InvalidInput, Unreachable
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.sandbox.server import Fault
from tests.conftest import Clock

BACK = "https://comeback.example/klaviyo/callback"
VERIFIER = "v" * 43


@pytest.fixture
def app(world: KlaviyoWorld, account: Account, config: Config) -> Config:
    """Our settings, pointing at the sandbox, which knows our app."""
    world.sign_in.apps[config.klaviyo_client_id] = config.klaviyo_client_secret
    return config.model_copy(update={"klaviyo_endpoint": world.url})


def agree(app: Config) -> str:
    """The merchant agrees; the code they come back with."""
    reply = httpx.get(oauth.authorize_url(app, "signed-state", VERIFIER, BACK))
    query = parse_qs(urlsplit(reply.headers["location"]).query)
    assert query["state"] == ["signed-state"]
    return query["code"][0]


@pytest.fixture
def tokens(app: Config) -> oauth.Tokens:
    return oauth.exchange(app, agree(app), VERIFIER, BACK)


def test_without_a_sandbox_the_merchant_goes_to_klaviyo(config: Config) -> None:
    url = urlsplit(oauth.authorize_url(config, "s", VERIFIER, BACK))
    query = parse_qs(url.query)

    assert (url.hostname, url.path) == ("www.klaviyo.com", "/oauth/authorize")
    assert query["code_challenge_method"] == ["S256"]
    assert VERIFIER not in url.query
    assert {"accounts:read", "events:write", "data-privacy:write"} <= set(query["scope"][0].split())


def test_a_code_becomes_a_pair_of_tokens_that_opens_the_account(
    world: KlaviyoWorld, tokens: oauth.Tokens, clock: Clock
) -> None:
    assert (tokens.expires_at - clock()).total_seconds() == 3600
    channel = Klaviyo(KlaviyoCredentials(access_token=tokens.access_token), world.url)
    assert channel.test().ok
    assert tokens.access_token not in repr(tokens)


def test_an_access_token_lives_an_hour(
    world: KlaviyoWorld, tokens: oauth.Tokens, clock: Clock
) -> None:
    clock.advance(hours=1)

    channel = Klaviyo(KlaviyoCredentials(access_token=tokens.access_token), world.url)

    assert not channel.test().ok


def test_a_code_works_once_only_for_its_maker_and_for_five_minutes(
    app: Config, clock: Clock
) -> None:
    spent = agree(app)
    oauth.exchange(app, spent, VERIFIER, BACK)
    stolen, late = agree(app), agree(app)

    with pytest.raises(AccessLost):
        oauth.exchange(app, spent, VERIFIER, BACK)
    with pytest.raises(AccessLost):
        oauth.exchange(app, stolen, "w" * 43, BACK)
    clock.advance(minutes=5)
    with pytest.raises(AccessLost):
        oauth.exchange(app, late, VERIFIER, BACK)


def test_a_refresh_gives_a_new_access_token(app: Config, tokens: oauth.Tokens) -> None:
    fresh = oauth.refresh(app, tokens.refresh_token)

    assert fresh.access_token != tokens.access_token


def test_a_revoked_refresh_token_is_access_lost(app: Config, tokens: oauth.Tokens) -> None:
    oauth.revoke(app, tokens.refresh_token)

    with pytest.raises(AccessLost, match="Connect Klaviyo again"):
        oauth.refresh(app, tokens.refresh_token)
    oauth.revoke(app, tokens.refresh_token)


def test_a_wrong_client_secret_is_a_setting_to_put_right(app: Config, tokens: oauth.Tokens) -> None:
    wrong = app.model_copy(update={"klaviyo_client_secret": "other"})

    with pytest.raises(ConfigError, match="KLAVIYO_CLIENT_SECRET"):
        oauth.refresh(wrong, tokens.refresh_token)


JSON = (("Content-Type", "application/json"),)
HTML = (("Content-Type", "text/html"),)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="/oauth/token", status=403, headers=HTML, body="<html>Attention</html>"),
        Fault(path="/oauth/token", status=500),
        Fault(path="/oauth/token", status=429, headers=JSON, body='{"error": "rate_limited"}'),
        Fault(path="/oauth/token", status=200, headers=JSON, body='{"access_token": "a"}'),
        Fault(
            path="/oauth/token",
            status=200,
            headers=JSON,
            body='{"access_token": "a", "refresh_token": "", "expires_in": 3600}',
        ),
        Fault(path="/oauth/token", status=200, headers=JSON, body='{"access_token'),
        Fault(path="/oauth/token", status=200, headers=HTML, body="<html></html>"),
        Fault(path="/oauth/token", status=200, headers=JSON, body="[]"),
    ],
    ids=["html 403", "500", "429", "no refresh", "empty refresh", "cut off", "html 200", "list"],
)
def test_half_an_answer_or_none_is_tried_again_and_never_kept(
    world: KlaviyoWorld, app: Config, tokens: oauth.Tokens, fault: Fault
) -> None:
    world.fail(fault)

    with pytest.raises(Unreachable):
        oauth.refresh(app, tokens.refresh_token)

    assert oauth.refresh(app, tokens.refresh_token).refresh_token == tokens.refresh_token


def test_a_rate_limit_says_when_to_come_back(
    world: KlaviyoWorld, app: Config, tokens: oauth.Tokens
) -> None:
    headers = (("Retry-After", "90"),)
    world.fail(Fault(path="/oauth/token", status=429, headers=headers))

    with pytest.raises(Unreachable) as caught:
        oauth.refresh(app, tokens.refresh_token)

    assert caught.value.retry_after == 90.0


def test_an_unknown_refusal_is_named(
    world: KlaviyoWorld, app: Config, tokens: oauth.Tokens
) -> None:
    body = '{"error": "unsupported_grant_type"}'
    world.fail(Fault(path="/oauth/token", status=400, headers=JSON, body=body))

    with pytest.raises(ComebackError, match="unsupported_grant_type"):
        oauth.refresh(app, tokens.refresh_token)


def test_a_revocation_that_was_not_heard_is_an_error(
    world: KlaviyoWorld, app: Config, tokens: oauth.Tokens
) -> None:
    world.fail(Fault(path="/oauth/revoke", status=502))

    with pytest.raises(Unreachable):
        oauth.revoke(app, tokens.refresh_token)


def test_a_sign_in_without_settings_says_which(config: Config) -> None:
    empty = config.model_copy(update={"klaviyo_client_id": ""})

    with pytest.raises(ConfigError, match="KLAVIYO_CLIENT_ID"):
        oauth.authorize_url(empty, "s", VERIFIER, BACK)


@pytest.mark.parametrize("make", [lambda: "v" * 42, lambda: "v" * 129, lambda: "é" * 43])
def test_a_verifier_of_the_wrong_shape_is_refused_here(
    config: Config, make: Callable[[], str]
) -> None:
    with pytest.raises(InvalidInput):
        oauth.authorize_url(config, "s", make(), BACK)


def test_new_verifiers_differ_and_fit(config: Config) -> None:
    one, other = oauth.new_verifier(), oauth.new_verifier()

    assert one != other
    assert oauth.authorize_url(config, "s", one, BACK)
