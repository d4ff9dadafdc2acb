"""Quiet hours hold in every zone of the world, whatever its clock does."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.events import ConsentChannel
from app.quiet import (
    ALWAYS,
    MOST_VALID_SECONDS,
    Windows,
    country_of,
    is_allowed,
    next_allowed,
    seconds_until_quiet,
    windows_for,
    zones_for,
)
from app.quiet_data import HOLIDAYS, HOURS_RULES, REGION_ZONES, hours

SMS, WHATSAPP, EMAIL = ConsentChannel.SMS, ConsentChannel.WHATSAPP, ConsentChannel.EMAIL
TODAY = date(2026, 3, 2)
ZONES = sorted(available_timezones() - {"Factory", "localtime"})
DAYTIME = Windows((hours(10, 20),) * 7)

moments = st.datetimes(
    min_value=datetime(1980, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)
)
windows = st.sampled_from(
    [DAYTIME, ALWAYS, Windows((hours(0, 3),) * 7), Windows((None,) * 6 + ((90, 150),))]
    + [windows_for(SMS, country, None, TODAY) for country in (None, "IT", "FR", "BR", "US")]
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(zone: str, text: str, fold: int = 0) -> datetime:
    wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return wall.astimezone(UTC)


@given(moments, st.sampled_from(ZONES), windows)
@example(utc("2011-12-29T12:00"), "Pacific/Apia", DAYTIME)
@example(utc("2011-12-30T09:59:59"), "Pacific/Apia", DAYTIME)
@example(utc("2026-04-04T14:30"), "Australia/Lord_Howe", Windows((hours(0, 3),) * 7))
@example(utc("2018-11-04T02:30"), "America/Sao_Paulo", Windows((hours(0, 3),) * 7))
def test_the_next_allowed_moment_is_allowed_not_earlier_settled_and_within_a_week(
    moment: datetime, zone: str, hours_allowed: Windows
) -> None:
    found = next_allowed(moment, (zone,), hours_allowed)

    assert found is not None
    assert is_allowed(found, (zone,), hours_allowed)
    assert moment <= found <= moment + timedelta(days=7, hours=2)
    assert next_allowed(found, (zone,), hours_allowed) == found


@given(moments, st.lists(st.sampled_from(ZONES), min_size=2, max_size=5), windows)
def test_with_several_zones_all_must_allow(
    moment: datetime, zones: list[str], hours_allowed: Windows
) -> None:
    found = next_allowed(moment, tuple(zones), hours_allowed)

    if found is not None:
        assert found >= moment
        assert all(is_allowed(found, (zone,), hours_allowed) for zone in zones)


CHANGES = [
    ("Europe/Rome", "2026-03-28T22:00", hours(2, 4)),
    ("Europe/Rome", "2026-10-24T22:00", hours(2, 3)),
    ("Australia/Lord_Howe", "2026-10-03T12:00", hours(2, 3)),
    ("Australia/Lord_Howe", "2026-04-04T12:00", hours(1, 2)),
    ("America/Sao_Paulo", "2018-11-03T23:00", hours(0, 1)),
    ("Pacific/Apia", "2011-12-29T08:00", hours(10, 20)),
    ("Asia/Kathmandu", "2026-03-01T00:00", hours(10, 20)),
    ("Africa/Casablanca", "2026-02-14T20:00", hours(2, 3)),
    ("Antarctica/Troll", "2026-03-28T22:00", hours(1, 3)),
]


@pytest.mark.parametrize(("zone", "start", "span"), CHANGES)
def test_around_a_clock_change_no_earlier_minute_was_allowed(
    zone: str, start: str, span: tuple[int, int]
) -> None:
    allowed = Windows((span,) * 7)
    for minute in range(0, 36 * 60, 7):
        moment = utc(start) + timedelta(minutes=minute)
        found = next_allowed(moment, (zone,), allowed)

        by_hand = moment
        while not is_allowed(by_hand, (zone,), allowed):
            by_hand += timedelta(minutes=1)
        assert found == by_hand


def test_a_day_that_samoa_skipped_is_skipped() -> None:
    found = next_allowed(local("Pacific/Apia", "2011-12-29T20:00"), ("Pacific/Apia",), DAYTIME)

    assert found == local("Pacific/Apia", "2011-12-31T10:00")


def test_midnight_that_does_not_exist_opens_with_the_first_minute_that_does() -> None:
    allowed = Windows((hours(0, 3),) * 7)

    found = next_allowed(utc("2018-11-04T02:30"), ("America/Sao_Paulo",), allowed)

    assert found == utc("2018-11-04T03:00")
    assert found.astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1


def test_an_hour_that_comes_twice_is_allowed_twice() -> None:
    allowed = Windows(((120, 150),) * 7)
    between = local("Europe/Rome", "2026-10-25T02:40", fold=0)

    found = next_allowed(between, ("Europe/Rome",), allowed)

    assert found == local("Europe/Rome", "2026-10-25T02:00", fold=1)


def test_zones_half_an_hour_off_keep_their_own_hours() -> None:
    found = next_allowed(utc("2026-03-02T00:00"), ("Asia/Kolkata",), DAYTIME)

    assert found == utc("2026-03-02T04:30")


def test_coast_to_coast_the_common_hours_are_used() -> None:
    zones = ("America/New_York", "America/Los_Angeles")

    found = next_allowed(utc("2026-03-02T15:00"), zones, DAYTIME)

    assert found == utc("2026-03-02T18:00")
    assert seconds_until_quiet(found, zones, DAYTIME) == 7 * 3600


def test_zones_without_a_common_hour_have_no_moment() -> None:
    zones = ("Europe/Rome", "Pacific/Auckland")

    assert next_allowed(utc("2026-03-02T15:00"), zones, DAYTIME) is None


@given(moments, st.sampled_from(ZONES), windows)
def test_the_wait_at_the_provider_ends_before_the_quiet_begins(
    moment: datetime, zone: str, hours_allowed: Windows
) -> None:
    left = seconds_until_quiet(moment, (zone,), hours_allowed)

    assert 0 <= left <= MOST_VALID_SECONDS
    if not is_allowed(moment, (zone,), hours_allowed):
        assert left == 0
    else:
        for part in (0, left // 2, max(left - 1, 0)):
            at = moment + timedelta(seconds=part)
            assert is_allowed(at, (zone,), hours_allowed)
        end = moment + timedelta(seconds=left + 1)
        assert left == MOST_VALID_SECONDS or not is_allowed(end, (zone,), hours_allowed)


def test_a_window_that_a_clock_change_shortens_is_counted_in_real_seconds() -> None:
    allowed = Windows((hours(1, 4),) * 7)

    spring = local("Europe/Rome", "2026-03-29T01:00")
    autumn = local("Europe/Rome", "2026-10-25T01:00")

    assert seconds_until_quiet(spring, ("Europe/Rome",), allowed) == 2 * 3600
    assert seconds_until_quiet(autumn, ("Europe/Rome",), allowed) == 4 * 3600


@pytest.mark.parametrize(
    ("country", "region", "zone", "moment", "allowed"),
    [
        ("IT", None, "Europe/Rome", "2026-03-02T10:00", True),
        ("IT", None, "Europe/Rome", "2026-03-02T09:59", False),
        ("IT", None, "Europe/Rome", "2026-03-07T18:59", True),
        ("IT", None, "Europe/Rome", "2026-03-07T19:00", False),
        ("IT", None, "Europe/Rome", "2026-03-08T12:00", False),
        ("IT", None, "Europe/Rome", "2026-04-06T12:00", False),
        ("FR", None, "Europe/Paris", "2026-03-08T15:00", False),
        ("FR", None, "Europe/Paris", "2026-05-14T15:00", False),
        ("FR", None, "Europe/Paris", "2026-07-14T15:00", False),
        ("FR", None, "Europe/Paris", "2026-03-02T15:00", True),
        ("BR", "SP", "America/Sao_Paulo", "2026-03-07T15:59", True),
        ("BR", "SP", "America/Sao_Paulo", "2026-03-07T16:00", False),
        ("DE", None, "Europe/Berlin", "2026-03-08T12:00", True),
        ("DE", None, "Europe/Berlin", "2026-03-08T11:59", False),
        ("US", "RI", "America/New_York", "2026-03-02T17:59", True),
        ("US", "RI", "America/New_York", "2026-03-02T18:00", False),
        ("US", "NY", "America/New_York", "2026-03-02T19:59", True),
        ("US", "AL", "America/Chicago", "2026-03-08T15:00", False),
        ("US", "AL", "America/Chicago", "2026-11-26T15:00", False),
        ("US", "LA", "America/Chicago", "2026-11-26T15:00", False),
        ("US", "RI", "America/New_York", "2026-03-07T16:59", True),
        ("US", "RI", "America/New_York", "2026-03-08T15:00", False),
        ("US", "us-tx", "America/Chicago", "2026-03-08T12:00", True),
        ("US", None, "America/New_York", "2026-03-02T18:30", False),
    ],
)
def test_hours_by_country_and_state(
    country: str, region: str | None, zone: str, moment: str, allowed: bool
) -> None:
    at = local(zone, moment)

    assert is_allowed(at, (zone,), windows_for(SMS, country, region, at.date())) is allowed


def test_email_has_no_quiet_hours_and_whatsapp_has_those_of_texts() -> None:
    assert windows_for(EMAIL, "US", "RI", TODAY) == ALWAYS
    assert windows_for(WHATSAPP, "US", "RI", TODAY) == windows_for(SMS, "US", "RI", TODAY)


def test_a_rule_counts_from_its_first_day_on() -> None:
    italy = [
        windows_for(SMS, "IT", None, date(2024, 9, day)).on(date(2026, 3, 1)) for day in (27, 28)
    ]

    assert italy == [hours(12, 20), None]


def test_a_rule_whose_first_day_is_not_on_record_counts_always() -> None:
    long_ago = windows_for(SMS, "US", "RI", date(1990, 1, 1))

    assert long_ago == windows_for(SMS, "US", "RI", TODAY)


def test_every_rule_names_its_source_and_no_first_day_is_made_up() -> None:
    dated = {rule.region or rule.country: rule.valid_from for rule in HOURS_RULES}

    assert all(rule.source for rule in HOURS_RULES)
    assert dated["TX"] == date(2025, 9, 1)
    assert {place for place, day in dated.items() if day} == {
        *("CT", "FL", "MD", "OK", "TX", "WA", "IT"),
    }


@pytest.mark.parametrize("calendar", sorted(HOLIDAYS))
def test_no_holiday_is_a_day_for_texts_where_they_are_kept(calendar: str) -> None:
    kept = Windows((hours(0, 24),) * 7, frozenset({calendar}))
    easter_mondays = {2024: date(2024, 4, 1), 2025: date(2025, 4, 21), 2026: date(2026, 4, 6)}

    assert kept.on(date(2026, 12, 25)) is None
    assert kept.on(date(2026, 3, 3)) is not None
    for monday in easter_mondays.values():
        assert (kept.on(monday) is None) == (calendar in {"FR", "IT"})


@pytest.mark.parametrize(
    "day", [(1, 19), (2, 16), (5, 25), (6, 19), (9, 7), (10, 12), (11, 11), (11, 26)]
)
def test_american_holidays_fall_on_the_right_days_of_2026(day: tuple[int, int]) -> None:
    assert Windows(ALWAYS.days, frozenset({"US"})).on(date(2026, *day)) is None


@pytest.mark.parametrize(
    ("country", "region", "phone", "zones"),
    [
        ("IT", None, None, ("Europe/Rome",)),
        ("IT", "MI", "+12125550123", ("Europe/Rome",)),
        ("US", "NY", "+13105550123", ("America/New_York",)),
        ("US", "US-TN", None, ("America/New_York", "America/Chicago")),
        ("US", "HI", None, ("Pacific/Honolulu",)),
        ("ES", "TF", None, ("Atlantic/Canary",)),
        ("ES", "B", None, ("Europe/Madrid",)),
        ("PT", "PT-20", None, ("Atlantic/Azores",)),
        ("BR", "AC", None, ("America/Rio_Branco",)),
        (None, None, "+393331234567", ("Europe/Rome", "Europe/Vatican")),
        (None, None, None, ("Europe/Berlin",)),
        (None, None, "garbage", ("Europe/Berlin",)),
        ("XX", None, None, ("Europe/Berlin",)),
    ],
)
def test_the_zone_comes_from_the_address_then_the_number_then_the_store(
    country: str | None, region: str | None, phone: str | None, zones: tuple[str, ...]
) -> None:
    assert zones_for(country, region, phone, "Europe/Berlin") == zones


def test_an_american_without_a_state_may_be_anywhere_and_where_the_number_says() -> None:
    plain = zones_for("US", None, None, "Europe/Rome")

    assert set(plain) >= {"America/New_York", "America/Los_Angeles"}
    assert "Pacific/Honolulu" not in plain
    assert "Pacific/Honolulu" in zones_for("US", None, "+18085550123", "Europe/Rome")
    assert zones_for(None, None, "+18005550100", "Europe/Rome") == plain
    assert zones_for("US", "ZZ", None, "Europe/Rome") == plain


def test_the_country_is_the_persons_else_their_numbers() -> None:
    assert country_of("IT", "+12125550123") == "IT"
    assert country_of(None, "+12125550123") == "US"
    assert country_of(None, None) is None


def test_every_zone_in_the_table_exists() -> None:
    named = {
        zone
        for by_region in REGION_ZONES.values()
        for zones in by_region.values()
        for zone in zones
    }

    assert named <= set(ZONES)


def test_every_american_state_and_canadian_province_is_known() -> None:
    assert len(REGION_ZONES["US"]) == 50 + 1 + 5
    assert len(REGION_ZONES["CA"]) == 13
    assert len(REGION_ZONES["BR"]) == 27
    assert len(REGION_ZONES["AU"]) == 8


@pytest.mark.parametrize("month", [1, 7])
@pytest.mark.parametrize(
    "country", ["US", "CA", "BR", "AU", "RU", "MX", "ID", "KI", "FR", "ES", "CL"]
)
def test_a_wide_country_without_a_region_still_has_common_hours(country: str, month: int) -> None:
    zones = zones_for(country, None, None, "UTC")
    moment = datetime(2026, month, 8, tzinfo=UTC)

    assert next_allowed(moment, zones, windows_for(SMS, country, None, moment.date())) is not None


def test_a_merchants_own_hours_only_narrow() -> None:
    own = Windows((hours(18, 23),) * 7)

    assert windows_for(SMS, "DE", None, TODAY).cut(own).on(TODAY) == hours(18, 20)
    assert DAYTIME.cut(Windows((hours(21, 22),) * 7)).on(TODAY) is None
