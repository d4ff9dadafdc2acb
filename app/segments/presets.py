"""The ready-made segments: data in `presets.yaml`, each with its names, its condition as it is
written, and what to do for the people in it, in four languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

from ruamel.yaml import YAML

Translated = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Preset:
    """`requirements`: the numbers it covers."""

    slug: str
    names: Translated
    actions: Translated
    written: str
    requirements: tuple[int, ...]


def _read() -> dict[str, Preset]:
    text = (files("app.segments") / "presets.yaml").read_text(encoding="utf-8")
    return {slug: _preset(slug, found) for slug, found in YAML(typ="safe").load(text).items()}


def _preset(slug: str, found: Mapping[str, object]) -> Preset:
    names, actions, numbers = found["name"], found["action"], found.get("requirements", [])
    assert isinstance(names, dict) and isinstance(actions, dict) and isinstance(numbers, list)
    return Preset(slug, names, actions, str(found["condition"]), tuple(numbers))


PRESETS: Mapping[str, Preset] = MappingProxyType(_read())
"""By short name, in the order in which pages show them."""
