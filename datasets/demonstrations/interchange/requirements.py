"""Packages that only interchange needs: asked for when used, named in one line when missing."""

import importlib
from typing import Any

from robotics.errors import RoboticsError


class MissingPackageError(RoboticsError):
    """An optional package is not installed."""


def need(module: str) -> Any:
    """The imported module.

    Raises:
        MissingPackageError: Its package is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.split(".", maxsplit=1)[0]
        raise MissingPackageError(
            f"this format needs the package '{package}', which is not installed; "
            "install it with: pip install 'robotics[interchange]'"
        ) from error
