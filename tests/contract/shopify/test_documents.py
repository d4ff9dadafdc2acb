"""Every document we send is valid for the version of the Admin API that we name.

The schema is Shopify's own and is not kept here: it comes with the npm package `@shopify/dev-mcp`
(`dist/data/admin_2026-10.json.gz`). Name that file in SHOPIFY_ADMIN_SCHEMA, with `graphql-core`
installed, to run the check; without them it is skipped, and says so.
"""

import gzip
import json
import os
from pathlib import Path

import pytest

from app.platforms.shopify.documents import document, operation
from app.sandbox.shopify.world import _ANSWERS

QUERIES = Path(__file__).parents[3] / "app" / "platforms" / "shopify" / "queries"
NAMES = sorted(path.stem for path in QUERIES.glob("*.graphql"))


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_valid_for_our_version(name: str) -> None:
    graphql = pytest.importorskip("graphql", reason="install graphql-core to check the documents")
    schema_file = os.environ.get("SHOPIFY_ADMIN_SCHEMA")
    if not schema_file:
        pytest.skip("set SHOPIFY_ADMIN_SCHEMA to admin_2026-10.json.gz to check the documents")
    with gzip.open(schema_file) as opened:
        schema = graphql.build_client_schema(json.load(opened)["data"], assume_valid=True)

    assert graphql.validate(schema, graphql.parse(document(name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_one_plain_operation(name: str) -> None:
    text = document(name)

    assert text.count("{") == text.count("}")
    assert "fragment " not in text
    assert operation(name) == "".join(part.capitalize() for part in name.split("_")).replace(
        "Whatsapp", "WhatsApp"
    )


def test_the_sandbox_answers_every_operation_we_send() -> None:
    sent = {operation(name) for name in NAMES if not name.startswith("bulk_")}

    assert sent == set(_ANSWERS)
