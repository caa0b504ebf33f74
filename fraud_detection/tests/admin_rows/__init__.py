"""Rows that the admin pages are tried with: each module here makes those of one noun, `make(user)`."""

import importlib
import pkgutil


def make_all(user) -> None:
    """Every module's rows, in the order of their names."""
    for module in sorted(each.name for each in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}").make(user)
