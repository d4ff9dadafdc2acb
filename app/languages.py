"""The four languages we write and speak, and which of them a person reads. Knows nothing else."""

LANGUAGES = ("en", "it", "pt-BR", "es")
SPOKEN = {known.partition("-")[0]: known for known in LANGUAGES}
"""By the language itself, whatever the country."""


def known_language(locale: str | None) -> str | None:
    """The one of our languages that a reader of `locale` reads; None when there is none."""
    return SPOKEN.get((locale or "").replace("_", "-").partition("-")[0].lower())


def language_of(locale: str | None) -> str:
    """The same, and English for everybody else."""
    return known_language(locale) or LANGUAGES[0]
