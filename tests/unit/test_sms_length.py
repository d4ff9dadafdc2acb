"""The parts of a text, as the network counts and bills them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.sms_length import Encoding, SmsLength, outside_gsm, price_minor, segments

GSM = "abcXYZ0189 @£èéùìòÇ\nØøÅåΔ_ÆæßÉäöñüàÄÖÑÜ§¿!"
EXTENDED = "^{}\\[~]|€\f"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", Encoding.GSM_7, 0, 0),
        ("a" * 160, Encoding.GSM_7, 160, 1),
        ("a" * 161, Encoding.GSM_7, 161, 2),
        ("a" * 306, Encoding.GSM_7, 306, 2),
        ("a" * 307, Encoding.GSM_7, 307, 3),
        ("€" * 80, Encoding.GSM_7, 160, 1),
        # The escape of the 77th € would end the first part: it moves, so a part holds 152.
        ("€" * 81, Encoding.GSM_7, 162, 2),
        ("€" * 153, Encoding.GSM_7, 306, 3),
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM_7, 306, 3),
        ("я" * 70, Encoding.UCS_2, 70, 1),
        ("я" * 71, Encoding.UCS_2, 71, 2),
        ("я" * 134, Encoding.UCS_2, 134, 2),
        ("я" * 135, Encoding.UCS_2, 135, 3),
        ("😀" * 35, Encoding.UCS_2, 70, 1),
        ("😀" * 36, Encoding.UCS_2, 72, 2),
        ("😀" * 67, Encoding.UCS_2, 134, 3),
        ("Ç", Encoding.GSM_7, 1, 1),
        ("ç", Encoding.UCS_2, 1, 1),
        ("perché è così? più, già, ò", Encoding.GSM_7, 26, 1),
        ("á", Encoding.UCS_2, 1, 1),
        ("l’offerta", Encoding.UCS_2, 9, 1),
        ("👨‍👩‍👧", Encoding.UCS_2, 8, 1),
    ],
)
def test_known_texts_count_as_the_network_counts(
    text: str, encoding: Encoding, units: int, parts: int
) -> None:
    assert segments(text) == SmsLength(encoding, units, parts)


@given(st.text(alphabet=GSM + EXTENDED, max_size=700))
def test_gsm_units_are_one_or_two_a_sign_and_parts_can_hold_them(text: str) -> None:
    length = segments(text)

    assert length.encoding is Encoding.GSM_7
    assert length.units == len(text) + sum(text.count(sign) for sign in EXTENDED)
    assert length.parts * (160 if length.parts == 1 else 153) >= length.units


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400))
def test_ucs2_units_are_utf16_code_units(text: str) -> None:
    length = segments("я" + text)

    assert length.encoding is Encoding.UCS_2
    assert length.units == len(("я" + text).encode("utf-16-le")) // 2
    # A pair that moves wastes one unit of a part at most.
    assert length.parts == 1 or (length.parts - 1) * 66 < length.units <= length.parts * 67


@given(st.text(max_size=300), st.text(max_size=50))
def test_a_longer_text_never_needs_fewer_parts(text: str, more: str) -> None:
    assert segments(text + more).parts >= segments(text).parts


@given(st.text(max_size=300))
def test_the_encoding_is_explained_by_the_signs_outside_gsm(text: str) -> None:
    culprits = outside_gsm(text)

    assert (segments(text).encoding is Encoding.UCS_2) == bool(culprits)
    assert all(sign in text for sign in culprits)


def test_a_price_comes_from_the_stores_own_table_and_is_never_made_up() -> None:
    prices = {"IT": Decimal("7.25")}

    assert price_minor(2, "IT", prices) == Decimal("14.50")
    assert price_minor(2, "FR", prices) is None
    assert price_minor(0, "IT", prices) == 0
