"""The SDK builds its parts when they are first asked for; a worker asks before its first job."""

import sys

from app.channels import klaviyo


def test_what_sending_and_polling_need_is_built_when_a_worker_begins() -> None:
    klaviyo.load_sdk()

    needed = {f"openapi_client.api.{part}_api" for part in ("events", "profiles", "metrics")}
    assert needed <= sys.modules.keys()
