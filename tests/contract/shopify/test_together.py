"""Several people are asked about in one request, and each gets the answer they would get alone."""

import json
from datetime import timedelta
from typing import Any

import graphql
import pytest

from app import clock as app_clock
from app.errors import AccessLost, Unreachable
from app.events import Person
from app.platforms import Found, Question
from app.platforms.shopify.documents import API_VERSION, repeated
from app.platforms.shopify.graphql import LONGEST_WAIT
from app.platforms.shopify.lookup import TOGETHER
from app.platforms.shopify.shop import ShopifyShop
from app.sandbox.server import Fault
from app.sandbox.shopify import SandboxShop, ShopifyWorld, reading
from tests.contract.shopify.test_documents import schema

ADMIN = f"/admin/api/{API_VERSION}"
RESTORED_A_SECOND = 100
NAMES = ["ana", "bea", "cleo", "dora", "eva", "fay"]


def about(name: str, *others: str) -> Question:
    people = [Person(email=f"{one}@example.com") for one in (name, *others)]
    return Question(people=people, cart_keys=[], since=app_clock.now() - timedelta(hours=1))


def numbers(answers: list[Found]) -> list[list[str] | type[Exception]]:
    return [_numbers(answer) for answer in answers]


def _numbers(answer: Found) -> list[str] | type[Exception]:
    if isinstance(answer, Exception):
        return Unreachable if isinstance(answer, Unreachable) else AccessLost
    return [order.number for order in answer]


def asked(world: ShopifyWorld) -> list[str]:
    return [name for _, name in world.operations]


def buys(officina: SandboxShop, name: str) -> None:
    officina.order(None, [officina.add_product("Olio", 1999)], email=f"{name}@example.com")


def test_each_of_a_group_is_answered_for_herself_in_one_request(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    buys(officina, "bea")
    buys(officina, "dora")

    answers = shop.find_orders([about(name) for name in NAMES[:TOGETHER]])

    assert numbers(answers) == [[], ["#1001"], [], ["#1002"]]
    assert asked(world) == ["FindOrders", "OrdersById", "OrdersById"]


def test_more_people_than_one_request_may_cost_are_asked_about_in_several(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    buys(officina, "fay")

    answers = shop.find_orders([about("ana", "bea"), *(about(name) for name in NAMES[2:])])

    assert numbers(answers) == [[], [], [], [], ["#1001"]]
    assert asked(world) == ["FindOrders", "FindOrders", "OrdersById"]


def test_a_hole_in_one_answer_is_nobody_else_s(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    none: dict[str, Any] = {"nodes": []}
    data = {"searched_0": none, "mailed_0": {"orders": none}, "searched_1": none, "mailed_1": None}
    error = {"message": "Timeout", "path": ["mailed_1"], "extensions": {"code": "TIMEOUT"}}
    world.fail(Fault(path=ADMIN, status=200, body=json.dumps({"data": data, "errors": [error]})))

    answers = shop.find_orders([about("ana"), about("bea")])

    assert numbers(answers) == [[], Unreachable]


def test_an_error_that_takes_all_the_data_is_only_hers_whose_question_it_was(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    buys(officina, "bea")
    error = {"message": "Oops", "path": ["searched_0"], "extensions": {"code": "INTERNAL"}}
    spoiled = json.dumps({"data": None, "errors": [error]})
    world.fail(Fault(path=ADMIN, status=200, body=spoiled), times=2)

    answers = shop.find_orders([about("ana"), about("bea")])

    assert numbers(answers) == [Unreachable, ["#1001"]]


def test_an_answer_that_leaves_a_person_out_never_reads_as_has_not_ordered(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    data: dict[str, Any] = {"searched_0": {"nodes": []}, "mailed_0": None}
    world.fail(Fault(path=ADMIN, status=200, body=json.dumps({"data": data})))

    assert numbers(shop.find_orders([about("ana"), about("bea")])) == [[], Unreachable]


@pytest.mark.parametrize(("status", "error"), [(503, Unreachable), (401, AccessLost)])
def test_a_shop_that_is_away_is_asked_once_and_answers_nobody(
    world: ShopifyWorld,
    shop: ShopifyShop,
    officina: SandboxShop,
    status: int,
    error: type[Exception],
) -> None:
    world.fail(Fault(path=ADMIN, status=status))

    answers = shop.find_orders([about(name) for name in NAMES])

    assert numbers(answers) == [error] * len(NAMES)
    assert asked(world) == []


@pytest.mark.parametrize("times", range(1, TOGETHER + 1))
def test_a_question_about_several_is_valid_for_our_version(times: int) -> None:
    assert graphql.validate(schema(), graphql.parse(repeated("find_orders", times))) == []


def test_the_sandbox_answers_what_the_document_asks_and_no_more(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    text = repeated("find_orders", 2)
    every = Person(platform_key="1", email="ana@example.com", phone="+390110000001")
    question = Question(people=[every], cart_keys=["c"], since=app_clock.now())
    requests: list[dict[str, Any]] = []
    world.overheard = lambda request, answered: requests.append(json.loads(request.get_data()))

    shop.find_orders([question, question])
    world.overheard = lambda request, answered: None

    sent = requests[0]
    assert sent["query"] == text
    data = reading.find_orders(officina, sent["variables"])
    assert set(data) == {field.alias.value for field in top_fields(text) if field.alias}


def test_a_group_costs_no_more_than_is_restored_while_we_wait() -> None:
    cost = sum(points(field) for field in top_fields(repeated("find_orders", TOGETHER)))

    assert cost == 31 * TOGETHER
    assert cost <= RESTORED_A_SECOND * LONGEST_WAIT


def top_fields(text: str) -> list[graphql.FieldNode]:
    (operation,) = graphql.parse(text).definitions
    assert isinstance(operation, graphql.OperationDefinitionNode)
    return fields(operation)


def fields(node: graphql.FieldNode | graphql.OperationDefinitionNode) -> list[graphql.FieldNode]:
    chosen = node.selection_set.selections if node.selection_set else ()
    return [one for one in chosen if isinstance(one, graphql.FieldNode)]


def points(field: graphql.FieldNode) -> int:
    """An object costs one point, a connection two and what it may hold.

    https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits
    """
    first = [a.value for a in field.arguments or () if a.name.value == "first"]
    inside = sum(points(one) for one in fields(field))
    if first and isinstance(first[0], graphql.IntValueNode):
        return 2 + int(first[0].value)
    return 1 + inside if field.selection_set else 0
