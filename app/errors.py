"""Errors a person can act on. A traceback is for us; these sentences are for the reader."""


class ComebackError(Exception):
    """Something the reader can put right: the message says what and how."""


class ConfigError(ComebackError):
    """A setting is missing or wrong; the message names it."""


class BadSignature(ComebackError):
    """A request does not prove where it comes from. Answer 401, keep nothing."""


class MalformedPayload(ComebackError):
    """A verified body has not the shape we know. Keep it, mark it failed, show the field."""


class InvalidInput(ComebackError):
    """A person gave something we cannot use; the message names the field and the way out."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class Unreachable(ComebackError):
    """A shop or provider did not answer, or answered that it cannot now. Trying again may help."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AccessLost(ComebackError):
    """The shop or provider refuses our credentials. Stop, and ask the merchant to connect again."""
