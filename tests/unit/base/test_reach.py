"""Which addresses a merchant's setting may reach."""

import pytest

from app.errors import InvalidInput
from app.reach import guard_url


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example",
        "ftp://shop.example",
        "https://user:pw@shop.example",
        "https://",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.7/",
        "https://localhost/",
        "https://no-such-name.invalid/",
    ],
)
def test_an_address_inside_our_network_or_without_tls_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        guard_url(url, field="address")

    assert refused.value.field == "address"


def test_a_sandbox_may_be_on_loopback() -> None:
    assert guard_url("http://127.0.0.1:8080", field="address", allow_private=True)
