"""The navigation: a few entries, and in a second row the pages of the one where the reader is.

A page belongs to the entry of its blueprint, so that its address says nothing of it and may stay.
"""

from dataclasses import dataclass

from flask import request


@dataclass(frozen=True, slots=True)
class Place:
    """Where a link leads and by which key it is called; `pages`: those of its second row."""

    endpoint: str
    key: str
    pages: tuple["Place", ...] = ()

    @property
    def current(self) -> str:
        """What `aria-current` says of its link: "page" on the very page, "true" on one that
        belongs to it, nothing elsewhere."""
        if request.endpoint == self.endpoint:
            return "page"
        parts = {place.endpoint.partition(".")[0] for place in self.pages or (self,)}
        return "true" if _part(request.blueprint) in parts else ""


PLACES = (
    Place(
        "home.page",
        "nav.home",
        (Place("home.page", "nav.overview"), Place("health_page.page", "nav.health")),
    ),
    Place("activity.page", "nav.activity"),
    Place(
        "people.page",
        "nav.people",
        (Place("people.page", "nav.everybody"), Place("segment_pages.page", "nav.segments")),
    ),
    Place("flow_list.page", "nav.flows"),
    Place(
        "report_pages.page",
        "nav.reports",
        (Place("report_pages.page", "nav.customers"), Place("forecasts.page", "nav.forecasts")),
    ),
    Place("tasks.page", "nav.tasks"),
    Place(
        "settings.page",
        "nav.settings",
        (Place("settings.page", "nav.general"), Place("channels.page", "nav.channels")),
    ),
)
_PART_OF = {
    "flow_pages": "flow_list",
    "klaviyo_setup": "channels",
    "messages": "activity",
    "segment_editor": "segment_pages",
    "shop_segments": "segment_pages",
}


def second_row() -> tuple[Place, ...]:
    """The pages beside this one; none where an entry has but one."""
    return next((place.pages for place in PLACES if place.current), ())


def _part(blueprint: str | None) -> str | None:
    return _PART_OF.get(blueprint or "", blueprint)
