"""Codes: one for a person and journey, real at the shop before it is shown, within a budget."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from app import db
from app.channels import Advice, ChannelName, Refused, Unknown
from app.errors import AccessLost, Unreachable
from app.models import Decision, Journey, Message, Offer
from app.offers import close_gone, mark_used, mint_due, revoke_for, sweep
from app.platforms import CodeRefused
from app.reasons import Outcome
from app.tenancy import store_transaction
from tests.fakes.channels import Killed
from tests.fakes.town import Town


def mint(town: Town) -> int:
    return mint_due(town.store_id, town.connections, 10)


def revoke(town: Town, *journey_ids: Any) -> None:
    with store_transaction(town.store_id) as session:
        revoke_for(session, journey_ids, town.clock.moment)


def test_a_wanted_code_is_made_at_the_shop_and_wakes_the_journey(town: Town) -> None:
    journey_id = town.journey(due_at=town.clock.moment + timedelta(days=1))
    offer = town.want(journey_id)

    mint(town)

    made = town.read_offer(offer.offer_id)
    assert (made.status, made.platform_key) == ("live", f"discount-{offer.code}")
    request = town.connections.fake_shop.codes[offer.code]
    assert (request.percent, request.platform_customer_key) == (10, "77")
    assert request.expires_at == offer.expires_at
    assert town.read_journey(journey_id).due_at == town.clock.moment


def test_wanting_twice_is_one_offer(town: Town) -> None:
    journey_id = town.journey()

    assert town.want(journey_id).offer_id == town.want(journey_id).offer_id


def test_killed_after_the_shop_made_it_the_same_code_is_found_again(town: Town) -> None:
    def kill(_: Any) -> None:
        town.connections.fake_shop.after_code = None
        raise Killed

    offer = town.want(town.journey())
    town.connections.fake_shop.after_code = kill

    with pytest.raises(Killed):
        mint(town)
    town.clock.advance(minutes=5)
    mint(town)

    assert list(town.connections.fake_shop.codes) == [offer.code]
    assert town.read_offer(offer.offer_id).status == "live"


@pytest.mark.parametrize("line", range(14))
def test_killed_at_any_statement_one_code_is_made(town: Town, line: int) -> None:
    offer = town.want(town.journey())
    seen = 0

    def die(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == line + 1:
            raise Killed

    engine = db.engine()
    event.listen(engine, "before_cursor_execute", die)
    event.listen(engine, "commit", die)
    try:
        mint(town)
    except Killed:
        assert seen > line
    finally:
        event.remove(engine, "before_cursor_execute", die)
        event.remove(engine, "commit", die)
    town.clock.advance(minutes=6)
    mint(town)

    assert list(town.connections.fake_shop.codes) == [offer.code]
    assert town.read_offer(offer.offer_id).status == "live"


def test_a_taken_code_gets_another_name(town: Town) -> None:
    town.connections.fake_shop.code_answers = [CodeRefused(reason="Taken.", taken=True)]
    offer = town.want(town.journey())

    mint(town)
    mint(town)

    made = town.read_offer(offer.offer_id)
    assert made.status == "live"
    assert made.code != offer.code


def test_a_refused_code_wakes_the_journey_with_the_shops_reason(town: Town) -> None:
    town.connections.fake_shop.code_answers = [CodeRefused(reason="No discounts here.")]
    journey_id = town.journey()
    offer = town.want(journey_id)

    mint(town)

    refused = town.read_offer(offer.offer_id)
    assert (refused.status, refused.reason, refused.due_at) == ("refused", "offer_refused", None)
    with store_transaction(town.store_id) as session:
        outcomes = session.scalars(
            select(Decision.outcome).where(Decision.reason == "offer_refused")
        ).all()
    assert outcomes == [Outcome.REFUSED]
    assert town.read_journey(journey_id).due_at == town.clock.moment


@pytest.mark.parametrize("problem", [Unreachable("Not now."), AccessLost("Connect again.")])
def test_a_shop_out_of_reach_is_asked_again_later(town: Town, problem: Any) -> None:
    offer = town.want(town.journey())
    town.connections.fake_shop.problem = problem

    mint(town)
    assert mint(town) == 0
    town.connections.fake_shop.problem = None
    town.clock.advance(minutes=31)
    mint(town)

    assert town.read_offer(offer.offer_id).status == "live"


def test_the_budget_of_the_month_refuses_what_is_over_it(town: Town) -> None:
    town.choose(offers={"month_minor": 1_000, "assumed_order_minor": 5_000})
    offers = [town.want(town.journey()) for _ in range(3)]

    assert [offer.status for offer in offers] == ["wanted", "wanted", "refused"]
    assert offers[2].reason == "offer_budget_spent"


def test_a_code_that_expired_unused_gives_its_share_back(town: Town) -> None:
    town.choose(offers={"month_minor": 500, "assumed_order_minor": 5_000})
    first = town.want(town.journey(), expires_at=town.clock.moment + timedelta(hours=1))
    mint(town)

    town.clock.advance(hours=1)
    with store_transaction(town.store_id) as session:
        sweep(session, town.clock.moment)

    assert town.read_offer(first.offer_id).status == "expired"
    assert town.want(town.journey()).status == "wanted"


def test_next_month_has_its_own_budget_in_the_stores_own_zone(town: Town) -> None:
    town.choose(offers={"month_minor": 500, "assumed_order_minor": 5_000})
    town.at("2026-03-31T21:59+00:00")  # 23:59 in Rome.
    town.want(town.journey())
    assert town.want(town.journey()).status == "refused"

    town.at("2026-03-31T22:00+00:00")

    assert town.want(town.journey()).status == "wanted"


def test_an_unused_code_is_revoked_with_its_journey(town: Town) -> None:
    journey_id = town.journey()
    offer = town.want(journey_id)
    mint(town)

    revoke(town, journey_id)
    mint(town)

    assert town.read_offer(offer.offer_id).status == "revoked"
    assert town.connections.fake_shop.revoked == [f"discount-{offer.code}"]
    assert mint(town) == 0


def test_a_code_revoked_while_it_was_being_made_is_unmade(town: Town) -> None:
    journey_id = town.journey()
    offer = town.want(journey_id)
    town.connections.fake_shop.after_code = lambda _: revoke(town, journey_id)

    mint(town)
    mint(town)

    assert town.read_offer(offer.offer_id).status == "revoked"
    assert town.connections.fake_shop.revoked == [f"discount-{offer.code}"]


def test_a_code_somebody_was_told_about_stays_until_it_expires(town: Town) -> None:
    journey_id = town.journey()
    offer = town.want(journey_id)
    mint(town)
    town.plan(journey_id, name="gift", context={"cart_id": town.cart_id(), "offer": "gift"})
    town.send()

    revoke(town, journey_id)

    assert offer.code in town.mail.out[0].html
    assert town.read_offer(offer.offer_id).status == "live"


def test_the_last_message_of_a_completed_journey_may_still_show_its_code(town: Town) -> None:
    journey_id = town.journey()
    offer = town.want(journey_id)
    mint(town)
    context = {"cart_id": town.cart_id(), "offer": "gift"}
    later = town.clock.moment + timedelta(hours=1)
    town.plan(journey_id, name="gift", context=context, due_at=later)
    with store_transaction(town.store_id) as session:
        session.get_one(Journey, (town.store_id, journey_id)).status = "completed"

    revoke(town, journey_id)
    town.clock.advance(hours=1)
    town.send()

    assert town.read_offer(offer.offer_id).status == "live"
    assert len(town.mail.out) == 1


def test_a_code_that_only_the_link_of_a_text_carries_stays_until_it_expires(town: Town) -> None:
    journey_id = town.journey()
    offer = town.want(journey_id)
    mint(town)
    carries = {"cart_id": town.cart_id(), "offer": "gift"}
    town.plan(journey_id, channel=ChannelName.SMS, context=carries)
    town.send()

    revoke(town, journey_id)

    assert offer.code not in town.phone.out[0].body
    assert town.read_offer(offer.offer_id).status == "live"


def test_a_message_to_come_that_shows_no_code_keeps_none(town: Town) -> None:
    """The mail that would have shown it was refused at the door; the text is still to leave."""
    journey_id = town.journey()
    offer = town.want(journey_id)
    mint(town)
    town.plan(journey_id, channel=ChannelName.SMS)
    with store_transaction(town.store_id) as session:
        session.get_one(Journey, (town.store_id, journey_id)).status = "completed"

    revoke(town, journey_id)

    assert town.read_offer(offer.offer_id).status == "revoked"


def shown_and_over(town: Town, answer: Refused | Unknown) -> UUID:
    """A journey is over whose mail shows a code and is answered so; the offer."""
    journey_id = town.journey()
    offer = town.want(journey_id)
    mint(town)
    town.plan(journey_id, name="gift", context={"cart_id": town.cart_id(), "offer": "gift"})
    with store_transaction(town.store_id) as session:
        session.get_one(Journey, (town.store_id, journey_id)).status = "completed"
    town.mail.answers.append(answer)
    town.send()
    return offer.offer_id


def test_a_code_that_a_refused_mail_would_have_shown_is_taken_back(town: Town) -> None:
    refused = Refused(advice=Advice.BAD_ADDRESS, code="bad", detail="No such address.")

    offer_id = shown_and_over(town, refused)

    assert town.read_offer(offer_id).status == "revoked"


def test_a_code_in_a_mail_that_may_be_out_stays_although_it_was_given_up(town: Town) -> None:
    offer_id = shown_and_over(town, Unknown(detail="The line was cut."))
    with store_transaction(town.store_id) as session:
        message = session.scalars(select(Message)).one()
        message.status = "failed"
        journey_id = message.journey_id

    revoke(town, journey_id)

    assert town.read_offer(offer_id).status == "live"


def test_an_order_that_carries_the_code_uses_it_whatever_its_case(town: Town) -> None:
    offer = town.want(town.journey())
    mint(town)
    changes = town.tell(town.order(discount_codes=(offer.code.lower(),)))

    with store_transaction(town.store_id) as session:
        assert mark_used(session, changes, town.clock.moment) == 1

    assert town.read_offer(offer.offer_id).status == "used"


def test_no_message_shows_a_code_the_shop_does_not_have(town: Town) -> None:
    journey_id = town.journey()
    town.want(journey_id)
    context = {"cart_id": town.cart_id(), "offer": "gift"}
    message_id = town.plan(journey_id, name="gift", context=context)

    town.send()
    assert town.reasons(message_id) == ["waiting_for_offer"]
    mint(town)
    town.clock.advance(minutes=1)
    town.send()

    assert town.reasons(message_id) == ["waiting_for_offer", "sent"]


def test_a_code_somebody_took_away_at_the_shop_is_promised_to_nobody(town: Town) -> None:
    offer = town.want(town.journey())
    mint(town)

    with store_transaction(town.store_id) as session:
        assert close_gone(session, f"discount-{offer.code}") == 1
        assert close_gone(session, f"discount-{offer.code}") == 0

    assert town.read_offer(offer.offer_id).status == "expired"


def test_a_code_that_was_used_stays_used_when_the_shop_deletes_it(town: Town) -> None:
    offer = town.want(town.journey())
    mint(town)
    with store_transaction(town.store_id) as session:
        session.get_one(Offer, (town.store_id, offer.offer_id)).status = "used"
        assert close_gone(session, f"discount-{offer.code}") == 0
