"""What people of the shop should do, most urgent first, with the words that help."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, select

from app import clock
from app.models import Customer, Task
from app.web.access import guard, store_session
from app.web.pages.names import person_name
from app.web.request import id_or_404

tasks = Blueprint("tasks", __name__, url_prefix="/tasks")
guard(tasks)

PAGE = 100


@tasks.get("")
def page() -> ResponseReturnValue:
    closed = request.args.get("show") == "closed"
    with store_session() as (session, store):
        rows = session.execute(
            select(Task, Customer)
            .join(
                Customer,
                and_(Customer.store_id == Task.store_id, Customer.customer_id == Task.customer_id),
            )
            .where(
                Task.store_id == store.store_id,
                Task.closed_at.is_not(None) if closed else Task.closed_at.is_(None),
            )
            .order_by(Task.closed_at.desc() if closed else Task.due_at)
            .limit(PAGE)
        )
        shown = [(task, person_name(customer)) for task, customer in rows]
        return render_template("pages/tasks.html", tasks=shown, closed=closed, now=clock.now()), 200


@tasks.post("/<task>/close")
def close(task: str) -> ResponseReturnValue:
    """Done. Promotions that it held back may go again (C7)."""
    with store_session() as (session, store):
        row = session.get(Task, (store.store_id, id_or_404(task)), with_for_update=True)
        if row is None:
            abort(404)
        row.closed_at = row.closed_at or clock.now()
    return redirect(url_for("tasks.page"))
