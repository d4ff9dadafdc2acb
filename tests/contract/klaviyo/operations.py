"""Klaviyo's operations as its own SDK describes them: path, query names, body and scopes.

The SDK is generated from Klaviyo's OpenAPI document of the revision we speak, so what it says is
what Klaviyo says; reading it here needs no file from elsewhere.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

import openapi_client.api
from pydantic import BaseModel, ValidationError

_PATH = re.compile(r"resource_path='([^']+)'")
_METHOD = re.compile(r"method='([A-Z]+)'")
_QUERY = re.compile(r"_query_params\.append\(\('([^']+)'")
_SCOPES = re.compile(r"\*\*Scopes:\*\*((?:\s*`[a-z-]+:[a-z]+`)+)")


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. `body`: the SDK's model of what is sent, None when nothing is."""

    name: str
    method: str
    path: re.Pattern[str]
    query: frozenset[str]
    body: type[BaseModel] | None
    scopes: frozenset[str]


@cache
def operations() -> tuple[Operation, ...]:
    return tuple(_all())


def operation(method: str, path: str) -> Operation:
    """The call that this request is; one without placeholders is the more exact."""
    fitting = [one for one in operations() if one.method == method and one.path.fullmatch(path)]
    return min(fitting, key=lambda one: one.path.pattern.count("[^/]+"))


def problems(model: type[BaseModel], body: Mapping[str, Any]) -> list[str]:
    """What Klaviyo would refuse or leave out of `body`: wrong, missing and unknown fields."""
    try:
        taken = model.from_dict(body)  # type: ignore[attr-defined]
    except (ValidationError, ValueError) as error:
        return [str(error)]
    return list(_dropped(body, taken.to_dict(), "body"))


def _dropped(given: Any, taken: Any, at: str) -> Iterator[str]:
    if isinstance(given, Mapping) and isinstance(taken, Mapping):
        for name, value in given.items():
            if name not in taken:
                yield f"{at}.{name} is unknown"
            else:
                yield from _dropped(value, taken[name], f"{at}.{name}")
    elif isinstance(given, list) and isinstance(taken, list):
        for place, (one, other) in enumerate(zip(given, taken, strict=True)):
            yield from _dropped(one, other, f"{at}[{place}]")


def _all() -> Iterator[Operation]:
    for found in pkgutil.iter_modules(openapi_client.api.__path__):
        module = importlib.import_module(f"openapi_client.api.{found.name}")
        for _, group in inspect.getmembers(module, inspect.isclass):
            if group.__module__ == module.__name__:
                yield from _of(group)


def _of(group: type) -> Iterator[Operation]:
    for name, call in inspect.getmembers(group, inspect.isfunction):
        serialize = getattr(group, f"_{name}_serialize", None)
        if serialize is None:
            continue
        source, told = inspect.getsource(serialize), inspect.getdoc(call) or ""
        (path,), (method,) = _PATH.findall(source), _METHOD.findall(source)
        scopes = _SCOPES.search(told)
        yield Operation(
            name=name,
            method=method,
            path=re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))),
            query=frozenset(_QUERY.findall(source)),
            body=_body_of(call),
            scopes=frozenset(re.findall(r"`([^`]+)`", scopes[1])) if scopes else frozenset(),
        )


def _body_of(call: Any) -> type[BaseModel] | None:
    for name, hint in get_type_hints(call).items():
        if name != "return" and inspect.isclass(hint) and issubclass(hint, BaseModel):
            return hint
    return None
