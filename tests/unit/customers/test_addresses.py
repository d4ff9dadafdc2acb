"""Addresses are compared in one form, and what is no address is nobody's."""

import pytest

from app.customers.addresses import normal_email, normal_phone


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Ana.Rossi@Example.COM ", "ana.rossi@example.com"),
        ("ana+shop@example.com", "ana+shop@example.com"),
        ("ana@localhost", None),
        ("ana@@example.com", None),
        ("", None),
        (None, None),
    ],
)
def test_an_email_is_kept_in_lower_case_with_its_tag(written: str | None, kept: str | None) -> None:
    assert normal_email(written) == kept


@pytest.mark.parametrize(
    ("written", "country", "kept"),
    [
        ("347 123 4567", "IT", "+393471234567"),
        ("347 123 4567", "it", "+393471234567"),
        ("+55 11 91234-5678", None, "+5511912345678"),
        ("+55 11 91234-5678", "IT", "+5511912345678"),
        ("347 123 4567", None, None),
        ("12", "IT", None),
        ("ring me", "IT", None),
    ],
)
def test_a_number_needs_a_country_to_be_somebodys(
    written: str, country: str | None, kept: str | None
) -> None:
    assert normal_phone(written, country) == kept
