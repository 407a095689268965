"""Connections become small tables: counts, rates and what they are worth.

Every function takes a DataFrame, an Arrow table, an Arrow dataset or a converted dataset's path
and gives the same table for all four. Nothing here draws.

The names stand in ``__init__.pyi``; each loads its module on first use, so that who needs one part
of it, such as a picture the names of groups, need not load a database.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
