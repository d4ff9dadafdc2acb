"""The local truth check: every refusal has its reason, and what can wait is moved, not lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.customers.snapshot import ConsentNow
from app.law import Purpose
from app.messages.attention import Asked, Attention
from app.messages.truth import check
from app.messages.verdict import Go, Hold, Move
from app.models import Flow, Store
from app.reasons import Reason
from app.stores.settings import StoreSettings
from tests.unit.messages.truth_facts import (
    CART,
    ENTERED,
    NOW,
    STORE,
    cart,
    facts,
    offer,
    order,
    person,
    subscribed,
)


def held(found: object) -> Reason:
    assert isinstance(found, Hold), found
    return found.reason


@pytest.mark.requirement(65)
def test_a_reminder_to_a_subscriber_at_noon_goes_on_their_opt_in() -> None:
    verdict = check(facts(), NOW)

    assert isinstance(verdict, Go)
    assert verdict.basis == "opt_in"


def test_who_has_ordered_since_gets_no_reminder_and_leaves_the_journey() -> None:
    verdict = check(facts(snapshot=person(orders=(order(),))), NOW)

    assert isinstance(verdict, Hold)
    assert (verdict.reason, verdict.exits) == (Reason.ALREADY_ORDERED, True)
    assert verdict.compared["order"] == "1001"


def test_an_order_placed_before_the_journey_but_after_the_cart_ends_the_reminder() -> None:
    """Its webhook came hours late: the cart was bought before we called it abandoned."""
    late = order(placed_at=ENTERED - timedelta(minutes=30))

    assert held(check(facts(snapshot=person(orders=(late,))), NOW)) is Reason.ALREADY_ORDERED


def test_an_order_of_the_same_cart_counts_whatever_its_clock_says() -> None:
    same_cart = order(placed_at=ENTERED - timedelta(days=3), cart_keys=("c1",))

    assert held(check(facts(snapshot=person(orders=(same_cart,))), NOW)) is Reason.ALREADY_ORDERED


def test_last_months_order_does_not_stop_todays_reminder() -> None:
    old = order(placed_at=NOW - timedelta(days=30))

    assert isinstance(check(facts(snapshot=person(orders=(old,))), NOW), Go)


def test_a_thank_you_is_not_stopped_by_the_order_it_thanks_for() -> None:
    after_sale = {"purpose": "post_sale", "context": {"order_key": "o1"}}

    assert isinstance(check(facts(message=after_sale, snapshot=person(orders=(order(),))), NOW), Go)


@pytest.mark.requirement(48)
@pytest.mark.parametrize(
    ("name", "commercial", "goes"),
    [
        ("confirmation", False, True),
        ("first-steps", False, False),
        ("tips", True, False),
        ("survey", False, False),
    ],
)
def test_an_opt_out_stops_all_that_follows_a_sale_but_the_confirmation(
    name: str, commercial: bool, goes: bool
) -> None:
    refused = {"email": ConsentNow(state="unsubscribed", since=ENTERED, source="shopify")}
    message = {
        "purpose": "post_sale",
        "name": name,
        "commercial": commercial,
        "context": {"order_key": "o1"},
    }

    someone = person(consent=refused, orders=(order(),))
    verdict = check(facts(message=message, snapshot=someone), NOW)

    assert isinstance(verdict, Go) is goes
    assert goes or held(verdict) is Reason.OPTED_OUT


@pytest.mark.parametrize(
    ("carts", "reason"),
    [
        ((), Reason.CART_GONE),
        ((cart(lines=()),), Reason.CART_GONE),
    ],
)
def test_a_cart_that_is_gone_gets_no_reminder(carts: tuple[Any, ...], reason: Reason) -> None:
    assert held(check(facts(snapshot=person(carts=carts)), NOW)) is reason


def test_a_reminder_waits_while_its_shopper_is_back_and_goes_when_the_cart_is_left_again() -> None:
    changed = NOW - timedelta(minutes=20)
    busy = person(carts=(cart(status="active", changed_at=changed),))

    verdict = check(facts(snapshot=busy), NOW)

    left_again = changed + timedelta(minutes=60)
    assert isinstance(verdict, Move)
    assert (verdict.reason, verdict.until) == (Reason.CART_CHANGED, left_again)
    assert isinstance(check(facts(snapshot=busy), left_again), Go)


def test_a_reminder_whose_time_runs_out_while_the_cart_is_in_use_is_held() -> None:
    busy = person(carts=(cart(status="active", changed_at=NOW),))
    message = {"deadline_at": NOW + timedelta(minutes=30)}

    assert held(check(facts(message=message, snapshot=busy), NOW)) is Reason.DEADLINE_PASSED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"email": None}, Reason.NO_ADDRESS),
        ({"suppressed": {"email": "bounced"}}, Reason.SUPPRESSED),
        ({"erased": True}, Reason.PERSON_ERASED),
        ({"holds_promotions": True}, Reason.PROMOTIONS_ON_HOLD),
        ({"consent": {}}, Reason.NO_LEGAL_BASIS),
    ],
)
def test_what_forbids_a_message_to_a_person_is_named(
    changes: dict[str, Any], reason: Reason
) -> None:
    assert held(check(facts(snapshot=person(**changes)), NOW)) is reason


def test_an_opt_out_beats_everything_but_is_about_its_channel_only() -> None:
    out = ConsentNow(state="unsubscribed", since=NOW, source="twilio")
    someone = person(consent={**subscribed("email"), "sms": out})

    assert held(check(facts(message={"channel": "sms"}, snapshot=someone), NOW)) is Reason.OPTED_OUT
    assert isinstance(check(facts(snapshot=someone), NOW), Go)


@pytest.mark.requirement(3)
def test_a_text_never_goes_without_an_opt_in() -> None:
    someone = person(consent=subscribed("email"))

    assert (
        held(check(facts(message={"channel": "sms"}, snapshot=someone), NOW)) is Reason.NO_CONSENT
    )


@pytest.mark.requirement(69)
def test_soft_opt_in_needs_a_paid_order_a_similar_product_and_a_chance_to_refuse() -> None:
    bought = order(placed_at=NOW - timedelta(days=60), product_keys=("p1",))
    buyer = person(consent={}, orders=(bought,))
    asks = StoreSettings(refusal_offered_at_checkout=True)
    unlike = person(consent={}, orders=(order(placed_at=bought.placed_at, product_keys=("p9",)),))

    verdict = check(facts(snapshot=buyer, settings=asks), NOW)

    assert isinstance(verdict, Go)
    assert verdict.basis == "soft_opt_in"
    assert held(check(facts(snapshot=buyer), NOW)) is Reason.NO_LEGAL_BASIS
    assert held(check(facts(snapshot=unlike, settings=asks), NOW)) is Reason.NO_LEGAL_BASIS


@pytest.mark.requirement(125)
@pytest.mark.parametrize(("home", "shop"), [("DE", "IT"), (None, "AT")])
def test_a_single_tick_where_courts_expect_more_is_refused_and_named(
    home: str | None, shop: str
) -> None:
    store = Store(store_id=STORE, status="active", timezone="Europe/Berlin", country=shop)
    ticked = person(country=home)
    confirmed = person(
        country=home,
        consent={
            "email": ConsentNow(state="subscribed", since=ENTERED, source="shopify", confirmed=True)
        },
    )
    lenient = StoreSettings(confirmed_opt_in_where_expected=False)

    refused = check(facts(snapshot=ticked, store=store), NOW)

    assert held(refused) is Reason.OPT_IN_NOT_CONFIRMED
    assert refused.compared["law"] == "not_confirmed"
    assert refused.compared["country"] == (home or shop)
    assert isinstance(check(facts(snapshot=confirmed, store=store), NOW), Go)
    assert isinstance(check(facts(snapshot=ticked, store=store, settings=lenient), NOW), Go)


def test_nobody_is_silenced_for_a_country_that_is_not_known() -> None:
    store = Store(store_id=STORE, status="active", timezone="Europe/Rome", country=None)

    assert isinstance(check(facts(snapshot=person(country=None), store=store), NOW), Go)


def test_products_of_one_category_are_similar() -> None:
    bought = order(placed_at=NOW - timedelta(days=60), product_keys=("p9",))
    buyer = person(consent={}, orders=(bought,))
    shelf = {"p1": frozenset({"Herbs"}), "p9": frozenset({"Herbs"})}

    found = facts(
        snapshot=buyer,
        settings=StoreSettings(refusal_offered_at_checkout=True),
        categories=shelf,
    )

    assert isinstance(check(found, NOW), Go)


AMERICAN = {"country": "US", "region": "NY", "phone": "+12125550123"}
IN_NEW_YORK = datetime.fromisoformat("2026-03-02T17:00+00:00")


def american(sent_before: int = 0, abandoned: datetime = IN_NEW_YORK) -> object:
    asked = Attention(
        tuple(
            Asked(
                message_id=STORE,
                journey_id=STORE,
                channel="sms",
                commercial=True,
                at=IN_NEW_YORK - timedelta(days=1, hours=1),
                planned=False,
                purpose="cart",
                cart_id=str(CART),
            )
            for _ in range(sent_before)
        )
    )
    found = facts(
        message={"channel": "sms", "deadline_at": None},
        journey={"entered_at": abandoned},
        snapshot=person(**AMERICAN, carts=(cart(abandoned_at=abandoned),)),
        named_purposes=frozenset({Purpose.CART}),
        asked=asked,
    )
    return check(found, IN_NEW_YORK)


@pytest.mark.requirement(67)
def test_an_american_gets_one_text_for_a_cart_within_48_hours() -> None:
    assert isinstance(american(), Go)
    assert held(american(sent_before=1)) is Reason.ONE_TEXT_PER_CART
    assert held(american(abandoned=IN_NEW_YORK - timedelta(hours=49))) is Reason.CART_TEXT_TOO_LATE


def test_whatsapp_marketing_never_goes_to_a_plus_one_number() -> None:
    found = facts(message={"channel": "whatsapp"}, snapshot=person(**AMERICAN))

    assert held(check(found, IN_NEW_YORK)) is Reason.COUNTRY_FORBIDS


def test_quiet_hours_move_a_message_to_the_morning() -> None:
    night = NOW.replace(hour=21)

    verdict = check(facts(message={"deadline_at": None}), night)

    assert isinstance(verdict, Move)
    assert verdict.reason is Reason.QUIET_HOURS
    assert verdict.until == datetime.fromisoformat("2026-03-03T09:00+00:00")


def test_quiet_hours_follow_the_clock_change() -> None:
    """Rome's clocks go forward on 29 March 2026: ten o'clock is then 08:00 UTC."""
    night = datetime.fromisoformat("2026-03-28T21:00+00:00")

    verdict = check(facts(message={"deadline_at": None}), night)

    assert isinstance(verdict, Move)
    assert verdict.until == datetime.fromisoformat("2026-03-29T08:00+00:00")


def test_a_text_is_valid_only_until_the_quiet_begins() -> None:
    almost = datetime.fromisoformat("2026-03-02T18:30+00:00")

    verdict = check(facts(message={"channel": "sms"}), almost)

    assert isinstance(verdict, Go)
    assert verdict.valid_for_seconds == 30 * 60


def test_a_full_cap_moves_the_message() -> None:
    this_morning = NOW - timedelta(hours=2)
    sent = Asked(
        message_id=STORE,
        journey_id=STORE,
        channel="email",
        commercial=True,
        at=this_morning,
        planned=False,
        purpose="welcome",
    )
    found = facts(message={"deadline_at": None}, asked=Attention((sent,)))

    verdict = check(found, NOW)

    assert isinstance(verdict, Move)
    assert (verdict.reason, verdict.until) == (
        Reason.FREQUENCY_CAP,
        this_morning + timedelta(hours=23),
    )


def test_a_move_past_the_deadline_is_a_hold_that_names_both() -> None:
    night = NOW.replace(hour=21)

    verdict = check(facts(message={"deadline_at": night + timedelta(hours=3)}), night)

    assert isinstance(verdict, Hold)
    assert verdict.reason is Reason.DEADLINE_PASSED
    assert verdict.compared["moved_for"] is Reason.QUIET_HOURS


@pytest.mark.parametrize(
    ("name", "kept", "expected"),
    [
        ("gift", offer(), None),
        ("gift", None, Reason.OFFER_REFUSED),
        ("gift", offer(status="refused", reason="offer_budget_spent"), Reason.OFFER_BUDGET_SPENT),
        ("gift", offer(status="revoked"), Reason.OFFER_EXPIRED),
        ("gift", offer(expires_at=NOW), Reason.OFFER_EXPIRED),
    ],
)
def test_only_a_living_code_is_shown(name: str, kept: Any, expected: Reason | None) -> None:
    message = {"context": {"cart_id": str(CART), "offer": name}}

    verdict = check(facts(message=message, offer=kept), NOW)

    assert (verdict.reason if isinstance(verdict, Hold) else None) is expected


def test_a_code_still_in_the_making_moves_the_message() -> None:
    message = {"context": {"cart_id": str(CART), "offer": "gift"}}

    verdict = check(facts(message=message, offer=offer(status="wanted")), NOW)

    assert isinstance(verdict, Move)
    assert verdict.reason is Reason.WAITING_FOR_OFFER


def test_the_last_message_of_a_completed_journey_still_goes() -> None:
    assert isinstance(check(facts(journey={"status": "completed"}), NOW), Go)


def test_a_journey_that_was_left_takes_its_messages_along() -> None:
    left = {"status": "exited", "end_reason": "goal_reached"}

    assert held(check(facts(journey=left), NOW)) is Reason.GOAL_REACHED


def test_a_holdout_is_never_written_to() -> None:
    assert held(check(facts(journey={"arm": "holdout"}), NOW)) is Reason.HOLDOUT


def test_a_paused_flow_makes_its_messages_wait() -> None:
    verdict = check(facts(flow=Flow(slug="cart", status="paused")), NOW)

    assert isinstance(verdict, Move)
    assert verdict.reason is Reason.FLOW_PAUSED


@pytest.mark.parametrize("orders", [(), (order(refunded_minor=4_200),)])
def test_nobody_is_written_to_about_an_order_that_was_undone(orders: tuple[Any, ...]) -> None:
    message = {"purpose": "post_sale", "commercial": False, "context": {"order_key": "o1"}}

    verdict = check(facts(message=message, snapshot=person(orders=orders)), NOW)

    assert held(verdict) is Reason.ORDER_CANCELLED


def test_a_store_that_left_sends_nothing() -> None:
    gone = Store(store_id=STORE, status="uninstalled", timezone="Europe/Rome", country="IT")

    assert held(check(facts(store=gone), NOW)) is Reason.STORE_GONE
