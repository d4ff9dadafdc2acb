"""The live half of the truth check: who has ordered, asked about several people in one request."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from app.errors import AccessLost, Unreachable
from app.events import Person
from app.platforms import Found, Question
from app.platforms.shopify.answers import Answer, Spoiled
from app.platforms.shopify.graphql import Access
from app.platforms.shopify.identifiers import NOBODY, by_email, by_phone, gid
from app.platforms.shopify.orders import MOST_ORDERS, read_orders

TOGETHER = 4
"""Questions in one request. Each may cost 31 points, of which the smallest plan restores 150 in the
longest wait (`graphql.LONGEST_WAIT`): a larger request would be given up where small ones pass."""

_MOST_KEYS = 20

_SWITCHES = {
    "searched": "bySearch",
    "keyed": "byCustomer",
    "mailed": "byEmail",
    "phoned": "byPhone",
}
_Variables = dict[str, Any]
_Told = dict[str, str] | Unreachable | AccessLost


def find_orders(access: Access, questions: Sequence[Question]) -> list[Found]:
    """To each question the orders made since by any identity, newest first, or its own error.

    Nobody who is about to be written to has ordered, as a rule: then this is one cheap query. Only
    what it finds is read in full.
    """
    parts = [(place, part) for place, one in enumerate(questions) for part in _parts(one)]
    told: list[_Told] = [{} for _ in questions]
    answers = _ask_all(access, [part for _, part in parts], TOGETHER)
    for (place, _), answer in zip(parts, answers, strict=True):
        told[place] = _both(told[place], answer)
    return [_whole(access, *pair) for pair in zip(questions, told, strict=True)]


def _parts(question: Question) -> Iterator[_Variables]:
    """One question for each address; very many carts need more, each of bounded length."""
    # Shopify keeps whole seconds: an order of this very second must not look older than it is.
    since, keys = question.since.replace(microsecond=0), question.cart_keys
    for person in question.people:
        if any((person.platform_key, person.email, person.phone, keys)):
            yield _question(person, keys[:_MOST_KEYS], since)
        for start in range(_MOST_KEYS, len(keys), _MOST_KEYS):
            yield _question(Person(), keys[start : start + _MOST_KEYS], since)
        keys = ()  # The other addresses need no second look at the same carts.


def _ask_all(access: Access, parts: Sequence[_Variables], together: int) -> list[_Told]:
    told: list[_Told] = []
    for start in range(0, len(parts), together):
        try:
            told += _ask(access, parts[start : start + together])
        except (Unreachable, AccessLost) as error:
            # The shop is away: nobody else is asked about, and nobody has been answered.
            return told + [error] * (len(parts) - start)
    return told


def _ask(access: Access, parts: Sequence[_Variables]) -> list[_Told]:
    try:
        answer = access.run_each("find_orders", parts)
    except Spoiled as error:
        # An error in one search empties the whole reply; nobody pays for another's question.
        return [error] if len(parts) == 1 else _ask_all(access, parts, 1)
    return [_newest(answer.part(number), asked) for number, asked in enumerate(parts)]


def _newest(part: Answer, asked: _Variables) -> _Told:
    """Ids of orders, with their times."""
    try:
        # A hole left by an error must not pass for "has not ordered": the answer must be whole.
        data = part.whole().data
    except (Unreachable, AccessLost) as error:
        return error
    if any(asked[switch] and name not in data for name, switch in _SWITCHES.items()):
        return Unreachable("The shop did not answer all that it was asked.")
    owners = [data.get(name) for name in ("keyed", "mailed", "phoned")]
    found = [data.get("searched"), *((owner or {}).get("orders") for owner in owners)]
    nodes = (node for connection in found for node in (connection or {}).get("nodes") or ())
    return {node["id"]: node["createdAt"] for node in nodes}


def _both(one: _Told, other: _Told) -> _Told:
    """What both tell; an error in either leaves the question without an answer."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one | other
    return other if isinstance(one, dict) else one


def _whole(access: Access, question: Question, told: _Told) -> Found:
    if not isinstance(told, dict):
        return told
    since = question.since.replace(microsecond=0)
    ids = [key for key, at in told.items() if datetime.fromisoformat(at) >= since]
    newest = sorted(ids, key=lambda key: told[key], reverse=True)
    most = MOST_ORDERS * len(question.people)
    try:
        return [
            order
            for start in range(0, min(len(newest), most), MOST_ORDERS)
            for order in read_orders(access, newest[start : start + MOST_ORDERS])
        ]
    except (Unreachable, AccessLost) as error:
        return error


def _question(person: Person, cart_keys: Sequence[str], since: datetime) -> _Variables:
    search = _search(person, cart_keys, since)
    email, phone = by_email(person.email), by_phone(person.phone)
    return {
        "search": search,
        "bySearch": bool(search),
        "customer": gid("Customer", person.platform_key or "0"),
        "byCustomer": bool(person.platform_key),
        "email": email or NOBODY,
        "byEmail": email is not None,
        "phone": phone or NOBODY,
        "byPhone": phone is not None,
    }


def _search(person: Person, cart_keys: Sequence[str], since: datetime) -> str:
    terms = [f"email:{_quoted(person.email)}"] if person.email else []
    # A key may be a cart's or a checkout's; nothing in it tells which.
    terms += [
        f"{name}:{_quoted(k)}" for k in cart_keys for name in ("cart_token", "checkout_token")
    ]
    if not terms:
        return ""
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"created_at:>='{moment}' AND ({' OR '.join(terms)})"


def _quoted(value: str) -> str:
    """A phrase: only a quoted e-mail address matches whole instead of word by word."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
