"""SMS and WhatsApp through Twilio. Knows no flow and no database, and never sends a text twice."""

from app.channels.twilio.channel import Twilio
from app.channels.twilio.client import MESSAGE_PARAMETER, TwilioCredentials
from app.channels.twilio.refusals import OptOutReading, reads_as_opt_out

__all__ = [
    "MESSAGE_PARAMETER",
    "OptOutReading",
    "Twilio",
    "TwilioCredentials",
    "reads_as_opt_out",
]
