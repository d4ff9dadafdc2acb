"""Building our flows in the merchant's Klaviyo: shown, agreed to, made, shown again, set live.

Nothing is made before the merchant agrees, nothing goes live before they agree again. A step that
Klaviyo cuts short is continued by the page itself: what is there already is found, not made twice.
"""

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.channels.klaviyo import FlowWish, KlaviyoPush, KlaviyoSetup
from app.channels.klaviyo.pieces import Kind, Plan
from app.channels.klaviyo.push import Found, Push
from app.errors import ComebackError
from app.flows.versions import known_flow, list_flows
from app.flows.wishes import email_wishes
from app.inbox.silent_mail import look_for_silence
from app.stores import pushing
from app.web.access import current_store, guard, store_session
from app.web.request import config, connections
from app.web.shown import t

klaviyo_setup = Blueprint("klaviyo_setup", __name__, url_prefix="/channels/klaviyo/setup")
guard(klaviyo_setup)


@klaviyo_setup.get("")
def page() -> ResponseReturnValue:
    """What would be made, and what is there."""
    setup, wishes, contact = _setup()
    plan = setup.plan(wishes)
    return _shown(plan, contact=contact, push=_push()[1].push), 200


@klaviyo_setup.post("")
def apply() -> ResponseReturnValue:
    """Make what is missing, as far as Klaviyo lets us now."""
    setup, wishes, contact = _setup()
    address = request.form.get("test_address", "").strip()
    if "agreed" not in request.form or "@" not in address:
        problem = t("klaviyo.agree_first")
        return _shown(setup.plan(wishes), contact=address or contact, problem=problem), 422
    try:
        done = setup.apply(wishes, address)
    except ComebackError as error:
        return _shown(setup.plan(wishes), contact=address, problem=str(error)), 422
    push = _started() if not done.left else None
    return _shown(setup.plan(wishes), contact=address, wait=done.retry_after, push=push), 200


@klaviyo_setup.post("/live")
def set_live() -> ResponseReturnValue:
    """Start the flows in Klaviyo. They are found by name again, never taken from the form."""
    setup, wishes, contact = _setup()
    plan = setup.plan(wishes)
    if plan.missing:
        return _shown(plan, contact=contact, problem=t("klaviyo.not_made_yet")), 422
    found = [piece.provider_id for piece in plan.pieces if piece.kind is Kind.FLOW]
    gone = setup.set_live([flow_id for flow_id in found if flow_id])
    if gone.left:
        problem = t("klaviyo.some_left", count=len(gone.left))
        return _shown(plan, contact=contact, problem=problem), 503
    look_for_silence(current_store(), connections())
    return redirect(url_for("channels.page", live=1))


def _setup() -> tuple[KlaviyoSetup, Sequence[FlowWish], str]:
    """The account, what our flows need in it, and where a test may go. No transaction is left."""
    with store_session() as (session, store):
        lines = list_flows(session, store)
        known = [known_flow(session, store, line.slug) for line in lines]
        contact = store.contact_email or ""
    setup = connections().klaviyo_setup(current_store())
    if setup is None:
        abort(404)
    return setup, [wish for flow in known for wish in email_wishes(flow.definition)], contact


def _push() -> tuple[KlaviyoPush, Found]:
    """The webhook of this store, and where it stands."""
    push = connections().klaviyo_push(current_store())
    if push is None:
        abort(404)
    return push, pushing.look(config(), current_store(), push)


def _started() -> Push:
    """Make the webhook where the account has them. The poll is the base: nothing depends on it."""
    push, found = _push()
    if found.push is Push.MISSING:
        found = pushing.start(config(), current_store(), push, found)
    return found.push


def _shown(
    plan: Plan,
    *,
    contact: str,
    problem: str = "",
    wait: float | None = None,
    push: Push | None = None,
) -> str:
    """`push` None: not looked at now, and left out."""
    return render_template(
        "connect/klaviyo_setup.html",
        plan=plan,
        push=push,
        missing=len(plan.missing) + (push is Push.MISSING),
        kinds=list(Kind),
        contact=contact,
        problem=problem,
        wait=wait,
    )
