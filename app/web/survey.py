"""The question after an order: 0 to 10, and a few words if the person likes.

A button in a mail only prepares the answer. It is given by one press on our page, because mail
scanners press every button they find.
"""

from uuid import UUID

from flask import Blueprint, abort, render_template, request
from sqlalchemy.orm import Session

from app import clock, customers
from app.errors import BadSignature
from app.events import CustomerActed
from app.inbox import take_changes
from app.messages import choices, tokens
from app.messages.touches import person_of
from app.models import Customer, Message, Store
from app.stores import lifecycle
from app.tenancy import store_transaction
from app.web.limits import GUESSES, PRESSES, limiter, this_path, was_a_guess
from app.web.recipient import named_store, speak_for
from app.web.request import config

survey = Blueprint("survey", __name__)

LONGEST_COMMENT = 1_000
COMMENT = "comment_left"
_SCORES = {str(score) for score in range(11)}


@survey.route("/s/<token>", methods=["GET", "POST"])
@limiter.limit(PRESSES, key_func=this_path)
@limiter.limit(GUESSES, deduct_when=was_a_guess)
def answer(token: str) -> tuple[str, int]:
    """The page on GET, the answer on POST."""
    try:
        named = tokens.read_survey(token, config())
    except BadSignature:
        abort(404)
    chosen = _score(request.values.get("score", ""))
    with store_transaction(named_store(named.store_number)) as session:
        store = lifecycle.this_store(session)
        message = speak_for(session, store, named.message_id)
        if message is None:
            abort(404)
        asks = request.method == "GET" or chosen is None
        if chosen is not None and not asks:
            _keep(session, store, message, chosen)
    page = render_template(
        "recipient/survey.html",
        store=store,
        chosen=chosen if chosen is not None else named.score,
        comment=request.form.get("comment", "")[:LONGEST_COMMENT],
        asks=asks,
        missing=request.method == "POST" and asks,
        longest=LONGEST_COMMENT,
    )
    return page, 422 if request.method == "POST" and asks else 200


def _score(text: str) -> int | None:
    return int(text) if text in _SCORES else None


def _keep(session: Session, store: Store, message: Message, score: int) -> None:
    now, keys = clock.now(), config().keys
    changes = choices.answer_survey(session, message.message_id, score, now, keys)
    comment = request.form.get("comment", "").strip()[:LONGEST_COMMENT]
    if comment:
        fact = _comment(session, store.store_id, message, comment)
        changes = [*changes, *customers.apply(session, fact, now, keys=keys)]
    take_changes(session, store, changes)


def _comment(
    session: Session, store_id: UUID, message: Message, comment: str
) -> list[customers.Incoming]:
    customer = session.get(Customer, (store_id, message.customer_id))
    if customer is None or customer.erased_at is not None:
        return []
    fact = CustomerActed(
        event_key=f"comment:{message.message_id}",
        name=COMMENT,
        person=person_of(customer),
        values={"comment": comment, "message_id": str(message.message_id)},
        updated_at=clock.now(),
    )
    return [customers.Incoming(fact=fact, source="survey", live=True)]
