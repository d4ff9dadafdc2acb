import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.errors import InvalidInput
from app.segments import ConditionError, needs_journey, parse_condition
from app.segments.conditions import Group, Leaf, leaves


def read(text: str) -> Any:
    return YAML().load(io.StringIO(text))


def test_groups_nest_and_keep_the_order_of_the_file() -> None:
    condition = parse_condition(
        read(
            """
            all:
              - customer.orders_count: {at_least: 1}
              - any:
                  - consent.email: {is: subscribed}
                  - none:
                      - customer.country: {in: [it, ES]}
            """
        ),
        "filter",
    )

    assert isinstance(condition, Group)
    assert [leaf.wording for leaf in leaves(condition)] == [
        "customer.orders_count at_least 1",
        "consent.email is subscribed",
        "customer.country in it, ES",
    ]
    assert [leaf.value for leaf in leaves(condition)] == [Decimal(1), "subscribed", ("IT", "ES")]


def test_two_operators_on_one_fact_must_both_hold() -> None:
    condition = parse_condition({"cart.total": {"at_least": 20.10, "less_than": "50"}}, "filter")

    assert isinstance(condition, Group)
    assert condition.kind == "all"
    assert [leaf.value for leaf in leaves(condition)] == [Decimal("20.1"), Decimal(50)]


def test_an_event_counts_within_a_time() -> None:
    condition = parse_condition(
        {"events.link_clicked": {"count_at_least": 1, "within": "10 days"}}, "filter"
    )

    assert isinstance(condition, Leaf)
    assert condition.within == timedelta(days=10)
    assert condition.wording == "events.link_clicked count_at_least 1 within 10 days"


def test_what_only_a_journey_knows_cannot_make_a_segment() -> None:
    inside = parse_condition({"since_entry.link_clicked": {"is": True}}, "filter")
    anywhere = parse_condition({"customer.score": {"at_least": 9}}, "filter")

    assert needs_journey(inside)
    assert not needs_journey(anywhere)


@pytest.mark.parametrize(
    ("raw", "place", "hint"),
    [
        ({}, "filter", "all:, any: or none:"),
        ({"all": []}, "filter.all", "at least one"),
        ({"all": [{}]}, "filter.all[0]", "a condition is"),
        ({"customer.order_count": {"at_least": 1}}, "filter.customer", "customer.orders_count"),
        ({"shop.mood": {"is": 1}}, "filter.shop.mood", "docs/conditions.md"),
        ({"customer.score": {"atleast": 9}}, "filter.customer.score.atleast", "'at_least'"),
        ({"customer.score": 9}, "filter.customer.score", "{is: ...}"),
        ({"customer.score": {"at_least": "nine"}}, "filter.customer.score.at_least", "number"),
        ({"customer.score": {"at_least": True}}, "filter.customer.score.at_least", "number"),
        ({"consent.sms": {"is": "subscribd"}}, "filter.consent.sms.is", "'subscribed'"),
        ({"customer.country": {"is": False}}, "filter.customer.country.is", "quotes"),
        ({"customer.country": {"in": "IT"}}, "filter.customer.country.in", "list"),
        ({"customer.last_order": {"before": "2 months"}}, "before", "minutes, hours, days"),
        ({"events.link_clicked": {"within": "3 days"}}, "link_clicked", "count_at_least"),
        ({"events.ordered": {"count_at_least": 1}}, "events.ordered", "ask events.order_placed"),
        ({"since_entry.subscribed": {"is": True}}, "filter.since_entry", "ask consent.email"),
        ({"events.x": {"count_at_least": 1, "within": "400 days"}}, "within", "365 days"),
        ({"events.x": {"count_at_least": -1}}, "count_at_least", "whole number"),
        ({"all": [{"cart.total": {"is": 1}}], "cart.total": {"is": 1}}, "cart.total", "the list"),
        (
            {"customer.score": {"is": 1}, "cart.total": {"is": 1}},
            "filter",
            "its own list item",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_way_out(raw: Any, place: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_condition(raw, "filter")

    assert place in caught.value.field
    assert hint in caught.value.problem


def test_a_mistake_in_a_file_names_its_line() -> None:
    raw = read("all:\n  - customer.score: {at_least: 9}\n  - customer.scor:\n      is: 1\n")

    with pytest.raises(ConditionError, match=r"did you mean 'customer\.score'") as caught:
        parse_condition(raw, "steps[0].when")

    assert caught.value.line == 3
    assert caught.value.field == "steps[0].when.all[1].customer.scor"


def test_conditions_have_a_depth_that_people_can_read() -> None:
    raw: Any = {"customer.score": {"is": 1}}
    for _ in range(20):
        raw = {"all": [raw]}

    with pytest.raises(InvalidInput, match="deeper"):
        parse_condition(raw, "filter")
