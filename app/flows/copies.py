"""Reading the texts of a flow file: every message on its channels in every language, and the
variants that a text is tried in."""

from typing import Any

from app.channels import ChannelName
from app.flows import definition as d
from app.flows.learning import MOST_WAYS
from app.flows.place import Place

ORIGINAL = "original"
"""The name of the message's own text among its variants."""
_VARIANTS = "variants"
_COPY_FIELDS = {
    ChannelName.EMAIL: ("subject", "preview", "heading", "body", "button", "link", "show"),
    ChannelName.SMS: ("text", "link"),
    ChannelName.WHATSAPP: ("text", "variables", "link"),
}
_COPY_NEEDS = {
    ChannelName.EMAIL: ("subject", "body"),
    ChannelName.SMS: ("text",),
    ChannelName.WHATSAPP: ("text",),
}

_Copies = dict[str, d.Copy]


def read_messages(place: Place | None, languages: tuple[str, ...]) -> tuple[d.Messages, d.Variants]:
    messages: dict[str, dict[ChannelName, _Copies]] = {}
    variants: dict[tuple[str, ChannelName], dict[str, _Copies]] = {}
    for name, message in place.entries() if place else ():
        messages[name] = {}
        for word, copies in message.fields(*ChannelName).items():
            channel = ChannelName(word)
            own, others = _on_channel(copies, channel, languages)
            messages[name][channel] = own
            if others:
                variants[name, channel] = others
    return messages, variants


def _on_channel(
    place: Place, channel: ChannelName, languages: tuple[str, ...]
) -> tuple[_Copies, dict[str, _Copies]]:
    # An approved template is one text; another one is another message, and a split tries both.
    more = () if channel is ChannelName.WHATSAPP else (_VARIANTS,)
    found = place.fields(*languages, *more)
    others = found.pop(_VARIANTS, None)
    _complain_of_missing(place, found, languages)
    own = {language: _copy(copy, channel) for language, copy in found.items()}
    return own, _variants(others, channel, own) if others else {}


def _variants(place: Place, channel: ChannelName, own: _Copies) -> dict[str, _Copies]:
    found = {}
    for name, copies in place.entries():
        if copies.named(name) == ORIGINAL:
            copies.complain(f"`{ORIGINAL}` is the message's own text; give this one another name")
        texts = copies.fields(*own)
        _complain_of_missing(copies, texts, tuple(own))
        found[name] = {
            language: _instead(text, channel, own[language]) for language, text in texts.items()
        }
    if not 0 < len(found) < MOST_WAYS:
        place.complain(f"write one to {MOST_WAYS - 1} texts beside the message's own")
    return found


def _complain_of_missing(place: Place, found: dict[str, Place], languages: tuple[str, ...]) -> None:
    for language in languages:
        if isinstance(place.value, dict) and language not in found:
            place.complain(f"the {language} text is missing; add it, or see `languages`")


def _instead(place: Place, channel: ChannelName, own: d.Copy) -> d.Copy:
    """What the variant says itself takes the place of the message's own words."""
    said = _read(place, channel)
    if isinstance(place.value, dict) and not said:
        place.complain("say what is different, such as another `subject`")
    return d.Copy(fields={**own.fields, **said}, line=place.line)


def _copy(place: Place, channel: ChannelName) -> d.Copy:
    said = _read(place, channel)
    for name in _COPY_NEEDS[channel]:
        if isinstance(place.value, dict) and name not in said:
            place.complain(f"`{name}` is missing")
    return d.Copy(fields=said, line=place.line)


def _read(place: Place, channel: ChannelName) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in place.fields(*_COPY_FIELDS[channel]).items():
        is_list = name == "variables"
        fields[name] = [item.text() for item in value.items()] if is_list else value.text()
    return fields
