"""The GraphQL documents we send, one file each, written for the version of the Admin API below.

A fragment's selection is written into the place where it is spread: a bulk operation takes one
plain query, and so every document is one.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

API_VERSION = "2026-10"
_SPREAD = re.compile(r"^(?P<indent> *)\.\.\.(?P<name>[A-Z]\w*)$", re.MULTILINE)
_QUERY = re.compile(r"^(query \w+)\((.*?)^\) \{\n(.*)^\}$", re.MULTILINE | re.DOTALL)
_ALIAS = re.compile(r"^  (\w+): ", re.MULTILINE)
_VARIABLE = re.compile(r"\$(\w+)")
_OPERATION = re.compile(r"^(?:query|mutation) (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """What to send: a document, as it is or once for each of `times` sets of variables."""

    name: str
    times: int | None = None

    @property
    def text(self) -> str:
        return document(self.name) if self.times is None else repeated(self.name, self.times)


@cache
def document(name: str) -> str:
    """The document in ``queries/<name>.graphql``, whole."""
    return _SPREAD.sub(_selection, _read(f"{name}.graphql"))


@cache
def repeated(name: str, times: int) -> str:
    """The query `name` asked so often in one: its variables and its aliases end in a number."""
    found = _QUERY.search(document(name))
    if found is None:
        raise LookupError(f"{name}.graphql is no query with variables")
    head, variables, body = found.groups()
    numbered = [_VARIABLE.sub(rf"$\1_{n}", variables) for n in range(times)]
    asked = [_ALIAS.sub(rf"  \1_{n}: ", _VARIABLE.sub(rf"$\1_{n}", body)) for n in range(times)]
    return f"{head}(\n{''.join(numbered)}) {{\n{''.join(asked)}}}\n"


@cache
def operation(name: str) -> str:
    """The operation's own name, which Shopify shows in its logs and the sandbox answers by."""
    found = _OPERATION.search(document(name))
    if found is None:
        raise LookupError(f"{name}.graphql names no operation")
    return found.group(1)


def _selection(spread: re.Match[str]) -> str:
    fragment = _read(f"fragments/{spread['name']}.graphql")
    inside = fragment[fragment.index("{") + 1 : fragment.rindex("}")]
    shift = spread["indent"][2:]
    return "\n".join(shift + line for line in inside.strip("\n").split("\n"))


def _read(path: str) -> str:
    return files(__package__).joinpath("queries", path).read_text(encoding="utf-8")
