"""The kinds of world: importing a room registers its kinds."""

from worlds.traffic.kinds import certificates, changes, ordinary, places, policies, times

__all__ = ["certificates", "changes", "ordinary", "places", "policies", "times"]
