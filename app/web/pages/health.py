"""How the store is: what is broken and the way out, and the heartbeat of every topic."""

import re

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from app.inbox.findings import Finding, find
from app.inbox.health import read_facts
from app.inbox.pulse import Pulse
from app.stores.notices import words
from app.web.access import guard, store_session
from app.web.words import language, word_in

health_page = Blueprint("health_page", __name__, url_prefix="/health")
guard(health_page)

_COMMAND = re.compile("`([^`]+)`")
_GROUPS = {"channel": "channel", "subject": "resource"}


@health_page.get("")
def page() -> ResponseReturnValue:
    with store_session() as (session, _):
        facts = read_facts(session)
        return render_template(
            "pages/health.html",
            findings=[(found, *_told(found)) for found in find(facts)],
            pulses=[(pulse, _state(pulse)) for pulse in facts.pulses],
            learning=any(pulse.amber_at is None for pulse in facts.pulses),
            looks=facts.looks,
        ), 200


def _told(found: Finding) -> tuple[str, Markup]:
    """What is wrong and what to do, in the reader's language, our own words translated."""
    speech = language()
    told = {
        name: word_in(_GROUPS[name], value, speech) if name in _GROUPS else value
        for name, value in {**found.values, "subject": found.subject}.items()
    }
    kind = f"finding_{found.code}"
    todo = str(escape(words(f"{kind}_do", told, speech)))
    return words(kind, told, speech), Markup(_COMMAND.sub(r"<code>\1</code>", todo))  # noqa: S704 - escaped.


def _state(pulse: Pulse) -> str:
    """The word for a heartbeat: why it is green matters as much as that it is."""
    if pulse.amber_at is None:
        return "learning"
    return "confirmed" if pulse.confirmed else pulse.colour
