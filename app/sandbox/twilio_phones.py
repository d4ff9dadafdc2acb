"""The keywords Twilio acts on by itself, and what it answers in its own name."""

from collections.abc import Mapping

# https://help.twilio.com/articles/223134027
_STOPS = ("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT")
_DEFAULTS = (
    dict.fromkeys(_STOPS, "STOP")
    | dict.fromkeys(("START", "UNSTOP", "YES"), "START")
    | dict.fromkeys(("HELP", "INFO"), "HELP")
)

AUTO_REPLIES = {
    "STOP": "You will get no more texts from this number. Answer START to get them again.",
    "START": "You will get texts from this number again. Answer STOP to end them.",
    "HELP": "Answer STOP to end these texts. Rates of your carrier may apply.",
}


def keyword_of(body: str, own: Mapping[str, str]) -> str | None:
    """STOP, START or HELP when the whole text is a keyword; the merchant's own words count too."""
    word = body.strip().upper()
    return own.get(word) or _DEFAULTS.get(word)
