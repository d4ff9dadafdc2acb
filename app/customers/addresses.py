"""Addresses in the one form we compare them in: e-mail in lower case, telephone in E.164.

It must never ask the network whether an address exists, and never guess a country: a number
written without one, of a person whose country is unknown, is nobody's number.
"""

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

_LONGEST_NAME = 64
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*")
_PLAIN = re.compile(r"[A-Za-z0-9.-]{1,180}")


@lru_cache(maxsize=10_000)
def normal_email(text: str | None) -> str | None:
    """`text` as we keep it, or None when nothing can be sent there. Plus tags stay: they are part
    of the address, and only the provider behind it knows whether they matter."""
    if not text:
        return None
    text = text.strip()
    name, _, domain = text.rpartition("@")
    if len(name) <= _LONGEST_NAME and _PLAIN_NAME.fullmatch(name) and _PLAIN.fullmatch(domain):
        # Nearly all are of this form, and of few domains: the domain is examined once.
        known = _valid(f"a@{domain}")
        return f"{name}@{known.removeprefix('a@')}".lower() if known else None
    return _valid(text)


@lru_cache(maxsize=10_000)
def _valid(text: str) -> str | None:
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


@lru_cache(maxsize=10_000)
def normal_phone(text: str | None, country: str | None) -> str | None:
    """`text` in E.164, read as dialled inside `country` (ISO 3166) unless it names its own."""
    if not text:
        return None
    try:
        number = phonenumbers.parse(text, (country or "").upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
