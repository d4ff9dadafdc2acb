"""A page that arrives without a token goes round by the bounce page, and nowhere else."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.config import Config
from app.errors import InvalidInput
from app.platforms.shopify.bounce import (
    bounce_page,
    frame_ancestors,
    leave_frame,
    retry_with_new_token,
    to_bounce_page,
)

CONFIG = Config(shopify_api_key='client"id')
PAGE = "/shopify/flows?shop=officina.myshopify.com&host=abc&id_token=stale&tab=carts"


def test_a_stale_document_is_sent_round_and_comes_back_without_its_token() -> None:
    reply = to_bounce_page("https://app.example/", "/shopify/bounce", PAGE)

    there = urlsplit(reply.headers["Location"])
    query = parse_qs(there.query)
    assert reply.status == 302
    assert (there.scheme, there.netloc, there.path) == ("https", "app.example", "/shopify/bounce")
    assert query["shopify-reload"] == [
        "/shopify/flows?shop=officina.myshopify.com&host=abc&tab=carts"
    ]
    assert query["shop"] == ["officina.myshopify.com"]
    assert "id_token" not in query


def test_the_bounce_page_holds_app_bridge_and_lets_only_the_shop_frame_it() -> None:
    sent = urlsplit(to_bounce_page("https://app.example", "/b", PAGE).headers["Location"])

    reply = bounce_page(CONFIG, sent.query)

    assert 'data-api-key="client&quot;id"' in reply.body
    assert reply.headers["Content-Security-Policy"] == (
        "frame-ancestors https://officina.myshopify.com https://admin.shopify.com;"
    )


@pytest.mark.parametrize("shop", ["", "evil.example", "a.myshopify.com; script-src *", "a\r\nb"])
def test_no_other_host_is_written_into_a_header(shop: str) -> None:
    with pytest.raises(InvalidInput):
        frame_ancestors(shop)


@pytest.mark.parametrize("path", ["", "//evil.example", "/\\evil.example", "https://evil", "/a\nb"])
def test_a_page_never_sends_a_browser_elsewhere(path: str) -> None:
    with pytest.raises(InvalidInput):
        to_bounce_page("https://app.example", "/b", path)


def test_a_script_is_told_to_try_again_with_a_new_token() -> None:
    reply = retry_with_new_token()

    assert reply.status == 401
    assert reply.headers == {"X-Shopify-Retry-Invalid-Session-Request": "1"}


def test_the_frame_is_left_by_header_for_scripts_and_by_page_for_documents() -> None:
    target = 'https://www.klaviyo.com/oauth?a="b"'

    script = leave_frame(CONFIG, target, document=False)
    page = leave_frame(CONFIG, target, document=True)

    assert script.headers["X-Shopify-API-Request-Failure-Reauthorize-Url"] == target
    assert "&quot;b&quot;" in page.body
    with pytest.raises(InvalidInput):
        leave_frame(CONFIG, "javascript:alert(1)", document=True)
