"""The compiled part; everything else about the package is in ``pyproject.toml``."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "albconn.logs.lines._regular",
            ["albconn/logs/lines/_regular.c"],
            py_limited_api=True,  # one wheel a platform serves every Python from 3.11
            optional=True,  # without a C compiler albconn installs all the same, and reads slower
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
