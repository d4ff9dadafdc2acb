"""The consent ledger: every choice once, never rewritten; what holds now follows from all of them.

The latest choice by the source's clock holds, and a tie goes to the opt-out. Two rules go further,
both for the person's sake: an opt-in from an imported file never lifts an opt-out, because files
say when they were written and not when somebody agreed; and an opt-out made with a telephone number
silences that number for everybody who has it. A customer deleted in the shop has no consent left.
A confirmation outlasts a later tick without one, and ends with a refusal or with its address.

An opt-out, and a return after one, is queued to be written back to the shop and to the providers,
except to where it came from. One read from history is, if we took the person for subscribed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, or_, select
from sqlalchemy.orm import Session

from app.customers.batch import Batch
from app.customers.changes import ChangeKind
from app.customers.facts import Told
from app.customers.snapshot import ConsentNow
from app.events import (
    CONFIRMED_OPT_IN,
    ConsentChanged,
    ConsentChannel,
    ConsentState,
    CustomerDeleted,
)
from app.models import ConsentEntry, ConsentWriteback, Customer, new_id
from app.models.rows import STORE, Row, add, listed, one_of
from app.tenancy import store_of

IMPORTED = "import"
"""How the source of a choice begins when it was read from a file."""

_STRICTNESS = {
    ConsentState.SUBSCRIBED: 0,
    ConsentState.PENDING: 1,
    ConsentState.UNSUBSCRIBED: 2,
}
_TARGETS = {
    ConsentChannel.EMAIL: ("shop", "klaviyo"),
    ConsentChannel.SMS: ("shop", "twilio", "klaviyo"),
    ConsentChannel.WHATSAPP: ("shop", "twilio"),
}
_SHOPS = {"shopify", "woocommerce"}
_Place = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of the ledger. `confirms`: the address it has today confirmed this opt-in."""

    state: str
    source: str
    occurred_at: datetime
    confirms: bool = False

    @property
    def closes(self) -> bool:
        return self.state == ConsentState.UNSUBSCRIBED


def holds(choices: Iterable[Choice]) -> Choice | None:
    """Which of all choices about one channel holds now."""
    counted = _counted(choices)
    return counted[-1] if counted else None


def is_confirmed(choices: Iterable[Choice]) -> bool:
    """Whether the opt-in that holds now was confirmed, by this choice or by one before it."""
    found = False
    for choice in _counted(choices):
        found = not choice.closes and (found or choice.confirms)
    return found


def _counted(choices: Iterable[Choice]) -> list[Choice]:
    """The choices that say something, the one that holds last."""
    ranked = sorted(choices, key=lambda c: (c.occurred_at, _STRICTNESS[ConsentState(c.state)]))
    if not any(choice.closes for choice in ranked):
        return ranked
    return [choice for choice in ranked if choice.closes or not choice.source.startswith(IMPORTED)]


def consent_now(
    session: Session, customer_ids: Sequence[UUID]
) -> dict[UUID, dict[str, ConsentNow]]:
    """What holds now for each of these people, by channel; nobody asked, nothing there."""
    found: dict[UUID, dict[str, ConsentNow]] = {customer_id: {} for customer_id in customer_ids}
    for (customer_id, channel), choices in _choices(session, customer_ids, by_number=True).items():
        if (now := holds(choices)) is not None:
            found[customer_id][channel] = ConsentNow(
                state=now.state,
                since=now.occurred_at,
                source=now.source,
                confirmed=is_confirmed(choices),
            )
    return found


def _choices(
    session: Session, customer_ids: Iterable[UUID], *, by_number: bool
) -> dict[_Place, list[Choice]]:
    found: dict[_Place, list[Choice]] = {}
    asked = {"store": store_of(session), "people": listed(customer_ids)}
    rows = session.execute(OWN_AND_SHARED if by_number else _OWN, asked)
    for customer_id, channel, state, source, at, confirms in rows:
        choice = Choice(state, source, at, bool(confirms))
        found.setdefault((customer_id, channel), []).append(choice)
    return found


def _confirms() -> ColumnElement[bool]:
    """A confirmation speaks for the address it was made with, as far as the source has named it."""
    is_email = ConsentEntry.channel == ConsentChannel.EMAIL
    address = case((is_email, Customer.email), else_=Customer.phone)
    return and_(
        ConsentEntry.state == ConsentState.SUBSCRIBED,
        ConsentEntry.level == CONFIRMED_OPT_IN,
        or_(ConsentEntry.address.is_(None), ConsentEntry.address == address),
    )


