"""The Admin GraphQL API: one call, its cost, and its three layers of errors told apart.

A throttled query comes back as HTTP 200; so does one that lost a protected field on the way. The
first is waited for or passed on, the second keeps its data beside its errors.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.errors import Unreachable
from app.platforms.shopify.answers import Answer, Problem, Spoiled, error_of, problem_of
from app.platforms.shopify.documents import API_VERSION, Query, operation
from app.platforms.shopify.transport import Transport, check

PATH = f"/admin/api/{API_VERSION}/graphql.json"
LONGEST_WAIT = 1.5
"""Seconds a call may wait for the shop's budget; a longer wait is the caller's to plan."""


class GraphQL:
    """All shops' Admin APIs over one transport."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def run(self, domain: str, token: str, query: Query, /, **variables: Any) -> Answer:
        """Send a document. Raises Unreachable or AccessLost."""
        for attempt in (1, 2):
            reply = self._post(domain, token, query, variables)
            problems = tuple(problem_of(error) for error in reply.get("errors") or ())
            if not any(problem.code == "THROTTLED" for problem in problems):
                return _answer(query.name, reply, problems)
            wait = _throttled_for(reply)
            if attempt == 2 or wait > LONGEST_WAIT:
                raise Unreachable(f"{domain} has no budget left for us now.", wait)
            threading.Event().wait(wait)
        raise AssertionError("the loop always returns or raises")

    def _post(
        self, domain: str, token: str, query: Query, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        body = {
            "query": query.text,
            "operationName": operation(query.name),
            "variables": dict(variables),
        }
        response = self.transport.post(domain, PATH, body, token=token)
        check(response, domain, token)
        try:
            reply = response.json()
        except ValueError as error:
            raise Unreachable(f"{domain} answered something that is not JSON.") from error
        if not isinstance(reply, dict):
            raise Unreachable(f"{domain} answered something that is no GraphQL reply.")
        return reply


@dataclass(frozen=True, slots=True)
class Access:
    """One shop's key to the API. The token stays out of `repr`, and so out of logs and traces."""

    domain: str
    token: str = field(repr=False)
    api: GraphQL

    def run(self, name: str, **variables: Any) -> Answer:
        return self.api.run(self.domain, self.token, Query(name), **variables)

    def run_each(self, name: str, sets: Sequence[Mapping[str, Any]]) -> Answer:
        """One request that asks `name` once with each set of variables; see `Answer.part`."""
        numbered = {f"{key}_{n}": value for n, one in enumerate(sets) for key, value in one.items()}
        return self.api.run(self.domain, self.token, Query(name, len(sets)), **numbered)


def _answer(name: str, reply: dict[str, Any], problems: tuple[Problem, ...]) -> Answer:
    if reply.get("data") is not None:
        return Answer(reply["data"], problems)
    if problems:
        error = error_of(problems[0])
        raise Spoiled(str(error)) if isinstance(error, Unreachable) else error
    raise Unreachable(f"Shopify answered {operation(name)} with nothing.")


def _throttled_for(reply: dict[str, Any]) -> float:
    """Seconds until the bucket holds what the query asks for; one second where it is not told."""
    cost = (reply.get("extensions") or {}).get("cost") or {}
    bucket = cost.get("throttleStatus") or {}
    rate = float(bucket.get("restoreRate") or 0)
    if rate <= 0:
        return 1.0
    missing = float(cost.get("requestedQueryCost") or 0) - float(
        bucket.get("currentlyAvailable") or 0
    )
    return max(missing / rate, 0.1)
