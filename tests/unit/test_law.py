"""The legal basis of a message, country by country. Every refusal names its reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.events import ConsentChannel, ConsentState
from app.law import (
    Basis,
    Contact,
    Purpose,
    Reason,
    double_opt_in_rule,
    legal_basis,
    sms_cart_allowed,
    whatsapp_marketing_allowed,
)
from app.law_data import CART_TEXT_RULES, CONFIRMED_RULES, EEA, SOFT_RULES, WHATSAPP_BLOCKS

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EMAIL, SMS, WHATSAPP = ConsentChannel.EMAIL, ConsentChannel.SMS, ConsentChannel.WHATSAPP
YES, PENDING, NO = ConsentState.SUBSCRIBED, ConsentState.PENDING, ConsentState.UNSUBSCRIBED

STRANGER = Contact(country="IT", channel=EMAIL, purpose=Purpose.CART, phone="+393331234567")
BUYER = replace(
    STRANGER, paid_order_at=NOW - timedelta(days=90), similar=True, refusal_offered=True
)


@pytest.mark.requirement(69)
def test_italian_soft_spam_reaches_a_buyer_by_email_about_similar_products() -> None:
    ruling = legal_basis(BUYER, NOW)

    assert (ruling.basis, ruling.reason) == (Basis.SOFT_OPT_IN, Reason.AFTER_SALE)
    assert "130(4)" in (ruling.source or "")


@pytest.mark.requirement(3, 69)
@pytest.mark.parametrize(
    ("contact", "reason"),
    [
        (STRANGER, Reason.NO_PAID_ORDER),
        (replace(STRANGER, inquiry_at=NOW), Reason.NO_PAID_ORDER),
        (replace(BUYER, similar=False), Reason.NOT_SIMILAR),
        (replace(BUYER, refusal_offered=False), Reason.REFUSAL_NOT_OFFERED),
        (replace(BUYER, purpose=Purpose.REFERRAL), Reason.OPT_IN_NEEDED),
        (replace(BUYER, paid_order_at=NOW + timedelta(days=1)), Reason.RELATION_TOO_OLD),
        (replace(BUYER, channel=SMS), Reason.TEXT_NEEDS_OPT_IN),
        (replace(BUYER, channel=WHATSAPP), Reason.WHATSAPP_NEEDS_OPT_IN),
        (replace(BUYER, consent=NO), Reason.OPTED_OUT),
    ],
)
def test_italian_soft_spam_has_no_wider_door(contact: Contact, reason: Reason) -> None:
    ruling = legal_basis(contact, NOW)

    assert (ruling.basis, ruling.reason) == (Basis.NONE, reason)


@pytest.mark.parametrize("country", sorted(EEA))
def test_a_cart_is_no_sale_anywhere_in_the_eea(country: str) -> None:
    contact = replace(STRANGER, country=country, inquiry_at=NOW, refusal_offered=True, similar=True)

    assert legal_basis(contact, NOW).reason is Reason.NO_PAID_ORDER
    assert legal_basis(replace(contact, consent=YES, confirmed=True), NOW).basis is Basis.OPT_IN


def test_in_the_united_kingdom_negotiations_for_a_sale_count() -> None:
    contact = replace(STRANGER, country="GB", inquiry_at=NOW, refusal_offered=True, similar=True)

    assert legal_basis(contact, NOW).reason is Reason.AFTER_INQUIRY
    assert legal_basis(replace(contact, inquiry_at=None), NOW).reason is Reason.NO_PAID_ORDER


@pytest.mark.parametrize(
    ("bought", "asked", "reason"),
    [
        (datetime(2024, 3, 2, 9, 1, tzinfo=UTC), None, Reason.AFTER_SALE),
        (datetime(2024, 3, 2, 9, 0, tzinfo=UTC), None, Reason.RELATION_TOO_OLD),
        (None, datetime(2025, 9, 2, 9, 1, tzinfo=UTC), Reason.AFTER_INQUIRY),
        (None, datetime(2025, 9, 2, 9, 0, tzinfo=UTC), Reason.RELATION_TOO_OLD),
        (None, None, Reason.NO_PAID_ORDER),
    ],
)
def test_canadian_implied_consent_lasts_24_months_after_a_sale_and_6_after_a_question(
    bought: datetime | None, asked: datetime | None, reason: Reason
) -> None:
    contact = replace(STRANGER, country="CA", paid_order_at=bought, inquiry_at=asked)

    assert legal_basis(contact, NOW).reason is reason


def test_american_email_is_an_opt_out_regime() -> None:
    ruling = legal_basis(replace(STRANGER, country="US"), NOW)

    assert (ruling.basis, ruling.reason) == (Basis.SOFT_OPT_IN, Reason.OPT_OUT_COUNTRY)
    assert not legal_basis(replace(STRANGER, country="US", consent=NO), NOW).allowed


@pytest.mark.parametrize("country", [None, "JP", "IN", "AU", "XX"])
def test_where_no_rule_is_known_only_an_opt_in_counts(country: str | None) -> None:
    assert legal_basis(replace(BUYER, country=country), NOW).reason is Reason.OPT_IN_NEEDED
    assert legal_basis(replace(BUYER, country=country, consent=YES), NOW).allowed


def test_a_law_applies_from_its_first_day() -> None:
    contact = replace(BUYER, country="CA", paid_order_at=datetime(2014, 6, 1, tzinfo=UTC))

    assert not legal_basis(contact, datetime(2014, 6, 30, tzinfo=UTC)).allowed
    assert legal_basis(contact, datetime(2014, 7, 1, tzinfo=UTC)).allowed


@pytest.mark.parametrize("channel", [SMS, WHATSAPP])
@pytest.mark.parametrize("consent", [None, PENDING, NO])
@pytest.mark.parametrize("country", ["IT", "US", "BR", "CA", None])
def test_texts_and_whatsapp_always_need_a_finished_opt_in(
    channel: ConsentChannel, consent: ConsentState | None, country: str | None
) -> None:
    contact = replace(BUYER, channel=channel, consent=consent, country=country)

    assert not legal_basis(contact, NOW).allowed


def test_an_opt_in_carries_only_the_purposes_it_named() -> None:
    named = replace(STRANGER, consent=YES, purposes=frozenset({Purpose.PROMOTION}))

    assert legal_basis(named, NOW).reason is Reason.OTHER_PURPOSE
    assert legal_basis(replace(named, purpose=Purpose.PROMOTION), NOW).basis is Basis.OPT_IN


def test_a_narrow_opt_in_takes_nothing_from_a_buyers_soft_opt_in() -> None:
    narrow = replace(BUYER, consent=YES, purposes=frozenset({Purpose.REFERRAL}))

    assert legal_basis(narrow, NOW).basis is Basis.SOFT_OPT_IN


@pytest.mark.requirement(67)
def test_an_american_cart_text_needs_an_opt_in_that_named_carts() -> None:
    text = replace(STRANGER, channel=SMS, consent=YES, country="US", phone="+12125550123")
    named = replace(text, purposes=frozenset({Purpose.CART}))

    assert legal_basis(text, NOW).reason is Reason.CART_NOT_NAMED
    assert legal_basis(named, NOW).basis is Basis.OPT_IN
    assert legal_basis(replace(text, country="IT", phone="+393331234567"), NOW).allowed
    assert legal_basis(replace(text, purpose=Purpose.WIN_BACK), NOW).allowed


@pytest.mark.requirement(67)
@pytest.mark.parametrize(
    ("case", "allowed", "reason"),
    [
        (("US", "+12125550123", 47, 0), True, Reason.WITHIN_CARRIER_RULE),
        (("US", "+12125550123", 48, 0), True, Reason.WITHIN_CARRIER_RULE),
        (("US", "+12125550123", 49, 0), False, Reason.CART_TOO_OLD),
        (("US", "+12125550123", 2, 1), False, Reason.CART_TEXT_SENT),
        ((None, "+12125550123", 72, 0), False, Reason.CART_TOO_OLD),
        (("IT", "+12125550123", 72, 0), False, Reason.CART_TOO_OLD),
        (("US", None, 72, 0), False, Reason.CART_TOO_OLD),
        (("IT", "+393331234567", 72, 1), True, Reason.NO_CARRIER_RULE),
        (("CA", "+14165550123", 72, 0), True, Reason.NO_CARRIER_RULE),
        ((None, "nonsense", 72, 0), True, Reason.NO_CARRIER_RULE),
    ],
)
def test_one_american_cart_text_within_48_hours_and_the_briefs_rule_elsewhere(
    case: tuple[str | None, str | None, int, int], allowed: bool, reason: Reason
) -> None:
    country, phone, hours, before = case

    verdict = sms_cart_allowed(country, phone, NOW - timedelta(hours=hours), NOW, before)

    assert (verdict.allowed, verdict.reason) == (allowed, reason)


def test_a_cart_texts_deadline_is_told_for_the_schedule() -> None:
    verdict = sms_cart_allowed("US", None, NOW, NOW, 0)

    assert verdict.until == NOW + timedelta(hours=48)


@pytest.mark.parametrize(
    ("phone", "at", "allowed"),
    [
        ("+12125550123", NOW, False),
        ("+12125550123", datetime(2025, 3, 31, tzinfo=UTC), True),
        ("+393331234567", NOW, True),
        (None, NOW, False),
        ("", NOW, False),
    ],
)
def test_no_whatsapp_marketing_to_north_america(
    phone: str | None, at: datetime, allowed: bool
) -> None:
    assert whatsapp_marketing_allowed(phone, at) is allowed


def test_whatsapp_marketing_to_north_america_is_refused_even_with_an_opt_in() -> None:
    contact = replace(STRANGER, channel=WHATSAPP, consent=YES, phone="+12125550123")

    assert legal_basis(contact, NOW).reason is Reason.WHATSAPP_BLOCKED_HERE


def test_only_an_orders_confirmation_goes_after_an_opt_out_and_only_by_email() -> None:
    service = replace(STRANGER, purpose=Purpose.SERVICE, consent=NO)
    confirmation = replace(service, purpose=Purpose.CONFIRMATION)

    assert legal_basis(confirmation, NOW).basis is Basis.TRANSACTIONAL
    assert legal_basis(replace(confirmation, channel=SMS), NOW).reason is Reason.OPTED_OUT
    assert legal_basis(service, NOW).reason is Reason.OPTED_OUT
    assert legal_basis(replace(service, consent=None), NOW).basis is Basis.TRANSACTIONAL
    assert legal_basis(replace(service, channel=SMS), NOW).reason is Reason.OPTED_OUT
    assert legal_basis(replace(service, channel=SMS, consent=None), NOW).allowed
    for consent in (None, PENDING, NO):
        assert not legal_basis(replace(service, channel=WHATSAPP, consent=consent), NOW).allowed
    assert legal_basis(replace(service, channel=WHATSAPP, consent=YES), NOW).allowed


@pytest.mark.requirement(125)
@pytest.mark.parametrize("channel", [EMAIL, SMS, WHATSAPP])
@pytest.mark.parametrize("country", ["DE", "AT"])
def test_where_courts_expect_it_a_single_tick_carries_no_advertising(
    country: str, channel: ConsentChannel
) -> None:
    ticked = replace(STRANGER, country=country, channel=channel, consent=YES)

    ruling = legal_basis(ticked, NOW)

    assert (ruling.basis, ruling.reason) == (Basis.NONE, Reason.NOT_CONFIRMED)
    assert ruling.source
    assert legal_basis(replace(ticked, confirmed=True), NOW).basis is Basis.OPT_IN
    assert legal_basis(replace(ticked, asks_confirmation=False), NOW).basis is Basis.OPT_IN


def test_an_unconfirmed_tick_takes_nothing_from_a_buyers_soft_opt_in() -> None:
    ticked = replace(BUYER, country="DE", consent=YES)

    assert legal_basis(ticked, NOW).basis is Basis.SOFT_OPT_IN
    assert legal_basis(replace(ticked, refusal_offered=False), NOW).reason is Reason.NOT_CONFIRMED
    assert legal_basis(replace(ticked, purpose=Purpose.REFERRAL), NOW).reason is (
        Reason.NOT_CONFIRMED
    )


def test_a_service_message_asks_for_no_confirmation() -> None:
    service = replace(STRANGER, country="DE", purpose=Purpose.SERVICE, consent=YES)

    assert legal_basis(service, NOW).basis is Basis.TRANSACTIONAL
    assert legal_basis(replace(service, channel=WHATSAPP), NOW).basis is Basis.TRANSACTIONAL


@pytest.mark.parametrize("country", ["IT", "US", "CH", None])
def test_elsewhere_and_where_nothing_is_known_a_tick_is_an_opt_in(country: str | None) -> None:
    assert legal_basis(replace(STRANGER, country=country, consent=YES), NOW).basis is Basis.OPT_IN


@pytest.mark.parametrize(
    ("country", "last_free_day"),
    [("DE", datetime(2011, 2, 9, tzinfo=UTC)), ("AT", datetime(2019, 10, 8, tzinfo=UTC))],
)
def test_a_confirmation_is_expected_from_the_day_of_the_ruling(
    country: str, last_free_day: datetime
) -> None:
    assert double_opt_in_rule(country, last_free_day) is None
    assert double_opt_in_rule(country, last_free_day + timedelta(days=1)) is not None


def test_every_rule_is_dated_and_sourced() -> None:
    rows = [(rule.source, rule.valid_from) for rule in SOFT_RULES]
    rows += [(rule.source, rule.valid_from) for rule in CART_TEXT_RULES]
    rows += [(block.source, block.valid_from) for block in WHATSAPP_BLOCKS]
    rows += [(rule.source, rule.valid_from) for rule in CONFIRMED_RULES]

    assert all(source and begun < NOW.date() for source, begun in rows)


CONTACTS = st.builds(
    Contact,
    country=st.sampled_from(["IT", "US", "CA", "GB", "BR", "DE", None]),
    confirmed=st.booleans(),
    asks_confirmation=st.booleans(),
    channel=st.sampled_from(ConsentChannel),
    purpose=st.sampled_from(Purpose),
    consent=st.sampled_from([None, *ConsentState]),
    purposes=st.none() | st.frozensets(st.sampled_from(Purpose)),
    paid_order_at=st.none() | st.just(NOW - timedelta(days=5)),
    similar=st.booleans(),
    refusal_offered=st.booleans(),
    inquiry_at=st.none() | st.just(NOW),
    phone=st.sampled_from([None, "+393331234567", "+12125550123"]),
)


@given(CONTACTS)
def test_an_opt_out_is_never_outweighed(contact: Contact) -> None:
    refused = replace(contact, consent=NO)

    ruling = legal_basis(refused, NOW)

    assert ruling.basis in {Basis.NONE, Basis.TRANSACTIONAL}
    confirms = refused.purpose is Purpose.CONFIRMATION
    assert ruling.allowed == (confirms and refused.channel is EMAIL)


@given(CONTACTS)
def test_opting_in_never_takes_a_basis_away(contact: Contact) -> None:
    before = legal_basis(replace(contact, consent=None), NOW)
    after = legal_basis(replace(contact, consent=YES), NOW)

    assert after.allowed or not before.allowed
