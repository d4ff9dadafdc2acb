"""The only way to call an address that a merchant gave us.

The name is looked up once per call and the connection goes to the very address that was checked,
so a name that answers differently a moment later changes nothing. No redirect is followed, no
proxy of the environment is used, and no answer may be endless or take for ever.
"""

import os
from threading import Timer
from typing import Any

import requests

from app.errors import Unreachable
from app.pinning import Line, LineAdapter
from app.reach import Reach

_PIECE = 64 * 1024


def call(method: str, url: str, *, reach: Reach, **options: Any) -> requests.Response:
    """The whole answer of `url`; takes the options of `requests` too. Raises InvalidInput,
    Unreachable, and requests' own errors."""
    reach.plain(url)
    line = Line(reach.look_up)
    trusted = os.environ.get("REQUESTS_CA_BUNDLE") or True  # As `requests` reads it by itself.
    options |= {"allow_redirects": False, "stream": True, "verify": trusted}
    watch = Timer(reach.seconds, line.cut)
    watch.daemon = True
    watch.start()
    try:
        response = _send(line, method, url, options)
        with response:
            response._content = _content(response, reach.largest)
    except requests.RequestException:
        if not line.was_cut:
            raise
    finally:
        watch.cancel()
        line.close()
    if line.was_cut:
        raise requests.ReadTimeout(f"The answer took longer than {reach.seconds:g} seconds.")
    return response


def _send(line: Line, method: str, url: str, options: dict[str, Any]) -> requests.Response:
    with requests.Session() as session:
        # A proxy would look the name up again by itself, and a .netrc adds secrets of ours.
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, LineAdapter(line))
        return session.request(method, url, **options)


def _content(response: requests.Response, largest: int) -> bytes:
    content = bytearray()
    for piece in response.iter_content(_PIECE):
        content += piece
        if len(content) > largest:
            raise Unreachable("The answer has no end.")
    return bytes(content)
