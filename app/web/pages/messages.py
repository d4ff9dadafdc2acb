"""One message as it was sent, and everything that became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Credit, Customer, Decision, Flow, Message, ReceiptEntry, Store, Touch
from app.web.access import guard, store_session
from app.web.pages.chosen import chosen_for
from app.web.pages.decisions import decision_rows, lines
from app.web.pages.names import flow_names, person_name
from app.web.request import id_or_404
from app.web.shown import t, word

messages = Blueprint("messages", __name__, url_prefix="/messages")
guard(messages)


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    title: str
    detail: str = ""


@messages.get("/<message>")
def page(message: str) -> ResponseReturnValue:
    with store_session() as (session, store):
        row = session.get(Message, (store.store_id, id_or_404(message)))
        if row is None:
            abort(404)
        customer = session.get(Customer, (store.store_id, row.customer_id))
        assert customer is not None  # The foreign key says so.
        decided = decision_rows(
            store, Decision.journey_id == row.journey_id, Decision.step == row.step
        )
        # The mail's own styles stand in it; its frame lets nothing run.
        g.shows_mail = True
        return render_template(
            "pages/message.html",
            message=row,
            customer=customer,
            name=person_name(customer),
            flow=flow_names(session, store).get(row.flow_id, ""),
            slug=session.get_one(Flow, (store.store_id, row.flow_id)).slug,
            chosen=chosen_for(session, store, row),
            history=_history(session, store, row),
            credits=_of(session, store, row, Credit),
            lines=lines(session, store, decided),
        ), 200


def _history(session: Session, store: Store, message: Message) -> list[Moment]:
    moments = [Moment(message.planned_at, t("message.planned"))]
    if message.sent_at:
        moments.append(Moment(message.sent_at, t("message.sent")))
    for receipt in _of(session, store, message, ReceiptEntry):
        title = word("status", receipt.status)
        moments.append(Moment(receipt.occurred_at, title, receipt.code or ""))
    for touch in _of(session, store, message, Touch):
        moments.append(Moment(touch.touched_at, word("touch", touch.kind)))
    return sorted(moments, key=lambda moment: moment.at)


def _of(session: Session, store: Store, message: Message, table: Any) -> list[Any]:
    return list(
        session.scalars(
            select(table).where(
                table.store_id == store.store_id, table.message_id == message.message_id
            )
        )
    )
