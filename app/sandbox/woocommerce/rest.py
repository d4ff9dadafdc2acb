"""The REST API v3, as far as a retention engine calls it: lists, single objects, and writes with
the same error bodies. It knows nothing of who calls; see `access`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.wrappers import Request, Response

from app.sandbox.woocommerce import bodies, lists
from app.sandbox.woocommerce.state import Coupon, Hook, Site, now

_FINDERS: dict[str, Callable[[Site, lists.Arguments], list[Any]]] = {
    "orders": lists.orders,
    "customers": lists.customers,
    "products": lists.products,
    "coupons": lambda site, arguments: [
        coupon
        for coupon in site.coupons.values()
        if arguments.get("code", coupon.code).lower() == coupon.code
    ],
    "webhooks": lambda site, _: list(site.hooks.values()),
}
_SHOW: dict[str, Callable[..., bodies.Body]] = {
    "orders": bodies.order,
    "customers": bodies.customer,
    "products": bodies.product,
    "coupons": bodies.coupon,
    "webhooks": bodies.hook,
}
_SINGULAR = {"orders": "shop_order", "coupons": "shop_coupon", "webhooks": "shop_webhook"}


def answer(site: Site, request: Request, path: str) -> Response:
    """Route one authenticated call."""
    collection, _, rest = path.strip("/").partition("/")
    arguments = {name: values[-1] for name, values in request.args.lists()}
    if collection not in _SHOW:
        return _setting(site, path.strip("/"), arguments)
    if not rest:
        if request.method == "POST":
            return _create(site, collection, request.get_json())
        return _list(site, collection, arguments)
    return _single(site, request, collection, int(rest) if rest.isdecimal() else 0)


def problem(body: bodies.Body) -> Response:
    return _json(body, body["data"]["status"])


def records(site: Site, collection: str) -> dict[int, Any]:
    found: dict[int, Any] = getattr(site, "hooks" if collection == "webhooks" else collection)
    return found


def not_found(collection: str, status: int = 404) -> bodies.Body:
    name = _SINGULAR.get(collection, collection.removesuffix("s"))
    return bodies.error(status, f"woocommerce_rest_{name}_invalid_id", "Invalid ID.")


def _list(site: Site, collection: str, arguments: lists.Arguments) -> Response:
    try:
        rows = _FINDERS[collection](site, arguments)
        shown = lists.page(rows, arguments)
    except lists.BadParameter as error:
        message = f"Invalid parameter(s): {error}"
        return problem(bodies.error(400, "rest_invalid_param", message))
    response = _json([_shown(site, collection, row, arguments) for row in shown])
    # Past the end, orders count as none at all.
    counted = [] if collection == "orders" and not shown else rows
    response.headers["X-WP-Total"] = str(len(counted))
    response.headers["X-WP-TotalPages"] = str(lists.pages(counted, arguments))
    return response


def _single(site: Site, request: Request, collection: str, object_id: int) -> Response:
    record = records(site, collection).get(object_id)
    if record is None:
        # Writing to an unknown order is a 400, everything else a 404.
        odd = request.method == "PUT" and collection in {"orders", "coupons"}
        return problem(not_found(collection, 400 if odd else 404))
    arguments = {name: values[-1] for name, values in request.args.lists()}
    if request.method == "PUT":
        _change(site, collection, record, request.get_json())
    if request.method == "DELETE":
        shown = _shown(site, collection, record, arguments)
        return _delete(site, collection, record, arguments) or _json(shown)
    return _json(_shown(site, collection, record, arguments))


def _shown(site: Site, collection: str, record: Any, arguments: lists.Arguments) -> bodies.Body:
    if collection == "orders" and "dp" in arguments:
        body = bodies.order(site, record, int(arguments["dp"]))
    else:
        body = _SHOW[collection](site, record)
    wanted = arguments.get("_fields")
    return {k: v for k, v in body.items() if k in wanted.split(",")} if wanted else body


def _create(site: Site, collection: str, data: dict[str, Any]) -> Response:
    if collection == "coupons":
        return _create_coupon(site, data)
    if collection != "webhooks":
        return problem(bodies.error(404, "rest_no_route", "No route was found."))
    hook = Hook(
        id=site.next_id(),
        name=str(data.get("name", "")),
        topic=str(data["topic"]),
        url=str(data["delivery_url"]),
        secret=str(data.get("secret") or "the shop's own invention"),
        status=str(data.get("status", "active")),
    )
    site.hooks[hook.id] = hook
    return _json(bodies.hook(site, hook), 201)


def _create_coupon(site: Site, data: dict[str, Any]) -> Response:
    code = str(data.get("code", "")).lower()
    if any(coupon.code == code for coupon in site.coupons.values()):
        name = "woocommerce_rest_coupon_code_already_exists"
        return problem(bodies.error(400, name, "The coupon code already exists"))
    coupon = Coupon(
        id=site.next_id(),
        code=code,
        discount_type=str(data.get("discount_type", "fixed_cart")),
        amount=str(data.get("amount", "0")),
        description=str(data.get("description", "")),
        free_shipping=bool(data.get("free_shipping", False)),
        individual_use=bool(data.get("individual_use", False)),
        usage_limit=data.get("usage_limit"),
        usage_limit_per_user=data.get("usage_limit_per_user"),
        email_restrictions=[str(e).lower() for e in data.get("email_restrictions", [])],
        expires=_expiry(site, data),
        created=now(),
    )
    site.coupons[coupon.id] = coupon
    site.emit("coupon.created", coupon.id)
    return _json(bodies.coupon(site, coupon), 201)


def _expiry(site: Site, data: dict[str, Any]) -> datetime | None:
    """`date_expires_gmt` is in the documentation and has no effect: nothing sets it."""
    if not data.get("date_expires"):
        return None
    at = datetime.fromisoformat(str(data["date_expires"]))
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(site.settings.timezone))).astimezone(
        UTC
    )


def _change(site: Site, collection: str, record: Any, data: dict[str, Any]) -> None:
    if collection == "webhooks":
        record.status = data.get("status", record.status)  # The count of failures stays.
        return
    if collection in {"orders", "customers"}:
        for row in data.get("meta_data", []):
            record.meta[str(row["key"])] = str(row["value"])
    if collection == "orders":
        record.status = data.get("status", record.status)
    if collection != "coupons":
        record.modified = now()
        site.emit(f"{collection.removesuffix('s')}.updated", record.id)


def _delete(
    site: Site, collection: str, record: Any, arguments: lists.Arguments
) -> Response | None:
    """None when it is done."""
    forced = arguments.get("force") in {"true", "1"}
    if not forced and collection in {"customers", "webhooks"}:
        message = "Resource does not support trashing."
        return problem(bodies.error(501, "woocommerce_rest_trash_not_supported", message))
    if collection == "orders" and not forced:
        record.status_before_trash, record.status = record.status, "trash"
        site.emit("order.deleted", record.id)
        return None
    del records(site, collection)[record.id]
    if collection in {"customers", "products", "coupons"}:
        site.emit(f"{collection.removesuffix('s')}.deleted", record.id)
    return None  # An order deleted by force goes without a word.


def _setting(site: Site, path: str, arguments: lists.Arguments) -> Response:
    settings = site.settings
    known: dict[str, Any] = {
        "settings/general": [
            {"id": "woocommerce_currency", "value": settings.currency},
            {"id": "woocommerce_default_country", "value": settings.country},
        ],
        "settings/email/woocommerce_email_from_address": {"value": settings.contact_email},
        "system_status": {"environment": {"language": settings.language}},
        "data/currencies/current": {"code": settings.currency},
    }
    if path not in known:
        message = "No route was found matching the URL and request method."
        return problem(bodies.error(404, "rest_no_route", message))
    return _json(known[path])


def _json(value: Any, status: int = 200) -> Response:
    return Response(
        bodies.write(value), status=status, content_type="application/json; charset=UTF-8"
    )
