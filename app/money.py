"""Money as integer minor units: the one place that knows how many decimals a currency has.

It must never touch a float, and never guess at a currency it does not know: a wrong exponent is a
wrong price by a factor of a thousand.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_symbol, list_currencies

# ISO 4217, not CLDR: CLDR holds how prices are customarily shown (the Iraqi dinar without
# decimals), ISO how they are counted. https://www.iso.org/iso-4217-currency-codes.html
_EXPONENTS = {
    currency: digits
    for digits, currencies in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for currency in currencies.split()
}
_USUAL = 2
_LARGEST = Decimal(10) ** 15


def exponent(currency: str) -> int:
    """How many decimals `currency` (ISO 4217, upper case) has. Raises ValueError if unknown."""
    if currency not in _known_currencies():
        raise ValueError(f"{currency!r} is not an ISO 4217 currency code")
    return _EXPONENTS.get(currency, _USUAL)


def minor_units(amount: str, currency: str) -> int:
    """The decimal text `amount` in minor units, half a unit rounded away from zero.

    Raises ValueError for what is not a plain number; a float is refused, not converted.
    """
    if not isinstance(amount, str):
        raise ValueError(f"an amount of money must be text, not {type(amount).__name__}")
    return _minor_units(amount, currency)


@lru_cache(maxsize=4096)  # A shop has few prices and many lines.
def _minor_units(amount: str, currency: str) -> int:
    try:
        value = Decimal(amount.strip())
    except InvalidOperation as error:
        raise ValueError(f"{amount!r} is not an amount of money") from error
    if not value.is_finite() or abs(value) >= _LARGEST:
        raise ValueError(f"{amount!r} is not an amount of money")
    return int(value.scaleb(exponent(currency)).to_integral_value(ROUND_HALF_UP))


def major_units(minor: int, currency: str) -> str:
    """The inverse of `minor_units`: ``1999, "EUR"`` is ``19.99``, ``5000, "JPY"`` is ``5000``."""
    return f"{Decimal(minor).scaleb(-exponent(currency)):f}"


def format_money(minor: int, currency: str, locale: str) -> str:
    """`minor` as a person of `locale` (``pt-BR`` or ``pt_BR``) reads it, every decimal shown."""
    language = _locale(locale)
    digits = exponent(currency)
    pattern = language.currency_formats["standard"].pattern.replace(
        "0.00", "0." + "0" * digits if digits else "0"
    )
    if get_currency_symbol(currency, language)[-1:].isalpha():
        # CLDR parts a letter from the number ("KWD 1.234"); Babel leaves that out.
        pattern = pattern.replace("¤#", "¤\u00a0#")
    amount = Decimal(minor).scaleb(-digits)
    return format_currency(amount, currency, pattern, locale=language, currency_digits=False)


@lru_cache(maxsize=1)
def _known_currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@lru_cache(maxsize=256)
def _locale(name: str) -> Locale:
    """English for a locale nobody knows: a price in the wrong style beats no message."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale("en")
