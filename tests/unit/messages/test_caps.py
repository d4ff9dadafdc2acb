"""Caps: what was sent counts, what is planned or transactional does not, and nothing is lost."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from app.messages.attention import Asked, Attention
from app.messages.caps import first_full_cap
from app.stores.settings import Caps

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def asked(*hours_ago: float, channel: str = "email", commercial: bool = True) -> Attention:
    return Attention(
        tuple(
            Asked(
                message_id=uuid4(),
                journey_id=uuid4(),
                channel=channel,
                commercial=commercial,
                at=NOW - timedelta(hours=hours),
                planned=False,
                purpose="cart",
            )
            for hours in sorted(hours_ago, reverse=True)
        )
    )


def test_the_first_message_of_the_day_may_go() -> None:
    assert first_full_cap(Caps(), "email", True, asked(25), NOW) is None


def test_a_second_mail_moves_to_a_day_after_the_first() -> None:
    full = first_full_cap(Caps(), "email", True, asked(5), NOW)

    assert full is not None
    assert full.until == NOW + timedelta(hours=18)


def test_the_cap_that_waits_longest_decides() -> None:
    weekly = asked(160, 120, 80, 30)

    full = first_full_cap(Caps(), "email", True, weekly, NOW)

    assert full is not None
    assert (full.cap, full.limit, full.sent) == ("email_per_week", 4, 4)
    assert full.until == NOW + timedelta(hours=8)


def test_one_promotion_a_day_over_all_channels() -> None:
    full = first_full_cap(Caps(), "sms", True, asked(3), NOW)

    assert full is not None
    assert full.cap == "promotional_per_day"
    assert full.until == NOW + timedelta(hours=20)


def test_an_order_mail_is_never_capped() -> None:
    assert first_full_cap(Caps(), "email", False, asked(1, 2, 3, 4, 5), NOW) is None


def test_an_order_mail_does_not_use_up_the_promotion_of_another_channel() -> None:
    assert first_full_cap(Caps(), "sms", True, asked(1, commercial=False), NOW) is None


def test_a_limit_of_zero_moves_and_never_drops() -> None:
    full = first_full_cap(Caps(sms_per_day=0), "sms", True, Attention(), NOW)

    assert full is not None
    assert full.until == NOW + timedelta(hours=23)


def test_a_message_does_not_stand_in_its_own_way() -> None:
    own = asked(1)

    assert first_full_cap(Caps(), "email", True, own.without(own.messages[0].message_id), NOW) is (
        None
    )
