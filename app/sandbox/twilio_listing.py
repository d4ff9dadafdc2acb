"""How the sandboxed Twilio filters and pages its list of messages."""

from urllib.parse import urlencode

from werkzeug.wrappers import Request

from app.sandbox.twilio_records import Text


def matches(text: Text, request: Request) -> bool:
    """A message that was not sent yet has no DateSent, so no DateSent filter finds it."""
    wanted = request.args
    if wanted.get("To", text.to) != text.to or wanted.get("From", text.sender) != text.sender:
        return False
    after, before = wanted.get("DateSent>"), wanted.get("DateSent<")
    if after is None and before is None:
        return True
    sent = text.sent_at.strftime("%Y-%m-%dT%H:%M:%SZ") if text.sent_at else None
    return sent is not None and (after or "") <= sent <= (before or "9")


def page_of(found: list[Text], request: Request) -> dict[str, object]:
    """One page, with a relative address of the next, as Twilio gives it."""
    size, number = int(request.args.get("PageSize", 50)), int(request.args.get("Page", 0))
    shown = found[number * size : (number + 1) * size]
    wanted = request.args.to_dict() | {"Page": str(number + 1)}
    more = len(found) > (number + 1) * size
    return {
        "messages": [text.record() for text in shown],
        "page": number,
        "page_size": size,
        "uri": request.path,
        "first_page_uri": request.path,
        "next_page_uri": f"{request.path}?{urlencode(wanted)}" if more else None,
        "previous_page_uri": None,
        "start": number * size,
        "end": number * size + len(shown) - 1,
    }
