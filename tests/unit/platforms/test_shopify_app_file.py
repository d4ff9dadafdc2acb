"""The file that Shopify deploys says what the code expects."""

import tomllib
from pathlib import Path
from typing import Any

from app.platforms.shopify.documents import API_VERSION
from app.platforms.shopify.payloads import Shopify
from app.platforms.shopify.topics import COMPLIANCE, TOPICS, TRIMMED

ROOT = Path(__file__).parents[3]


def app_file() -> dict[str, Any]:
    return tomllib.loads((ROOT / "shopify.app.toml").read_text())


def test_the_file_subscribes_to_the_topics_and_fields_the_code_reads() -> None:
    subscriptions = app_file()["webhooks"]["subscriptions"]

    told = {
        topic: tuple(entry.get("include_fields", ()))
        for entry in subscriptions
        for topic in entry.get("topics", ())
    }

    assert told == dict(TOPICS)


def test_the_laws_topics_are_subscribed_to() -> None:
    subscriptions = app_file()["webhooks"]["subscriptions"]

    told = [topic for entry in subscriptions for topic in entry.get("compliance_topics", ())]

    assert sorted(told) == sorted(COMPLIANCE)


def test_a_trimmed_body_always_keeps_its_clock() -> None:
    # Shopify drops a delivery whose trimmed body equals the one before it.
    assert all("updated_at" in fields for fields in TRIMMED.values())


def test_the_file_and_the_code_speak_one_version() -> None:
    assert app_file()["webhooks"]["api_version"] == API_VERSION


def test_every_subscribed_topic_has_a_reader() -> None:
    assert set(TOPICS) | set(COMPLIANCE) <= set(Shopify.topics)
