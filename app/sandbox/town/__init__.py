"""A town of simulated shoppers, for the demo: they browse, abandon, buy, come back, click, answer
and refuse, each as their character and the dice say. With the same seed the same people visit at
the same times; what our messages make of them differs, as ids and with them holdouts do."""

from app.sandbox.town.crowd import Crowd
from app.sandbox.town.fronts import Front, ShopifyFront, WooFront
from app.sandbox.town.people import Resident, residents

__all__ = ["Crowd", "Front", "Resident", "ShopifyFront", "WooFront", "residents"]
