"""Reading what went wrong in a call to Twilio: refused for certain, or possibly sent.

Never guesses: only what proves that Twilio took nothing counts as a refusal.
"""

from requests.exceptions import ConnectionError as Disconnected
from requests.exceptions import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from app.channels import Advice, Refused, Unknown
from app.channels.twilio.errors import MEANINGS, Meaning, meaning
from app.errors import AccessLost, Unreachable

# ValueError: an answer that is not JSON, from something between us and Twilio. HTTPError: what
# requests lets through of urllib3.
FAILURES = (TwilioException, RequestException, HTTPError, ValueError)

_RATE_LIMIT = 20429
_CREDENTIALS = 20003


def status_of(error: Exception) -> int | None:
    """The HTTP status behind an SDK error; None when there was no answer."""
    status = getattr(error, "status", None)
    if status is None:
        # Lists raise a bare TwilioException that carries the response as its second argument.
        status = next((getattr(part, "status_code", None) for part in error.args[1:]), None)
    return status if isinstance(status, int) else None


def code_of(error: Exception) -> int | None:
    """Twilio's own code. Without one in the answer, the SDK repeats the HTTP status here."""
    code = getattr(error, "code", None)
    return code if isinstance(code, int) else None


def verdict(error: Exception) -> Refused | Unknown:
    """What a failed send means."""
    status = status_of(error)
    if status is None:
        return _without_answer(error)
    if status == 429:
        return _refused(_RATE_LIMIT, meaning(_RATE_LIMIT))
    if status == 408 or not 400 <= status < 500:
        return Unknown(detail=f"Twilio answered {status}: the text may be out.")
    code = code_of(error) or status
    if status in {401, 403} and code not in MEANINGS:
        return _refused(code, meaning(_CREDENTIALS))
    return _refused(code, meaning(code))


def trouble(error: Exception) -> AccessLost | Unreachable:
    """What a failed call other than a send means, as an error to raise."""
    if status_of(error) in {401, 403}:
        return AccessLost(meaning(_CREDENTIALS).sentence)
    return Unreachable(f"Twilio did not do it: {type(error).__name__}.", retry_after=60.0)


def _refused(code: int, found: Meaning) -> Refused:
    return Refused(
        advice=found.advice,
        code=str(code),
        detail=found.sentence,
        retry_after=found.retry_after,
    )


def _without_answer(error: Exception) -> Refused | Unknown:
    if _nothing_written(error):
        return Refused(
            advice=Advice.RETRY,
            code="unreachable",
            detail="Twilio could not be reached; nothing was sent.",
            retry_after=30.0,
        )
    return Unknown(detail=f"Twilio's answer was lost ({type(error).__name__}).")


def _nothing_written(error: Exception) -> bool:
    """Whether the connection was never made. A TLS or proxy failure proves nothing."""
    if isinstance(error, ConnectTimeout):
        return True
    cause = error.args[0] if isinstance(error, Disconnected) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
