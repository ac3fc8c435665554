"""Builds the whole exercise world from one seed."""

import math
import random

from exercise.catalogue import HOLDERS, PRODUCTS, REGISTERED_SELLERS, RIGHTS, WORKS, list_references
from exercise.drafts import Drafts
from exercise.innocents import add_innocents
from exercise.plants import add_plants
from exercise.records import World
from exercise.traps import TRAPS, add_traps

LEAST_PLANTS = 64  # eight of each kind: enough for every platform and disguise to occur
PLANT_SHARE = 0.01  # the base rate of larger worlds
LEAST_TRAPS_EACH = 5  # so that the traps outnumber the plants


def build_world(seed: int, innocents: int = 1000, planted: int | None = None, traps_each: int | None = None) -> World:
    """
    Build a world with known answers; equal arguments give equal worlds.

    `planted` defaults to one plant in a hundred innocents, at least 64; `traps_each` (of every kind) to as
    many as make the traps outnumber the plants, at least 5.

    Raises `ValueError` when a count is negative.
    """
    if planted is None:
        planted = max(LEAST_PLANTS, round(innocents * PLANT_SHARE))
    if traps_each is None:
        traps_each = max(LEAST_TRAPS_EACH, math.ceil(planted / len(TRAPS)))
    if min(innocents, planted, traps_each) < 0:
        raise ValueError(
            f"counts are 0 or more; got innocents={innocents}, planted={planted}, traps_each={traps_each}"
        )
    drafts = Drafts(random.Random(f"marque exercise {seed}"))
    add_innocents(drafts, innocents)
    add_plants(drafts, planted)
    add_traps(drafts, traps_each)
    order = list(range(len(drafts.listings)))
    drafts.dice.shuffle(order)  # result pages must not tell plants by their place
    return World(
        seed=seed,
        holders=HOLDERS,
        rights=RIGHTS,
        products=PRODUCTS,
        works=WORKS,
        registered_sellers=REGISTERED_SELLERS,
        references=list_references(),
        sellers=tuple(drafts.sellers.values()),
        listings=tuple(drafts.listings[place] for place in order),
        answers=tuple(drafts.answers[place] for place in order),
    )
