"""Links: short, signed, with UTM, and a click by a person is on record once."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from app.customers.changes import ChangeKind
from app.events import ConsentState
from app.messages import (
    answer_survey,
    follow,
    opt_out_by_link,
    read_unsubscribe,
    resolve,
    target_of,
)
from app.models import Customer, Link, Store, Touch
from app.tenancy import store_transaction
from tests.conftest import MakeStore
from tests.fakes.town import Town


def token_in(html: str, door: str = "l") -> str:
    found = re.search(rf"https://comeback\.example/{door}/([\w.-]+)", html)
    assert found is not None
    return found[1]


@pytest.mark.requirement(14)
def test_a_click_leads_to_the_cart_with_utm_and_is_counted_once_a_minute(town: Town) -> None:
    message_id = town.plan()
    town.send()
    told = resolve(token_in(town.mail.out[0].html), town.config)

    with store_transaction(town.store_id) as session:
        assert session.get_one(Store, town.store_id).number == told.store_number
        first = follow(session, told.link_number, town.clock.moment, town.config)
        again = follow(session, told.link_number, town.clock.moment, town.config)
        touches = session.scalar(select(func.count()).select_from(Touch))

    assert first is not None
    assert again is not None
    query = parse_qs(urlsplit(first.target).query)
    assert query["utm_source"] == ["comeback"]
    assert query["utm_medium"] == ["email"]
    assert query["utm_campaign"] == ["cart-reminder"]
    assert query["utm_content"] == ["first"]
    assert [change.kind for change in first.changes].count(ChangeKind.ACTED) == 1
    assert again.changes == []
    assert touches == 1
    assert town.message(message_id).clicked_at == town.clock.moment


def test_a_scanner_learns_the_target_and_leaves_no_touch(town: Town) -> None:
    town.plan()
    town.send()
    told = resolve(token_in(town.mail.out[0].html), town.config)

    with store_transaction(town.store_id) as session:
        found = target_of(session, told.link_number)
        touches = session.scalar(select(func.count()).select_from(Touch))

    assert found is not None
    assert found[0] == "https://shop.example/recover/1"
    assert touches == 0


def test_a_link_of_another_store_does_not_exist_here(town: Town, make_store: MakeStore) -> None:
    town.plan()
    town.send()
    told = resolve(token_in(town.mail.out[0].html), town.config)

    with store_transaction(make_store()) as session:
        assert follow(session, told.link_number, town.clock.moment, town.config) is None


def test_a_repeated_attempt_makes_no_second_link(town: Town) -> None:
    town.plan()
    town.send()

    with store_transaction(town.store_id) as session:
        targets = session.scalars(select(Link.target)).all()

    assert len(targets) == len(set(targets))


def test_the_way_out_ends_the_mails_and_nothing_else(town: Town) -> None:
    town.plan()
    town.send()
    told = read_unsubscribe(token_in(town.mail.out[0].html, "u"), town.config)
    town.clock.advance(minutes=3)

    with store_transaction(town.store_id) as session:
        changes = opt_out_by_link(session, told.message_id, town.clock.moment)
    with store_transaction(town.store_id) as session:
        repeated = opt_out_by_link(session, told.message_id, town.clock.moment)

    assert [change.kind for change in changes] == ["consent_changed"]
    assert repeated == []
    assert town.consent("email") == ConsentState.UNSUBSCRIBED
    assert town.consent("sms") == ConsentState.SUBSCRIBED


@pytest.mark.requirement(15, 53)
def test_an_answer_to_the_survey_is_the_persons_score(town: Town) -> None:
    message_id = town.plan()

    with store_transaction(town.store_id) as session:
        changes = answer_survey(session, message_id, 3, town.clock.moment, town.config.keys)
    with store_transaction(town.store_id) as session:
        score = session.scalars(select(Customer.score)).one()

    assert [c.values["name"] for c in changes if c.kind == "acted"] == ["score_given"]
    assert score == 3
