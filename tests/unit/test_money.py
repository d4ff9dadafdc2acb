"""Money is counted in whole minor units, with the decimals its currency really has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.money import exponent, format_money, major_units, minor_units


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.99", "EUR", 1999),
        ("5000", "JPY", 5000),
        ("5000.00", "JPY", 5000),
        ("1.234", "KWD", 1234),
        ("0.5", "IQD", 500),
        ("12.5", "AFN", 1250),
        ("-3.10", "USD", -310),
        ("10.005", "USD", 1001),
        ("0", "CLF", 0),
    ],
)
def test_an_amount_is_counted_in_its_currencys_own_minor_unit(
    amount: str, currency: str, minor: int
) -> None:
    assert minor_units(amount, currency) == minor


@pytest.mark.parametrize("amount", ["", "abc", "NaN", "Infinity", "1,99", "1e30"])
def test_what_is_not_an_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        minor_units(amount, "EUR")


def test_a_float_is_refused_because_it_has_lost_its_cents_already() -> None:
    with pytest.raises(ValueError, match="must be text"):
        minor_units(19.99, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "QQQ"])
def test_an_unknown_currency_is_never_guessed(currency: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        exponent(currency)


@given(st.integers(-(10**14), 10**14), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_minor_units_survive_the_trip_through_text(minor: int, currency: str) -> None:
    assert minor_units(major_units(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "shown"),
    [
        (1999, "EUR", "de", "19,99\xa0€"),
        (123456, "USD", "en-US", "$1,234.56"),
        (5000, "JPY", "ja", "￥5,000"),
        (1234, "KWD", "en", "KWD\xa01.234"),
        (123456, "BRL", "pt-BR", "R$\xa01.234,56"),
        (1250, "AFN", "en", "AFN\xa012.50"),
        (1999, "EUR", "xx-nowhere", "€19.99"),
    ],
)
def test_money_is_shown_as_its_reader_writes_it(
    minor: int, currency: str, locale: str, shown: str
) -> None:
    assert format_money(minor, currency, locale) == shown
