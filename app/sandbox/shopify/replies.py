"""The envelope of the Admin API's replies: cost, throttling, and holes where data is protected."""

import json
from typing import Any

from werkzeug.wrappers import Response

MAXIMUM, RESTORE = 2000.0, 100.0
"""A standard plan's bucket, in points and points a second."""


def throttled(wait: float) -> dict[str, Any]:
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    return {"errors": [error], "extensions": cost(100.0, 100.0 - wait * RESTORE)}


def cost(requested: float, available: float) -> dict[str, Any]:
    status = {
        "maximumAvailable": MAXIMUM,
        "currentlyAvailable": available,
        "restoreRate": RESTORE,
    }
    return {"cost": {"requestedQueryCost": requested, "throttleStatus": status}}


def withhold(value: Any, path: list[str | int]) -> list[dict[str, Any]]:
    """Blank what an app without the approval may not read, with an error for every hole."""
    holes: list[dict[str, Any]] = []
    if isinstance(value, dict):
        for name in value:
            if name in {"email", "phone", "defaultEmailAddress", "defaultPhoneNumber"}:
                value[name] = None
                message = f"This app is not approved to access the {name} field."
                denied = {"code": "ACCESS_DENIED"}
                holes.append({"message": message, "path": [*path, name], "extensions": denied})
            else:
                holes += withhold(value[name], [*path, name])
    elif isinstance(value, list):
        for place, item in enumerate(value):
            holes += withhold(item, [*path, place])
    return holes


def as_json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, mimetype="application/json")
