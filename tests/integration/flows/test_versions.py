"""Flows as a store keeps them: versions that never change, files that come back as they went."""

import pytest
from sqlalchemy import text

from app import flows
from app.errors import InvalidInput
from app.models import FlowVersion
from app.tenancy import store_transaction
from tests.integration.flows.conftest import Shop
from tests.unit.flows.making import flow_text

SEND = "  - send: {channel: email, message: hello}"


def keep(shop: Shop, source: str) -> flows.Imported:
    with store_transaction(shop.store_id) as session:
        return flows.import_flow(session, shop.store(session), source, shop.clock())


def give_back(shop: Shop, version: int | None = None) -> str:
    with store_transaction(shop.store_id) as session:
        return flows.export_flow(session, shop.store(session), "test-flow", version)


@pytest.mark.requirement(117)
def test_a_file_comes_back_exactly_as_it_was_imported(shop: Shop) -> None:
    source = "# My own words.\n" + flow_text(SEND)
    keep(shop, source)

    assert give_back(shop) == source


def test_an_identical_file_makes_no_new_version(shop: Shop) -> None:
    first, again = keep(shop, flow_text(SEND)), keep(shop, flow_text(SEND))

    assert (first.version, first.new) == (1, True)
    assert (again.version, again.new) == (1, False)
    assert len(shop.all(FlowVersion)) == 1


def test_an_edit_is_a_new_version_and_the_old_one_stays(shop: Shop) -> None:
    keep(shop, flow_text(SEND))
    edited = flow_text("  - wait: {for: 1 day}\n" + SEND)
    keep(shop, edited)

    assert give_back(shop, 1) == flow_text(SEND)
    assert give_back(shop) == edited
    with pytest.raises(InvalidInput, match="has no version 3"):
        give_back(shop, 3)


def test_a_kept_definition_cannot_be_rewritten_in_raw_sql(shop: Shop) -> None:
    keep(shop, flow_text(SEND))

    with (
        pytest.raises(Exception, match="append-only"),
        store_transaction(shop.store_id) as session,
    ):
        session.execute(text("UPDATE flow_versions SET source = ''"))
    assert give_back(shop) == flow_text(SEND)


def test_a_wrong_file_is_refused_and_changes_nothing(shop: Shop) -> None:
    keep(shop, flow_text(SEND))

    with pytest.raises(flows.FlowInvalid) as refused:
        keep(shop, flow_text(SEND + "\n  - sned: 1"))

    assert "there is no such field" in str(refused.value)
    assert give_back(shop) == flow_text(SEND)


def test_words_that_do_not_parse_are_refused_with_their_line(shop: Shop) -> None:
    with pytest.raises(flows.FlowInvalid) as refused:
        keep(shop, flow_text(SEND).replace("Come back", "'{{ customer.shoe_size }}'"))

    assert "messages.hello.email.en.body" in str(refused.value)


def test_the_list_says_what_runs_and_who_is_inside(shop: Shop) -> None:
    shop.has_flow("  - wait: {for: 1 day}", slug="running")
    shop.has_flow(SEND, slug="draft", live=False)
    shop.fire(shop.act(shop.customer()))

    with store_transaction(shop.store_id) as session:
        lines = flows.list_flows(session, shop.store(session))

    assert [(line.slug, line.status, line.inside) for line in lines] == [
        ("draft", "draft", 0),
        ("running", "active", 1),
    ]


def test_a_flow_that_is_not_there_is_named(shop: Shop) -> None:
    with pytest.raises(InvalidInput, match="there is no flow nope"):
        shop.activates("nope")


def test_a_draft_cannot_be_paused(shop: Shop) -> None:
    shop.has_flow(SEND, live=False)

    with pytest.raises(InvalidInput, match="is a draft"):
        shop.pause("test-flow")
