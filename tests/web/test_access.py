"""Whose page it is: over all routes of the app, with two stores."""

from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.config import Config
from app.factory import create_app
from app.models import Store, StoreStatus
from app.tenancy import store_transaction
from app.web import BLUEPRINTS, MERCHANT
from tests.web.conftest import PAGE, PUBLIC, SignIn, post
from tests.web.rows import Filled, fill

_CONFIG = Config(secret_keys="1OmWJb0bEr-2xmPmZ1TnZNsJHZlCfVhOOUJGkXHDCEI=")
_MERCHANT = {blueprint.name for blueprint in MERCHANT}
# Presets belong to nobody: they are files of ours. A name that is none is still a 404.
_OURS = {"flow_list.add_preset"}


def _rules() -> list[Rule]:
    app = create_app(_CONFIG)
    return [r for r in app.url_map.iter_rules() if r.endpoint.partition(".")[0] in _MERCHANT]


RULES = _rules()
_OF_SOMETHING = [rule for rule in RULES if rule.arguments]
_FOR_ALL = [rule for rule in RULES if not rule.arguments]


def method_of(rule: Rule) -> str:
    return "POST" if "POST" in (rule.methods or ()) else "GET"


def address(rule: Rule, things: Filled) -> str:
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<{argument}>", things.of(argument))
    return path


def name(rule: Rule) -> str:
    return f"{method_of(rule)} {rule.rule}"


@pytest.fixture
def mine(store_id: UUID) -> Filled:
    return fill(store_id)


@pytest.fixture
def theirs(other_store: UUID) -> Filled:
    return fill(other_store, email="bea@ajena.example", slug="their-own-cart")


def test_every_route_is_either_a_merchants_or_named_as_open(app: Flask) -> None:
    known = {blueprint.name for blueprint in BLUEPRINTS}
    blueprints = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules()}

    assert blueprints == known | {"static"}


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_nobody_gets_in_without_signing_in(rule: Rule, client: FlaskClient, mine: Filled) -> None:
    reply = client.open(address(rule, mine), method=method_of(rule), base_url=PUBLIC, headers=PAGE)

    assert reply.status_code == 302
    assert reply.location == "/sign-in"


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_a_script_that_is_not_signed_in_gets_a_401(
    rule: Rule, client: FlaskClient, mine: Filled
) -> None:
    reply = client.open(
        address(rule, mine),
        method=method_of(rule),
        base_url=PUBLIC,
        headers={**PAGE, "HX-Request": "true"},
    )

    assert reply.status_code == 401


@pytest.mark.parametrize("rule", _OF_SOMETHING, ids=name)
def test_what_belongs_to_another_store_does_not_exist(
    rule: Rule, sign_in: SignIn, mine: Filled, theirs: Filled
) -> None:
    browser = sign_in(mine.store_id)
    path = address(rule, theirs)

    if method_of(rule) == "POST":
        reply = post(browser, path, {"confirm": "erase", "count": "0"})
    else:
        reply = browser.get(path, base_url=PUBLIC, headers=PAGE)

    assert reply.status_code == 404
    assert "ajena" not in reply.text.lower()


@pytest.mark.parametrize("rule", [r for r in _OF_SOMETHING if r.endpoint not in _OURS], ids=name)
def test_what_belongs_to_the_store_does_exist(rule: Rule, sign_in: SignIn, mine: Filled) -> None:
    browser = sign_in(mine.store_id)
    path = address(rule, mine)

    if method_of(rule) == "POST":
        reply = post(browser, path, {"confirm": "no", "count": "0"})
    else:
        reply = browser.get(path, base_url=PUBLIC, headers=PAGE)

    # A draft cannot be paused, which is a sentence and not a page that is missing.
    assert reply.status_code in {200, 302, 422}


@pytest.mark.parametrize("rule", [r for r in _FOR_ALL if "GET" in (r.methods or ())], ids=name)
def test_no_page_shows_anything_of_another_store(
    rule: Rule, sign_in: SignIn, mine: Filled, theirs: Filled
) -> None:
    page = sign_in(mine.store_id).get(rule.rule, base_url=PUBLIC, headers=PAGE)

    assert page.status_code in {200, 404}
    for foreign in ("bea@", "Ajena", "their-own-cart", str(theirs.person)):
        assert foreign not in page.text


@pytest.mark.parametrize("rule", [r for r in RULES if method_of(r) == "POST"], ids=name)
def test_a_form_without_its_hidden_field_changes_nothing(
    rule: Rule, sign_in: SignIn, mine: Filled
) -> None:
    reply = sign_in(mine.store_id).post(
        address(rule, mine), base_url=PUBLIC, headers=PAGE, data={"confirm": "erase"}
    )

    assert reply.status_code == 400


def test_a_store_that_has_left_ends_every_session(sign_in: SignIn, mine: Filled) -> None:
    browser = sign_in(mine.store_id)
    with store_transaction(mine.store_id) as session:
        session.get_one(Store, mine.store_id).status = StoreStatus.UNINSTALLED

    reply = browser.get("/", base_url=PUBLIC, headers=PAGE)

    assert reply.location == "/sign-in"
