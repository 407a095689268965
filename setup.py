"""The compiled part; everything else about the package is in ``pyproject.toml``."""

import sys
from pathlib import Path

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "albconn.logs.lines._regular",
            ["albconn/logs/lines/_regular.c"],
            depends=[path.as_posix() for path in Path("albconn/logs/lines").glob("regular_c/*.h")],
            # Many distributions' Pythons compile with -O2, with which this takes 1.6 times as long.
            extra_compile_args=[] if sys.platform == "win32" else ["-O3"],
            py_limited_api=True,  # one wheel a platform serves every Python from 3.11
            optional=True,  # without a C compiler albconn installs all the same, and reads slower
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
