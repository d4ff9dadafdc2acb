"""Klaviyo's wire: JSON:API documents, errors, filters and pages."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

JSON_API = "application/vnd.api+json"
T = TypeVar("T")

_FILTER = re.compile(
    r'(?P<operator>[a-z-]+)\((?P<field>[\w.]+),(?P<value>\[[^\]]*\]|"(?:[^"\\]|\\.)*"|[^)]*)\)'
)
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": lambda have, want: have == want,
    "any": lambda have, want: have in want,
    "starts-with": lambda have, want: str(have).startswith(str(want)),
    "greater-than": lambda have, want: have > want,
    "greater-or-equal": lambda have, want: have >= want,
    "less-than": lambda have, want: have < want,
    "less-or-equal": lambda have, want: have <= want,
}


class Problem(Exception):
    """A refusal, as Klaviyo words it."""

    def __init__(
        self, status: int, code: str, detail: str, pointer: str = "/data/", retry_after: int = 0
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.pointer, self.retry_after = pointer, retry_after

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        wait = (("Retry-After", str(self.retry_after)),) if self.retry_after else ()
        return (("Content-Type", JSON_API), *wait)

    def reply(self) -> Response:
        return Response(self.body(), status=self.status, headers=list(self.headers))

    def body(self) -> str:
        error: dict[str, Any] = {
            "id": "0c4c4f52-0000-4000-8000-000000000000",
            "status": self.status,
            "code": self.code,
            "title": self.code.replace("_", " ").capitalize() + ".",
            "detail": self.detail,
            "source": {"pointer": self.pointer},
            "meta": {},
        }
        return json.dumps({"errors": [error]})


def reply(document: Any, status: int = 200) -> Response:
    body = "" if document is None else json.dumps(document)
    return Response(body, status=status, content_type=JSON_API)


def read(request: Request) -> dict[str, Any]:
    """`data` of the document sent."""
    try:
        data = json.loads(request.get_data())["data"]
    except (ValueError, KeyError, TypeError):
        raise Problem(400, "invalid", "The payload is not a JSON:API document.") from None
    if not isinstance(data, dict):
        raise Problem(400, "invalid", "The payload has no data.", "/data")
    return data


def resource(
    kind: str, key: str, attributes: Mapping[str, Any], **relations: Any
) -> dict[str, Any]:
    """One item. `relations` are (type, id) pairs."""
    return {
        "type": kind,
        "id": key,
        "attributes": dict(attributes),
        "relationships": {
            name: {"data": {"type": type_, "id": id_}} for name, (type_, id_) in relations.items()
        },
        "links": {"self": f"https://a.klaviyo.com/api/{kind}s/{key}/"},
    }


def chosen(
    request: Request, items: Sequence[T], fields: Mapping[str, Callable[[T], Any]]
) -> list[T]:
    """The items that pass the request's `filter`; `fields` says what may be filtered."""
    kept = list(items)
    for found in _FILTER.finditer(request.args.get("filter", "")):
        if found["field"] not in fields or found["operator"] not in _TESTS:
            raise Problem(400, "invalid", f"Cannot filter by {found[0]}.")
        get, test, want = (
            fields[found["field"]],
            _TESTS[found["operator"]],
            _literal(found["value"]),
        )
        kept = [item for item in kept if test(get(item), want)]
    return kept


def page(request: Request, items: Sequence[T], size: int) -> tuple[Sequence[T], dict[str, Any]]:
    """One page and its links; a page holds `size` unless the request asks for fewer or more."""
    cursor = request.args.get("page[cursor]")
    start = int(urlsafe_b64decode(cursor)) if cursor else 0
    stop = start + int(request.args.get("page[size]", size))
    links = {"self": request.url, "prev": None, "next": None}
    if stop < len(items):
        after = urlsafe_b64encode(str(stop).encode()).decode()
        query = {**request.args.to_dict(), "page[cursor]": after}
        links["next"] = f"{request.base_url}?{urlencode(query)}"
    return items[start:stop], links


def stamp(moment: datetime) -> str:
    """A time as Klaviyo writes it, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _literal(text: str) -> Any:
    if text.startswith(('"', "[")):
        return json.loads(text)
    if text in {"true", "false"}:
        return text == "true"
    try:
        # A plus sign that was not encoded arrives as a blank.
        return datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        return text
