"""The choices kept in a WooCommerce shop's meta data, written by our plugin's checkbox or by us.

It must never read consent out of what it cannot read.
"""

from datetime import datetime

from app.events import (
    CONFIRMED_OPT_IN,
    ConsentChanged,
    ConsentChannel,
    ConsentState,
    Fact,
    Person,
)
from app.platforms.woocommerce.payload import Body, meta, moment

CONSENT_META = "_comeback_consent_"
"""Before the channel's name. The value is `<state>`, then, where they are known, an ISO 8601 time
and the word `confirmed`."""
_CONFIRMED = "confirmed"


def consents(body: Body, person: Person, updated_at: datetime) -> list[Fact]:
    """Every choice in the meta data. Repeats are equal."""
    if not (person.platform_key or person.email or person.phone):
        return []
    kept = meta(body)
    found = [_consent(kept, channel, person, updated_at) for channel in ConsentChannel]
    return [fact for fact in found if fact is not None]


def _consent(
    kept: dict[str, str], channel: ConsentChannel, person: Person, updated_at: datetime
) -> ConsentChanged | None:
    name = f"{CONSENT_META}{channel}"
    state, *more = kept.get(name, "").split() or [""]
    if state not in set(ConsentState):
        return None  # What we cannot read is no consent.
    return ConsentChanged(
        person=person,
        channel=channel,
        state=ConsentState(state),
        source="woocommerce",
        level=CONFIRMED_OPT_IN if _CONFIRMED in more else None,
        evidence={"meta_key": name, "value": kept[name]},
        updated_at=_since(more, name) or updated_at,
    )


def _since(words: list[str], name: str) -> datetime | None:
    said = next((word for word in words if word != _CONFIRMED), "")
    return moment({name: said}, name)


def consent_meta(channel: ConsentChannel, state: ConsentState, at: datetime) -> dict[str, str]:
    """The meta data row that `consents` reads back."""
    return {"key": f"{CONSENT_META}{channel}", "value": f"{state} {at.isoformat()}"}
