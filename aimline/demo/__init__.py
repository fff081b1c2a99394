"""Riverbend: a seeded synthetic district whose truth is known, as the files its vendors would send.

Here: the generator. Not here: anything the product does with the files; the product never imports this package.
"""

from aimline.demo.outbox import deliver
from aimline.demo.world import World, WorldOptions, make_world

__all__ = ["World", "WorldOptions", "deliver", "make_world"]
