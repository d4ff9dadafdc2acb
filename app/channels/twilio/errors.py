"""What Twilio's error codes ask of us, as one table. Holds facts only; sends nothing.

Codes: https://www.twilio.com/docs/api/errors
"""

from dataclasses import dataclass

from app.channels import Advice

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code asks of us, a sentence for the merchant, and how long a retry should wait."""

    advice: Advice
    sentence: str
    retry_after: float | None = None


_CREDENTIALS = Meaning(
    Advice.STOP_STORE, "Twilio refuses these credentials. Connect the Twilio account again."
)
_SERVICE = Meaning(
    Advice.STOP_STORE,
    "The Messaging Service is missing or has no sender. Choose another one, or add a number to it.",
)
_NOT_A_NUMBER = Meaning(Advice.BAD_ADDRESS, "This is not a phone number that can get texts.")
_LANDLINE = Meaning(Advice.BAD_ADDRESS, "This number is a landline, or its carrier takes no texts.")
_UNROUTABLE = Meaning(
    Advice.TRY_OTHER, "This account cannot send to that country. Allow it in Twilio's settings."
)
_OUR_REQUEST = Meaning(Advice.OUR_BUG, "Our request to Twilio was incomplete or too long.")
_QUEUE_FULL = Meaning(
    Advice.RETRY, "The sender has more texts waiting than it can send. We slow down.", HOUR
)
_UNREGISTERED = Meaning(
    Advice.STOP_STORE,
    "The sender is not registered for these texts. Finish its registration in Twilio.",
)
_EXPIRED = Meaning(Advice.GIVE_UP, "The text waited too long and was not sent.")
_HELD_BACK = Meaning(Advice.GIVE_UP, "Twilio's protection held this text back.")
_NOT_ON_WHATSAPP = Meaning(Advice.TRY_OTHER, "This number does not use WhatsApp.")
_WHATSAPP_LIMIT = Meaning(Advice.GIVE_UP, "WhatsApp limits how much this person gets. Not today.")

MEANINGS: dict[int, Meaning] = {
    20429: Meaning(Advice.RETRY, "Twilio is busy; this text will be sent again.", 2.0),
    20003: _CREDENTIALS,
    20404: _SERVICE,
    21701: _SERVICE,
    21702: _SERVICE,
    21703: _SERVICE,
    21705: _SERVICE,
    21211: _NOT_A_NUMBER,
    21217: _NOT_A_NUMBER,
    21614: _NOT_A_NUMBER,
    21635: _LANDLINE,
    21408: _UNROUTABLE,
    21612: _UNROUTABLE,
    21610: Meaning(Advice.OPT_OUT, "This person answered STOP."),
    21602: _OUR_REQUEST,
    21603: _OUR_REQUEST,
    21604: _OUR_REQUEST,
    21617: _OUR_REQUEST,
    21619: _OUR_REQUEST,
    35118: _OUR_REQUEST,
    21611: _QUEUE_FULL,
    30001: _QUEUE_FULL,
    30002: Meaning(Advice.STOP_STORE, "The Twilio account is suspended."),
    # Twilio gives a number up after hours of trying: another try at once would find the same.
    30003: Meaning(Advice.TRY_LATER, "The phone was off or out of reach.", 6 * HOUR),
    30004: Meaning(Advice.OPT_OUT, "The person or their carrier blocks this sender."),
    30005: _LANDLINE,
    30006: _LANDLINE,
    30007: Meaning(Advice.GIVE_UP, "The carrier took this text for spam."),
    # The text may have arrived, so it is not sent a second time.
    30008: Meaning(Advice.GIVE_UP, "The carrier does not say why the text did not arrive."),
    30032: _UNREGISTERED,
    30034: _UNREGISTERED,
    30036: _EXPIRED,
    30046: _EXPIRED,
    30410: _EXPIRED,
    30450: _HELD_BACK,
    30610: _HELD_BACK,
    30640: _HELD_BACK,
    63003: _NOT_ON_WHATSAPP,
    63024: _NOT_ON_WHATSAPP,
    63014: Meaning(Advice.OPT_OUT, "This person blocks the shop on WhatsApp."),
    63016: Meaning(Advice.OUR_BUG, "WhatsApp takes only an approved template here."),
    63018: _WHATSAPP_LIMIT,
    63032: _WHATSAPP_LIMIT,
    63049: _WHATSAPP_LIMIT,
}


def meaning(code: int) -> Meaning:
    """What `code` asks of us; a code we do not know stops this one message only."""
    return MEANINGS.get(code) or Meaning(Advice.GIVE_UP, f"Twilio refused this text (code {code}).")
