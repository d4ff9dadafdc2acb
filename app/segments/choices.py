"""Consent as a fact of a set of people: the rules of `customers.consent` over the whole ledger."""

from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from app.events import ConsentChannel
from app.models import ConsentEntry, Customer
from app.segments.scope import Scope

_IMPORTED = "import"


def choice_now(scope: Scope, channel: str) -> ColumnElement[str]:
    """The latest choice, the strictest of one moment; after any refusal, by anybody with the same
    number, an imported opt-in does not count."""
    own = scope.join(("choices", channel), _own(scope, channel))
    refused = own.refused
    if channel != ConsentChannel.EMAIL:  # A choice about e-mail is made with an e-mail address.
        by_number = scope.join(("refusals", channel), _by_number(scope, channel), Customer.phone)
        refused = func.greatest(refused, by_number.refused)
    pending = case((refused.is_(None), own.pending), else_=own.chosen_pending)
    subscribed = case((refused.is_(None), own.subscribed), else_=own.chosen_subscribed)
    # GREATEST passes over what is NULL, and CASE takes the first of those that are equal.
    return case(
        (refused, "unsubscribed"),
        (pending, "pending"),
        (subscribed, "subscribed"),
        value=func.greatest(refused, pending, subscribed),
    )


def _own(scope: Scope, channel: str) -> Any:
    """When each person last made each choice; `chosen` are those no file has told."""
    entry = ConsentEntry
    by_themselves = ~func.starts_with(entry.source, _IMPORTED)
    return (
        select(
            entry.customer_id,
            _last(entry.state == "unsubscribed").label("refused"),
            _last(entry.state == "pending").label("pending"),
            _last(entry.state == "subscribed").label("subscribed"),
            _last(entry.state == "pending", by_themselves).label("chosen_pending"),
            _last(entry.state == "subscribed", by_themselves).label("chosen_subscribed"),
        )
        .where(
            entry.store_id == scope.store_id,
            entry.channel == channel,
            scope.of_the_meant(entry.customer_id),
        )
        .group_by(entry.customer_id)
    )


def _by_number(scope: Scope, channel: str) -> Any:
    entry = ConsentEntry
    return (
        select(entry.address, _last().label("refused"))
        .where(
            entry.store_id == scope.store_id,
            entry.channel == channel,
            entry.state == "unsubscribed",
            entry.address.is_not(None),
            scope.has_one_of_the_meant(entry.address, Customer.phone),
        )
        .group_by(entry.address)
    )


def _last(*conditions: ColumnElement[bool]) -> Any:
    latest = func.max(ConsentEntry.occurred_at)
    return latest.filter(*conditions) if conditions else latest
