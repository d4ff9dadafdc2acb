"""People: found by name or address, and everything we know and decided about one of them."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app import clock, customers
from app.errors import InvalidInput
from app.inbox.connection_facts import erase_person
from app.models import Customer, Flow, Identity, Journey, Merge, Store
from app.web.access import guard, store_session
from app.web.pages.forecasts import prediction_of
from app.web.pages.names import flow_names, person_name
from app.web.pages.recommended import recommended_to
from app.web.pages.signals import signs_shown
from app.web.pages.standing import changes_of, lead_shown, standing_of
from app.web.pages.usual_hour import usual_hour
from app.web.request import config, id_or_404
from app.web.telling import Reader, tell
from app.web.words import language

people = Blueprint("people", __name__, url_prefix="/people")
guard(people)

PAGE = 50


@people.get("")
def page() -> ResponseReturnValue:
    wanted = request.args.get("q", "").strip()
    with store_session() as (session, store):
        found = list(session.scalars(_matching(store, wanted).limit(PAGE + 1)))
        shown = [(customer, person_name(customer)) for customer in found[:PAGE]]
        return render_template(
            "pages/people.html", people=shown, wanted=wanted, is_cut=len(found) > PAGE
        ), 200


@people.get("/<person>")
def one(person: str) -> ResponseReturnValue:
    with store_session() as (session, store):
        customer = _find(session, store, id_or_404(person))
        return render_template(
            "pages/person.html",
            customer=customer,
            name=person_name(customer),
            **_about(session, store, customer),
        ), 200


@people.get("/<person>/export")
def export(person: str) -> ResponseReturnValue:
    """Everything about a person as one file, to hand to them."""
    with store_session() as (session, store):
        customer = _find(session, store, id_or_404(person))
        content = customers.export_customer(session, customer)
    response = Response(
        json.dumps(content, indent=2, ensure_ascii=False, default=str),
        content_type="application/json; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="customer-{person}.json"'
    return response


@people.post("/<person>/erase")
def erase(person: str) -> ResponseReturnValue:
    """Forget a person, here and at the providers. Asked for twice, because it cannot be undone."""
    with store_session() as (session, store):
        customer = _find(session, store, id_or_404(person))
        if request.form.get("confirm") != "erase":
            return redirect(url_for("people.one", person=person, confirm="erase"))
        erase_person(session, store, customer, config())
    return redirect(url_for("people.one", person=person))


def _matching(store: Store, wanted: str) -> Select[Customer]:
    found = select(Customer).where(Customer.store_id == store.store_id)
    if not wanted:
        return found.order_by(Customer.last_active_at.desc().nulls_last())
    text = wanted.lower()
    return found.where(
        or_(
            Customer.email == text,
            Customer.phone == text.replace(" ", ""),
            Customer.first_name.icontains(text, autoescape=True),
            Customer.last_name.icontains(text, autoescape=True),
            Customer.email.icontains(text, autoescape=True),
        )
    ).order_by(Customer.customer_id)


def _find(session: Session, store: Store, customer_id: UUID) -> Customer:
    """The person, also when two rows have become one since."""
    customer = session.get(Customer, (store.store_id, customer_id))
    if customer is None:
        merge = session.get(Merge, (store.store_id, customer_id))
        kept = (store.store_id, merge.kept_id) if merge else None
        customer = session.get(Customer, kept) if kept else None
    if customer is None:
        abort(404)
    return customer


def _about(session: Session, store: Store, customer: Customer) -> dict[str, Any]:
    journeys = session.execute(
        select(Journey, Flow.slug)
        .join(Flow, (Flow.store_id == Journey.store_id) & (Flow.flow_id == Journey.flow_id))
        .where(Journey.store_id == store.store_id, Journey.customer_id == customer.customer_id)
        .order_by(Journey.entered_at.desc())
        .limit(PAGE)
    ).all()
    identities = session.scalars(
        select(Identity)
        .where(Identity.store_id == store.store_id, Identity.customer_id == customer.customer_id)
        .order_by(Identity.kind)
    ).all()
    found = customers.timeline(session, customer.customer_id, _before(), PAGE)
    names = flow_names(session, store)
    reader = Reader(language(), store, names)
    consent = customers.consent_now(session, [customer.customer_id])[customer.customer_id]
    person = customers.load_snapshots(session, [customer.customer_id], clock.now())
    snapshot = person[customer.customer_id]
    return {
        "consent": consent,
        "lead": lead_shown(session, store, customer, consent),
        "signs": signs_shown(session, store, customer),
        "identities": identities,
        "standing": standing_of(session, customer.customer_id),
        "changes": changes_of(session, customer.customer_id),
        **prediction_of(session, customer.customer_id),
        "usual_hour": usual_hour(session, store, snapshot),
        "recommended": recommended_to(session, snapshot),
        "journeys": journeys,
        "names": names,
        "entries": [(entry, tell(entry, reader)) for entry in found.entries],
        "older": found.older,
    }


def _before() -> customers.Place | None:
    """Where the page asked for begins; an address nobody was given does not exist."""
    text = request.args.get("before")
    try:
        return customers.Place.read(text) if text else None
    except InvalidInput:
        abort(404)
