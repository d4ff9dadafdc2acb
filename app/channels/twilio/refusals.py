"""Whether a person's text asks us to stop. Pure. Generous with refusals, in four languages.

Any reasonable wording revokes consent (47 CFR 64.1200(a)(10)), so a clear refusal counts in every
language, whatever the person's locale; the locale only settles words that mean something else
elsewhere. What is likely but not clear is for a human to read, never for us to ignore.
"""

import re
import unicodedata
from enum import StrEnum

from app.channels.twilio.refusal_words import (
    CLEAR_PHRASES,
    COURTESIES,
    DEFAULT_KEYWORDS,
    HARMLESS_PHRASES,
    LIKELY_PHRASES,
    LOCAL_STOP_WORDS,
    START_WORDS,
    STOP_WORDS,
)


class OptOutReading(StrEnum):
    """CLEAR: record it now. LIKELY: a human reads it. OPT_IN: asks to hear from us again."""

    CLEAR = "clear"
    LIKELY = "likely"
    NO = "no"
    OPT_IN = "opt_in"


def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(phrases) + r")\b")


_HARMLESS = _any_of(HARMLESS_PHRASES)
_CLEAR = _any_of(CLEAR_PHRASES)
_LIKELY = _any_of(LIKELY_PHRASES)
_COURTESY = _any_of(COURTESIES)


def reads_as_opt_out(text: str, locale: str | None) -> OptOutReading:
    """How to take `text` from somebody who reads `locale` (None: not known)."""
    told = fold(text)
    core = _squeeze(_COURTESY.sub(" ", told)) or told
    if core in START_WORDS:
        return OptOutReading.OPT_IN
    if core in STOP_WORDS or core in LOCAL_STOP_WORDS.get(_language(locale), ()):
        return OptOutReading.CLEAR
    doubtful = _squeeze(_HARMLESS.sub(" ", told))
    if _CLEAR.search(doubtful):
        return OptOutReading.CLEAR
    return OptOutReading.LIKELY if _LIKELY.search(doubtful) else OptOutReading.NO


def is_default_keyword(text: str) -> bool:
    """Whether Twilio itself acts on this text: the whole message is one of its words."""
    return text.strip().upper() in DEFAULT_KEYWORDS


def fold(text: str) -> str:
    """Lower case, no accents, no apostrophes, one space between words, nothing else."""
    # Twice: a mathematical capital only becomes a letter, and so lower, by normalising.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign) and sign not in "'’`´")
    return _squeeze(re.sub(r"[\W_]+", " ", kept))


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _language(locale: str | None) -> str:
    return (locale or "").replace("_", "-").partition("-")[0].lower()
