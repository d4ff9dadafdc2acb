"""The one door to Klaviyo's SDK: a client that never sleeps, with a timeout on every call.

It must never retry by itself: the caller holds a worker, and the row decides when to try again.
"""

from dataclasses import dataclass, field
from typing import Any

from klaviyo_api import KlaviyoAPI
from openapi_client.api_arg_options import USE_DICTIONARY_FOR_RESPONSE_DATA
from openapi_client.rest import RESTClientObject

from app.channels.klaviyo.failures import CALL_ERRORS, error_for, outcome_of
from app.errors import InvalidInput

TIMEOUT = (2.0, 10.0)
"""Seconds to connect and to answer. The SDK has none of its own and would wait for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KlaviyoCredentials:
    """A private key or an OAuth access token, never both: Klaviyo counts metrics double then.

    `webhook_secrets` are newest first; without one no callback is believed.
    """

    private_key: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if bool(self.private_key) == bool(self.access_token):
            raise InvalidInput("klaviyo", "give either a private key or an access token")


class Client:
    """Klaviyo for one store. Build it after a fork; it holds a connection pool."""

    def __init__(
        self,
        credentials: KlaviyoCredentials,
        endpoint: str | None = None,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self.timeout = timeout
        self.api: Any = KlaviyoAPI(
            credentials.private_key or "",
            max_retries=1,
            test_host=endpoint or "",
            access_token=credentials.access_token,
            options={USE_DICTIONARY_FOR_RESPONSE_DATA: True},
        )
        # max_retries=1 does not reach urllib3, which by default repeats a GET three times and
        # sleeps out Retry-After on a 429 or 503 in the calling thread.
        self.api.configuration.retries = False
        self.api.api_client.rest_client = RESTClientObject(self.api.configuration)

    def ask(self, call: Any, *arguments: Any, **options: Any) -> Any:
        """One SDK call. Raises Unreachable, AccessLost, InvalidInput or ComebackError."""
        try:
            return call(*arguments, _request_timeout=self.timeout, **options)
        except CALL_ERRORS as error:
            # Not chained: the SDK's error prints the reply, which may repeat a person's address.
            raise error_for(outcome_of(error)) from None


def load_sdk() -> None:
    """Have the SDK build what sending and polling need. It puts that off until the first call,
    which then takes a second of a processor: orders would wait behind a worker's first poll."""
    api = Client(KlaviyoCredentials(private_key="none")).api
    for part in ("Events", "Profiles", "Metrics", "Flows"):
        getattr(api, part)
