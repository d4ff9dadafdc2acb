"""What strangers send: any method, any bytes in any place, under any name."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

METHODS = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW"]

_HUGE = "9" * 400
_TEXTS = [
    *("", " ", "0", "-1", "1", "true", "null", "NaN", "Infinity", "1e400", _HUGE, "1.5", "²", "٣"),
    *("\0", "a\0b", "\r\nSet-Cookie: a=b", "é", "\U0001f9e8", "\u202e", "%00", "%", "{}", "[]"),
    *("'", '"', "<script>", "{{ 7 | times: 7 }}", "../../etc/passwd", "C:\\", "--", "$", "(", "*"),
    *(
        "2026-03-02",
        "9999-12-31",
        "0000-00-00",
        "00000000-0000-4000-8000-000000000000",
        "x" * 5_000,
    ),
    *(
        "a@b",
        "@",
        "+39",
        "http://",
        "http://127.0.0.1:1",
        "https://[::1",
        "//evil.example",
        "/\\evil",
    ),
    *(
        "flow: x\nsteps: []",
        "&a *a",
        "!!python/object:os.system x",
        "- [" * 200,
        "en-US",
        "embedded",
    ),
]
_NAMES = [
    *(
        "state",
        "code",
        "id_token",
        "embedded",
        "shop",
        "host",
        "shopify-reload",
        "success",
        "score",
    ),
    *("q", "page", "before", "after", "cursor", "since", "until", "kind", "status", "flow", "step"),
    *("confirm", "count", "url", "consumer_key", "consumer_secret", "source", "scope", "comment"),
    *(
        "csrf_token",
        "name",
        "timezone",
        "currency",
        "locale",
        "email",
        "outcome",
        "channel",
        "live",
    ),
    *("From", "Body", "MessageStatus", "MessageSid", "To", "OptOutType", "version", "enabled", ""),
    *(
        "quiet_from",
        "quiet_until",
        "cap",
        "days",
        "hours",
        "sender",
        "contact",
        "answer",
        "language",
    ),
]
_TYPES = [
    *("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
    *(
        "text/plain; charset=nonsense",
        "application/octet-stream",
        "multipart/form-data",
        "",
        "\xff",
    ),
]
_HEADERS = [
    *("Accept", "Accept-Language", "Authorization", "User-Agent", "Purpose", "X-Forwarded-For"),
    *(
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "Host",
        "Referer",
        "Origin",
        "If-None-Match",
        "Range",
    ),
    *("If-Modified-Since", "HX-Request", "HX-Target", "X-Twilio-Signature", "Klaviyo-Signature"),
    *("Klaviyo-Timestamp", "Klaviyo-Webhook-Id", "X-WC-Webhook-Signature", "X-WC-Webhook-Topic"),
    *("X-Shopify-Shop-Domain", "X-Shopify-Hmac-Sha256", "X-Shopify-Topic", "Transfer-Encoding"),
    *("X-HTTP-Method-Override", "Content-Encoding", "Content-Length", "Cookie"),
]
_SAID = [
    *("Bearer x", "Bearer " + "e30." * 3, "Basic Og==", "text/html", "*/*;q=nan", "en;q=9" * 50),
    *("it-IT,it;q=0.9", "bytes=0-1,-1", "chunked", "gzip", "-1", "comeback=x.y.z", "[::1", "a:b:c"),
    *("Thu, 99 Foo 2026 99:99:99 GMT", "https://evil.example", "127.0.0.1, 10.0.0.1, nonsense"),
]

texts = st.sampled_from(_TEXTS) | st.text(max_size=40)
raw = st.binary(max_size=60)
names = st.sampled_from(_NAMES) | texts
# No server hands on a header with a line break or a NUL in it.
said = st.sampled_from([text for text in (*_SAID, *_TEXTS) if not set(text) & set("\r\n\0")])
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
_DEEP = [b"[" * 50_000, b'{"a":' * 20_000 + b"1" + b"}" * 20_000, b"[" * 900 + b"]" * 900]


@dataclass(frozen=True)
class Knock:
    """One request, whatever it is for."""

    method: str
    query: str
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)


def _quoted(text: str | bytes) -> str:
    return quote_from_bytes(
        text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    )


def _pairs(values: list[tuple[str | bytes, str | bytes]]) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in values)


pairs = st.lists(st.tuples(names | raw, texts | raw), max_size=5).map(_pairs)
_PART = 'Content-Disposition: form-data; name="source"; filename="a"'


def _bodies() -> st.SearchStrategy[bytes]:
    multipart = texts.map(lambda text: f"--x\r\n{_PART}\r\n\r\n{text}\r\n--x--\r\n".encode())
    return st.one_of(
        documents.map(lambda value: json.dumps(value).encode()),
        pairs.map(str.encode),
        st.binary(max_size=300),
        multipart,
        st.sampled_from(_DEEP),
    )


def arguments() -> st.SearchStrategy[str]:
    """A piece of a path in place of an id or a token."""
    return (texts | raw).map(_quoted).filter(bool)


def knocks() -> st.SearchStrategy[Knock]:
    headers: Any = st.dictionaries(st.sampled_from(_HEADERS), said, max_size=4)
    return st.builds(
        Knock,
        method=st.sampled_from([*METHODS, *["GET", "POST"] * 6]),
        query=pairs,
        body=_bodies(),
        content_type=st.sampled_from(_TYPES),
        headers=headers,
    )
