"""Codes a person can read out and type: a prefix from the store, then eight clear characters.

Must never hold a character that looks like another, nor spell anything: there are no vowels.
"""

import secrets
import unicodedata

ALPHABET = "BCDFGHJKMNPQRTVWXY346789"
LENGTH = 8
PREFIX_LENGTH = 6
_NAMELESS = "GIFT"


def new_code(store_name: str) -> str:
    """A code nobody can guess: 24**8 of them for each prefix."""
    return f"{prefix(store_name)}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"


def prefix(store_name: str) -> str:
    """The beginning of the shop's name in plain capitals."""
    plain = unicodedata.normalize("NFKD", store_name).upper()
    letters = "".join(sign for sign in plain if sign.isascii() and sign.isalnum())
    return letters[:PREFIX_LENGTH] or _NAMELESS


def canonical(code: str) -> str:
    """How two spellings of one code are compared: shops ignore case, WooCommerce lowers it."""
    return code.strip().upper()
