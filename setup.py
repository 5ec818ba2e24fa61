"""The folders of this checkout, installed as ``seollem.bot``, ``seollem.vision`` and so on.

Everything else about the package stands in pyproject.toml, which cannot name packages after folders
that lie elsewhere without listing every sub-package.
"""

from setuptools import find_namespace_packages, setup

ROOMS = ("bot", "vision", "scoring", "training", "db", "cli")

setup(
    packages=[
        f"seollem.{package}"
        for room in ROOMS
        for package in (room, *(f"{room}.{below}" for below in find_namespace_packages(room)))
    ],
    package_dir={f"seollem.{room}": room for room in ROOMS},
)
