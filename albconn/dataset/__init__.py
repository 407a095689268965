"""Tables become Parquet by date: written exactly once, read as committed, provable.

The names stand in ``__init__.pyi``; each loads its module on first use, so that ``convert``
imports nothing that reads.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
