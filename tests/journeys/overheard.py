"""Everything the app says while a story is told, as its logs say it, and whether it is about a
person: an address, a number or a name that the story used."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from sqlalchemy import text

from app import logs
from tests.conftest import Machine
from tests.journeys.people import MET

Lines = Callable[[], list[dict[str, Any]]]

_KNOWN = """
SELECT unnest(ARRAY[email, phone, first_name, last_name]) FROM customers
UNION SELECT address FROM messages
UNION SELECT value FROM identities WHERE kind IN ('email', 'phone')
UNION SELECT contact_email FROM stores
"""


@contextmanager
def overheard() -> Iterator[Lines]:
    """The lines of the logs at their most talkative."""
    stream = StringIO()
    logs.configure("DEBUG", stream)
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        logs.configure("ERROR")


def personal(machine: Machine) -> set[str]:
    """Every address, number and name that the database holds or a story used."""
    with machine.owner.connect() as connection:
        kept = set(connection.execute(text(_KNOWN)).scalars())
    told = {word for who in MET for word in (who.name, who.email, who.phone, who.work_email)}
    return {word for word in kept | told if word and len(word) > 2}


def slips(lines: Iterable[dict[str, Any]], people: set[str]) -> list[dict[str, Any]]:
    """The lines that are about one of these people."""
    words = "|".join(re.escape(word) for word in sorted(people))
    about = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    return [line for line in lines if people and about.search(json.dumps(line))]