_ENTRY = (
    ConsentEntry.channel,
    ConsentEntry.state,
    ConsentEntry.source,
    ConsentEntry.occurred_at,
)
_OWN = (
    select(ConsentEntry.customer_id, *_ENTRY, _confirms())
    .join(
        Customer,
        (Customer.store_id == ConsentEntry.store_id)
        & (Customer.customer_id == ConsentEntry.customer_id),
    )
    .where(ConsentEntry.store_id == STORE, one_of(ConsentEntry.customer_id, "people"))
)
_SHARED = (
    select(Customer.customer_id, *_ENTRY, false())
    .join(
        ConsentEntry,
        (ConsentEntry.store_id == Customer.store_id)
        & (ConsentEntry.address == Customer.phone)
        & (ConsentEntry.state == ConsentState.UNSUBSCRIBED),
    )
    .where(Customer.store_id == STORE, one_of(Customer.customer_id, "people"))
)
OWN_AND_SHARED = _OWN.union_all(_SHARED)


def fold(batch: Batch) -> None:
    """Put the choices of the batch into the ledger, and note what they changed."""
    entries = [entry for one in batch.told for entry in _entries(batch, one)]
    if not entries:
        return
    people = {row["customer_id"] for row, _ in entries}
    known = _choices(batch.session, people, by_number=False)
    rows = [row for row, _ in entries]
    add(batch.session, ConsentEntry, rows)
    places: dict[_Place, list[tuple[Row, Told]]] = {}
    for row, one in entries:
        places.setdefault((row["customer_id"], row["channel"]), []).append((row, one))
    back: list[Row] = []
    for place, told in places.items():
        back += _settle(batch, place, known.get(place, []), told)
    add(batch.session, ConsentWriteback, back)


def _entries(batch: Batch, one: Told) -> list[tuple[Row, Told]]:
    owner = batch.customer_of.get(one.key)
    if owner is None:
        return []
    if isinstance(one.fact, ConsentChanged):
        address = one.email if one.fact.channel is ConsentChannel.EMAIL else one.phone
        row = _entry(batch, one, owner, one.fact.channel)
        row.update(
            state=one.fact.state.value,
            source=one.fact.source,
            level=one.fact.level,
            address=address,
            evidence=dict(one.fact.evidence),
        )
        return [(row, one)]
    if isinstance(one.fact, CustomerDeleted):
        return [(_entry(batch, one, owner, channel), one) for channel in ConsentChannel]
    return []


def _entry(batch: Batch, one: Told, owner: UUID, channel: ConsentChannel) -> Row:
    is_choice = isinstance(one.fact, ConsentChanged)
    return {
        "store_id": batch.store_id,
        "consent_id": new_id(),
        "entry_key": one.key if is_choice else f"{one.key}:{channel}",
        "customer_id": owner,
        "channel": channel.value,
        "scope": "channel",
        "state": ConsentState.UNSUBSCRIBED.value,
        "source": "customer_deleted",
        "level": None,
        "address": None,
        "evidence": {},
        "occurred_at": one.at,
        "recorded_at": batch.now,
    }


def _settle(
    batch: Batch, place: _Place, known: list[Choice], told: list[tuple[Row, Told]]
) -> list[Row]:
    """Note the change at one place of the ledger; the write-backs it asks for."""
    new = [(Choice(row["state"], row["source"], row["occurred_at"]), row, one) for row, one in told]
    before, after = holds(known), holds([*known, *(choice for choice, _, _ in new)])
    if after is None or (before is not None and before.state == after.state):
        return []
    customer_id, channel = place
    behind = [one for _, one in told]
    batch.note(ChangeKind.CONSENT_CHANGED, customer_id, behind, channel=channel, state=after.state)
    row, one = next((row, one) for choice, row, one in new if choice == after)
    if isinstance(one.fact, CustomerDeleted) or not _must_be_told(before, after, one.live):
        return []
    return [_writeback(batch, row, target) for target in _targets(row)]


def _must_be_told(before: Choice | None, after: Choice, live: bool) -> bool:
    if after.closes:
        return live or (before is not None and before.state == ConsentState.SUBSCRIBED)
    returned = before is not None and before.closes
    return live and returned and after.state == ConsentState.SUBSCRIBED


def _targets(row: Row) -> list[str]:
    source = row["source"].partition(":")[0]
    origin = "shop" if source in _SHOPS else source
    return [target for target in _TARGETS[ConsentChannel(row["channel"])] if target != origin]


def _writeback(batch: Batch, row: Row, target: str) -> Row:
    names = ("store_id", "consent_id", "customer_id", "channel", "state", "occurred_at")
    return {
        **{name: row[name] for name in names},
        "target": target,
        "due_at": batch.now,
        "attempts": 0,
    }
