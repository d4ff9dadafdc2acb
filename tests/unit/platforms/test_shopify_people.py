"""Shopify's customers and their choices, in our words."""

from datetime import UTC, datetime

import pytest

from app.events import (
    CONFIRMED_OPT_IN,
    ConsentChanged,
    ConsentChannel,
    ConsentState,
    CustomerDeleted,
    CustomerSeen,
)
from tests.unit.platforms.shopify_bodies import ARRIVED, changed, facts, only


@pytest.mark.requirement(10)
def test_a_customers_email_is_lower_case_and_the_phone_stays_as_given() -> None:
    seen = only(CustomerSeen, "customers/update", "customers_update")

    assert (seen.person.email, seen.person.phone) == ("ana@example.com", "+390110000001")
    assert seen.updated_at == datetime(2026, 3, 1, 9, 15, 31, tzinfo=UTC)


def test_a_deleted_customer_is_named_by_key() -> None:
    deleted = only(CustomerDeleted, "customers/delete", "customers_delete")

    assert deleted.platform_key == "7064055069301"


@pytest.mark.parametrize(
    ("topic", "name", "channel", "state"),
    [
        (
            "customers_email_marketing_consent/update",
            "customers_email_marketing_consent_update",
            ConsentChannel.EMAIL,
            ConsentState.SUBSCRIBED,
        ),
        (
            "customers_marketing_consent/update",
            "customers_marketing_consent_update",
            ConsentChannel.SMS,
            ConsentState.UNSUBSCRIBED,
        ),
        (
            "customers_whats_app_marketing_consent/update",
            "customers_whats_app_marketing_consent_update",
            ConsentChannel.WHATSAPP,
            ConsentState.SUBSCRIBED,
        ),
    ],
)
def test_each_channel_has_a_choice_of_its_own(
    topic: str, name: str, channel: ConsentChannel, state: ConsentState
) -> None:
    choice = only(ConsentChanged, topic, name)

    assert (choice.channel, choice.state) == (channel, state)
    assert choice.person.platform_key == "7064055069301"
    assert choice.level is not None


def test_a_confirmed_opt_in_is_told_as_one_however_it_is_written() -> None:
    body = changed(
        "customers_email_marketing_consent_update",
        email_marketing_consent={"state": "subscribed", "opt_in_level": "CONFIRMED_OPT_IN"},
    )

    (choice,) = facts("customers_email_marketing_consent/update", body)

    assert isinstance(choice, ConsentChanged)
    assert choice.level == CONFIRMED_OPT_IN


@pytest.mark.parametrize(
    ("word", "state"),
    [("redacted", ConsentState.UNSUBSCRIBED), ("invalid", ConsentState.UNSUBSCRIBED)],
)
def test_an_address_shopify_gave_up_on_may_not_be_written_to(
    word: str, state: ConsentState
) -> None:
    body = changed(
        "customers_email_marketing_consent_update",
        email_marketing_consent={"state": word, "consent_updated_at": None},
    )

    (choice,) = facts("customers_email_marketing_consent/update", body)

    assert isinstance(choice, ConsentChanged)
    assert (choice.state, choice.updated_at) == (state, ARRIVED)


def test_somebody_never_asked_has_made_no_choice() -> None:
    body = changed(
        "customers_email_marketing_consent_update",
        email_marketing_consent={"state": "not_subscribed"},
    )

    assert facts("customers_email_marketing_consent/update", body) == []
