"""Whom a row names as the buyer. Nobody is a good answer: such an order is a guest's."""

from typing import Any

from email_validator import EmailNotValidError, validate_email

from app.platforms.csvfile.cells import Cells
from app.platforms.csvfile.words import country_code


def buyer_of(cells: Cells) -> dict[str, Any]:
    """What is said of the buyer, by our names."""
    first, _, last = cells.text("full_name").partition(" ")
    customer = cells.key("customer_id")
    said: dict[str, Any] = {
        "email": _email(cells),
        "phone": _phone(cells),
        # WooCommerce writes 0 for a guest.
        "customer_id": None if customer == "0" else customer,
        "country": country_code(cells.text("country")),
    }
    if first and not (cells.text("first_name") or cells.text("last_name")):
        said |= {"first_name": first, "last_name": last.strip()}
    return said


def _email(cells: Cells) -> str | None:
    text = cells.text("email")
    try:
        if text:
            # The test domains pass, as they do when the customer is looked up by the address.
            validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        fix = "correct it or leave the cell empty"
        raise cells.bad("email", "is no e-mail address", fix) from error
    return text or None


def _phone(cells: Cells) -> str | None:
    text = cells.text("phone")
    if "E+" in text.upper():
        fix = "format the column as text before saving, and export it again"
        raise cells.bad("phone", "was shortened by a spreadsheet", fix)
    return text[:40] or None
