"""Who lives in the town: names, languages, phones, and how each of them shops."""

from dataclasses import dataclass
from random import Random

_FIRST = {
    "it": (
        "Giulia",
        "Marco",
        "Chiara",
        "Luca",
        "Sara",
        "Paolo",
        "Elena",
        "Davide",
        "Anna",
        "Pietro",
    ),
    "es": (
        "Lucía",
        "Javier",
        "Marta",
        "Pablo",
        "Elena",
        "Diego",
        "Carmen",
        "Sergio",
        "Nuria",
        "Iván",
    ),
    "en": ("Emma", "Jack", "Olivia", "Noah", "Grace", "Liam", "Ruby", "Owen", "Alice", "Henry"),
    "pt-BR": (
        "Ana",
        "João",
        "Beatriz",
        "Lucas",
        "Camila",
        "Rafael",
        "Júlia",
        "Pedro",
        "Laura",
        "Bruno",
    ),
}
_LAST = {
    "it": ("Rossi", "Ferrari", "Conti", "Greco", "Gallo", "Costa"),
    "es": ("García", "Molina", "Ortega", "Vidal", "Castro", "Rubio"),
    "en": ("Walker", "Hughes", "Bennett", "Foster", "Reid", "Marsh"),
    "pt-BR": ("Silva", "Souza", "Lima", "Rocha", "Alves", "Dias"),
}
_COUNTRY = {"it": "IT", "es": "ES", "en": "GB", "pt-BR": "BR"}
_PHONE = {
    "it": "+39347{:07d}",
    "es": "+34612{:06d}",
    "en": "+447400{:06d}",
    "pt-BR": "+551199{:07d}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """One person. The chances are between 0 and 1; `visits_every_days` is a mean."""

    first_name: str
    last_name: str
    email: str
    other_email: str
    phone: str
    locale: str
    country: str
    visits_every_days: float
    buys_at_once: float
    returns_alone: float
    clicks: float
    opts_in_email: bool
    opts_in_sms: bool


def residents(count: int, locales: tuple[str, ...], dice: Random) -> list[Resident]:
    """`count` people of a town where these languages are spoken."""
    return [_resident(number, dice.choice(locales), dice) for number in range(count)]


def _resident(number: int, locale: str, dice: Random) -> Resident:
    first, last = dice.choice(_FIRST[locale]), dice.choice(_LAST[locale])
    return Resident(
        first_name=first,
        last_name=last,
        email=f"shopper{number}@{locale.lower()}.example",
        other_email=f"shopper{number}.work@{locale.lower()}.example",
        phone=_PHONE[locale].format(number + 1_000),
        locale=locale,
        country=_COUNTRY[locale],
        visits_every_days=dice.choice((9.0, 14.0, 21.0, 35.0, 70.0)),
        buys_at_once=dice.uniform(0.25, 0.6),
        returns_alone=dice.uniform(0.02, 0.12),
        clicks=dice.uniform(0.1, 0.45),
        opts_in_email=dice.random() < 0.75,
        opts_in_sms=dice.random() < 0.4,
    )
