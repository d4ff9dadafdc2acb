"""All scenes there are, in the order in which `make faults` plays them."""

from collections.abc import Callable

from tests.faults import every_point, night_scene
from tests.faults.desk_scene import DESK_SCENES
from tests.faults.disk import DISK_SCENES
from tests.faults.harder_scenes import HARDER
from tests.faults.outcome import Outcome
from tests.faults.scenes import SCENES, Deed
from tests.faults.shop_scenes import SHOP_SCENES

EVERY: dict[str, Deed] = SCENES | DESK_SCENES | HARDER | DISK_SCENES | SHOP_SCENES
ALONE: dict[str, Callable[[], Outcome]] = {
    every_point.SCENE: every_point.play,
    night_scene.SCENE: night_scene.play,
}
"""Scenes with a system and a clock of their own; they are played after the storm."""
