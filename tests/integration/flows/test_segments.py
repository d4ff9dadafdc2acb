"""Flows that begin when people come into a named segment or leave it: once, by set difference."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import flows
from app.errors import InvalidInput
from app.flows import FlowInvalid
from app.segments import Draft
from app.tenancy import store_transaction
from tests.integration.flows.conftest import Shop

SEND = "  - send: {channel: email, message: hello}"
MANY = "customer.orders_count: {at_least: 3}"


def keeps(shop: Shop, slug: str, written: str) -> None:
    with store_transaction(shop.store_id) as session:
        draft = Draft(slug, slug, written)
        flows.keep_segment(session, shop.store(session), draft, shop.clock())


def archives(shop: Shop, slug: str) -> None:
    with store_transaction(shop.store_id) as session:
        flows.archive_segment(session, shop.store(session), slug, shop.clock())


def watched(shop: Shop) -> None:
    """A flow for whoever comes into the segment `often`, and one for whoever leaves it."""
    keeps(shop, "many", MANY)
    keeps(shop, "often", "segment.many: {is: true}")
    for way in ("entered", "left"):
        shop.has_flow(SEND, slug=way, trigger=f"{{segment: {{{way}: often}}}}")


def entered(shop: Shop, slug: str) -> list[UUID]:
    return [j.customer_id for j in shop.journeys(flow_id=shop.flow_id(slug))]


@pytest.mark.requirement(41)
def test_coming_and_leaving_are_told_once_each(shop: Shop) -> None:
    shop.customer("always", orders_count=5)
    ana = shop.customer("ana", orders_count=2)
    watched(shop)

    for orders in (2, 3, 4, 1, 1, 3):
        shop.counts(ana, orders)
        shop.clock.advance(days=1)
        shop.enter_due()
        shop.advance()

    assert entered(shop, "entered") == [ana, ana]
    assert entered(shop, "left") == [ana]


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(looks=st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=4))
def test_who_enters_is_the_difference_between_two_looks(
    shop: Shop, looks: list[Sequence[bool]]
) -> None:
    people = [shop.customer(f"p{number}", orders_count=0) for number in range(3)]
    watched(shop)
    shop.enter_due()
    told = {way: len(entered(shop, way)) for way in ("entered", "left")}
    inside: set[UUID] = set()

    for look in looks:
        now = {person for person, there in zip(people, look, strict=True) if there}
        for person in people:
            shop.counts(person, 3 if person in now else 0)
        shop.clock.advance(days=1)
        shop.enter_due()
        shop.advance()
        expected = {"entered": now - inside, "left": inside - now}
        for way, moved in expected.items():
            found = entered(shop, way)
            assert set(found[told[way] :]) == moved
            told[way] += len(moved)
        inside = now
    for person in people:
        shop.counts(person, 0)
    shop.enter_due()


def test_a_changed_segment_moves_nobody(shop: Shop) -> None:
    shop.customer("ana", orders_count=2)
    shop.customer("bea", orders_count=5)
    watched(shop)

    keeps(shop, "many", MANY.replace("3", "2"))
    assert shop.enter_due() == 0
    keeps(shop, "many", MANY.replace("3", "9"))
    assert shop.enter_due() == 0


def test_a_flow_names_only_segments_that_are_there(shop: Shop) -> None:
    with pytest.raises(FlowInvalid, match=r"line 5, trigger.segment.entered.*'champions'\?"):
        shop.has_flow(SEND, trigger="{segment: {entered: champion}}")
    with pytest.raises(FlowInvalid, match=r"line 7, filter.any\[0\].segment.vip: there is no"):
        shop.has_flow(SEND, filter="{any: [{segment.vip: {is: true}}]}")
    with pytest.raises(FlowInvalid, match=r"line 8, filter.segment.vip: there is no"):
        shop.has_flow(
            SEND,
            priority="50 # not for vips, nor for vip-in-italy",
            filter="{segment.vip: {is: true}}",
        )
    with pytest.raises(FlowInvalid, match="either `entered` or `left`"):
        shop.has_flow(SEND, trigger="{segment: {entered: champions, left: champions}}")


def test_a_segment_that_a_flow_uses_is_not_archived(shop: Shop) -> None:
    keeps(shop, "many", MANY)
    shop.has_flow(SEND, slug="thanks", filter="{segment.many: {is: true}}")
    ana = shop.customer()
    shop.fire(shop.act(ana))
    shop.has_flow(SEND, slug="thanks")

    archives(shop, "many")
    keeps(shop, "many", MANY)
    shop.has_flow(SEND, slug="thanks", filter="{segment.many: {is: true}}")

    with pytest.raises(InvalidInput, match="used by the flow thanks"):
        archives(shop, "many")


def test_a_filter_by_a_segment_says_what_it_compared(shop: Shop) -> None:
    keeps(shop, "many", MANY)
    shop.has_flow(SEND, filter="{segment.many: {is: true}}")
    ana = shop.customer(orders_count=2)

    shop.fire(shop.act(ana))

    assert shop.decision("filter_not_met") == {
        "segment.many is true": False,
        "segment.many: customer.orders_count at_least 3": 2,
    }
