"""An account's traffic as in real life: load balancers, clients with habits, and what goes wrong.

``make(kind, seed)`` gives a ``World``: connections in the schema in memory, and the truth. In
``QUIET`` kinds nothing goes wrong however odd the traffic looks; in ``INCIDENTS`` something does.
``multi`` plants causes of several attributes where the windows are given.

The way of a world: a *plan* has the parameters, a *stage* gets an account, clients, and what the
kind (``kinds/``) sets up; then it is *played* (``play``), *logged* as ALB would, and *judged*.
"""

from worlds.traffic.making import INCIDENTS, KINDS, QUIET, make
from worlds.traffic.truth import FINDINGS, Incident, Nuisance, World

__all__ = ["FINDINGS", "INCIDENTS", "KINDS", "QUIET", "Incident", "Nuisance", "World", "make"]
