"""Every document we send is valid for the version of the Admin API that we name."""

import gzip
import json
from functools import cache
from pathlib import Path

import graphql
import pytest

from app.platforms.shopify.documents import document, operation
from app.sandbox.shopify.world import _ANSWERS
from tests.contract.shopify.schema import SCHEMA

QUERIES = Path(__file__).parents[3] / "app" / "platforms" / "shopify" / "queries"
NAMES = sorted(path.stem for path in QUERIES.glob("*.graphql"))


@cache
def schema() -> graphql.GraphQLSchema:
    with gzip.open(SCHEMA) as opened:
        return graphql.build_client_schema(json.load(opened)["data"], assume_valid=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_valid_for_our_version(name: str) -> None:
    assert graphql.validate(schema(), graphql.parse(document(name))) == []


def test_a_field_shopify_does_not_know_is_found_out() -> None:
    unknown = graphql.parse("query Shop { shop { nmae } }")

    (problem,) = graphql.validate(schema(), unknown)

    assert "nmae" in problem.message


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
