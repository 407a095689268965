"""Who failed to connect to your Application Load Balancer, since when, and why.

The front door: public names, nothing else. They stand in ``__init__.pyi``, once; each loads its
module on first use (PEP 562), so ``import albconn`` is cheap.
"""

import lazy_loader

from albconn.version import __version__  # noqa: F401  (a public name, and too small to be lazy)

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
