"""All scenes there are, in the order in which `make faults` plays them."""

from tests.faults.harder_scenes import HARDER
from tests.faults.scenes import SCENES, Deed
from tests.faults.shop_scenes import SHOP_SCENES

EVERY: dict[str, Deed] = SCENES | HARDER | SHOP_SCENES
