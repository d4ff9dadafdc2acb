"""What the operator is told of a trouble, as a letter and as JSON. Pure, in English."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.models import Trouble
from app.stores.notices import words

LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A trouble of a store, or `everywhere`, that `began` or `ended`."""

    event: str
    domain: str
    store_id: UUID
    trouble: Trouble

    @property
    def everywhere(self) -> bool:
        return bool(self.trouble.finding.get("everywhere"))


def written(told: Told, public_url: str) -> tuple[str, str]:
    """Subject and text of the letter."""
    what, todo = _sentences(told.trouble)
    over = told.event == "ended"
    where = "all stores" if told.everywhere else told.domain
    subject = f"Comeback: {'over at ' if over else ''}{where}: {what}"
    times = [f"Since {told.trouble.began_at:%Y-%m-%d %H:%M} UTC."]
    if told.trouble.ended_at:
        times = [f"{times[0][:-1]}, until {told.trouble.ended_at:%Y-%m-%d %H:%M} UTC."]
    waiting = told.trouble.finding.get("messages")
    cost = [f"Messages waiting: {waiting}."] if waiting and not over else []
    lines = [f"{what}.", " ".join([*times, *cost])]
    if not over:
        command = f"comeback doctor {'' if told.everywhere else told.domain}".strip()
        lines += [f"What to do: {todo}", command]
    return subject[:LONGEST_SUBJECT], "\n\n".join([*lines, public_url]) + "\n"


def as_json(told: Told) -> dict[str, Any]:
    """The body of the webhook."""
    what, todo = _sentences(told.trouble)
    ended_at = told.trouble.ended_at
    return {
        "event": told.event,
        "shop": None if told.everywhere else told.domain,
        "store_id": None if told.everywhere else str(told.store_id),
        "code": told.trouble.code,
        "subject": told.trouble.subject,
        "sentence": what,
        "do": todo,
        "began_at": told.trouble.began_at.isoformat(),
        "ended_at": ended_at.isoformat() if ended_at else None,
        "messages_waiting": told.trouble.finding.get("messages", 0),
    }


def _sentences(trouble: Trouble) -> tuple[str, str]:
    values = {**trouble.finding, "subject": trouble.subject}
    kind = f"finding_{trouble.code}"
    return words(kind, values, "en"), words(f"{kind}_do", values, "en")
