"""What Klaviyo's failures mean, in our words: a refusal, an answer that was lost, or an error.

A 429 was not taken. A lost answer may have been. Must never repeat a person's address.
"""

import json
import re
from typing import Any

import urllib3
from openapi_client.exceptions import ApiException
from pydantic import ValidationError

from app import clock
from app.backoff import asked_wait
from app.channels import Advice, Refused, Unknown
from app.errors import AccessLost, ComebackError, InvalidInput, Unreachable

CALL_ERRORS = (ApiException, urllib3.exceptions.HTTPError, ValueError)
"""All a call may raise: pydantic's ValidationError and a reply that is not JSON are ValueErrors."""

_PERSONAL = re.compile(r"[^\s\"'<>(),;:]+@[^\s\"'<>(),;:]+|\+?\d[\d\s().-]{6,}\d")
"""An address or a number: Klaviyo repeats in its answer what we have sent it."""
_LONGEST = 300

_NEVER_SENT = (
    urllib3.exceptions.NewConnectionError,  # NameResolutionError is one of these.
    urllib3.exceptions.ConnectTimeoutError,
)


def outcome_of(error: Exception) -> Refused | Unknown:
    """What a failed call means for what it asked."""
    if isinstance(error, ValidationError):
        return Refused(advice=Advice.OUR_BUG, code="invalid_request", detail=_fields(error))
    if isinstance(error, _NEVER_SENT):
        return Refused(
            advice=Advice.RETRY, code="unreachable", detail="Klaviyo could not be reached."
        )
    if not isinstance(error, ApiException) or not error.status or error.status >= 500:
        status = getattr(error, "status", None) or type(error).__name__
        return Unknown(detail=f"Klaviyo's answer was lost ({status}).")
    return _refusal(error)


def _refusal(error: Any) -> Refused:
    problem = _first_problem(error.body)
    code = str(problem.get("code") or error.status)
    told = str(problem.get("detail") or problem.get("title") or error.reason or "no detail")
    detail = _PERSONAL.sub("***", told)[:_LONGEST]
    reference = problem.get("id")
    return Refused(
        advice=_advice(error, problem),
        code=code,
        detail=f"{detail} (Klaviyo reference {reference})" if reference else detail,
        retry_after=_asked(error.headers) if error.status == 429 else None,
    )


def _asked(headers: Any) -> float | None:
    return asked_wait((headers or {}).get("Retry-After"), clock.now())


def _advice(error: Any, problem: dict[str, Any]) -> Advice:
    if error.status == 429:
        return Advice.RETRY
    if error.status == 403 and not problem:
        # A page of the network in front of Klaviyo, not Klaviyo's own refusal; it passes.
        # https://developers.klaviyo.com/en/docs/troubleshoot_oauth_errors
        return Advice.RETRY
    if error.status in {401, 403}:
        return Advice.STOP_STORE
    pointer = str((problem.get("source") or {}).get("pointer") or "")
    if error.status == 400 and pointer.endswith("/email"):
        return Advice.BAD_ADDRESS
    return Advice.OUR_BUG


def error_for(outcome: Refused | Unknown) -> ComebackError:
    """The error for a call that has no refusal of its own to return."""
    if isinstance(outcome, Unknown):
        return Unreachable(outcome.detail)
    if outcome.advice is Advice.RETRY:
        return Unreachable(f"Klaviyo cannot now: {outcome.detail}", outcome.retry_after)
    if outcome.advice is Advice.STOP_STORE:
        return AccessLost(
            f"Klaviyo refuses our access: {outcome.detail} Connect Klaviyo again, with all scopes."
        )
    if outcome.advice is Advice.BAD_ADDRESS:
        return InvalidInput("email", "Klaviyo does not accept this address")
    return ComebackError(f"Klaviyo refused our request: {outcome.detail}")


def _first_problem(body: Any) -> dict[str, Any]:
    """The first of Klaviyo's JSON:API errors; empty when the reply is not one."""
    try:
        problem = json.loads(body)["errors"][0]
    except (ValueError, TypeError, KeyError, IndexError):
        return {}
    return problem if isinstance(problem, dict) else {}


def _fields(error: ValidationError) -> str:
    """Which fields the SDK refused, without their values."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in problems)
