"""The quick reader takes what Python's own takes, and means the same by it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from app import jsontext

BODIES = (
    b'{"a": 1.50, "b": 19.9, "c": 1e2, "d": -0.0, "e": 1e400}',
    b'{"a": 123456789012345678901234567890}',
    b'{"a": "\\ud800 half a pair"}',
    b'{"a": "\\u0000"}',
    b"[NaN, Infinity]",
    b'{"a": 1, "a": 2}',
    b"\xef\xbb\xbf{}",
    '{"a": "é"}'.encode("utf-16"),
)


@pytest.mark.parametrize("body", BODIES)
def test_what_is_read_is_what_pythons_own_reader_reads(body: bytes) -> None:
    assert str(jsontext.read_exact(body)) == str(json.loads(body, parse_float=Decimal))


@pytest.mark.parametrize("body", [b"", b"[", b"{} x", b'"\x01"', b'{"a": "\xff"}', b"9" * 5000])
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        jsontext.read_exact(body)


def test_a_number_with_a_point_never_becomes_a_float() -> None:
    assert jsontext.read_exact(b'{"price": 19.90}') == {"price": Decimal("19.90")}


def test_rows_are_written_as_the_database_reads_them() -> None:
    row = {
        "id": UUID(int=7),
        "at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "total": Decimal("1.50"),
        "none": None,
    }

    assert json.loads(jsontext.write(row)) == {
        "id": "00000000-0000-0000-0000-000000000007",
        "at": "2026-03-02T09:00:00Z",
        "total": "1.50",
        "none": None,
    }


def test_the_same_content_is_the_same_text_in_any_order() -> None:
    assert jsontext.write_sorted({"b": 1, "a": 2}) == jsontext.write_sorted({"a": 2, "b": 1})


@pytest.mark.parametrize(
    ("text", "kept"),
    [("An\0a", "Ana"), ("\ud83d!", "!"), ("two\nlines \U0001f600", "two\nlines \U0001f600")],
)
def test_of_a_text_only_what_no_row_can_hold_is_lost(text: str, kept: str) -> None:
    assert jsontext.storable(text) == kept
