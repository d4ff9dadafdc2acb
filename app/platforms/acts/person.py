"""Who did it. A name that nobody can have is refused here: later it would be nobody's act, and
nobody would say so."""

from collections.abc import Callable, Mapping
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from app.errors import MalformedPayload
from app.events import Person
from app.jsontext import storable

_LONGEST = 320


def person_in(told: Any) -> Person:
    """The person of an act, by any of three names. Raises MalformedPayload."""
    if not isinstance(told, dict) or not told or told.keys() - _NAMES.keys():
        raise MalformedPayload(".person: give email, phone or customer, and nothing else")
    return Person(**{_NAMES[name][0]: _read(name, value) for name, value in told.items()})


def _read(name: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = storable(value).strip() if isinstance(value, str) else ""
    _, is_one, wanted = _NAMES[name]
    if not 0 < len(text) <= _LONGEST or not is_one(text):
        raise MalformedPayload(f".person.{name}: give {wanted}")
    return text


def _is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _is_phone(text: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        return False


_NAMES: Mapping[str, tuple[str, Callable[[str], bool], str]] = {
    "email": ("email", _is_email, "an e-mail address"),
    "phone": ("phone", _is_phone, "a number in international form, like +393331234567"),
    "customer": ("platform_key", bool, "the customer's id at the shop"),
}
"""For each name its field of `Person`, what it must be, and how that is said."""
