"""Forms as a browser would send them back."""

from flask.testing import FlaskClient

from tests.web.conftest import PAGE, PUBLIC


def settings_form(browser: FlaskClient, **changes: str) -> dict[str, object]:
    """The form as the page shows it, with changes."""
    page = browser.get("/settings", base_url=PUBLIC, headers=PAGE).text
    fields: dict[str, object] = {}
    for part in page.split("<input ")[1:]:
        tag = part.partition(">")[0]
        named = tag.partition('name="')[2].partition('"')[0]
        if 'type="checkbox"' not in tag or "checked" in tag:
            fields[named] = tag.partition('value="')[2].partition('"')[0]
    return {**fields, **changes}
