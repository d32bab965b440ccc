"""Imports SQLAlchemy's object mapper only for code that asks for it: Callkeeper has none.

`sqlalchemy.ext.asyncio` imports it for its sessions, which takes 6 MB and a tenth of the start of a command. Its module
for connections needs nothing of it.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

PACKAGE = "sqlalchemy.ext.asyncio"
NAMES = ("AsyncConnection", "AsyncEngine", "create_async_engine")


def install() -> None:
    """To be called before the package is imported."""
    sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds the package where it is, and gives it another loader."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == PACKAGE else None
        if spec is not None:
            spec.loader = _Loader(spec.loader)  # type: ignore[assignment]  # without a base class, whose import takes longer
        return spec


class _Loader:
    """Gives the package its names for connections, and all the others when one of them is asked for."""

    def __init__(self, complete: Any) -> None:
        self._complete = complete

    def create_module(self, _: ModuleSpec) -> None:
        """None: Python makes the module as usual."""

    def exec_module(self, module: ModuleType) -> None:
        try:
            engine = import_module(f"{PACKAGE}.engine")
            vars(module).update({name: getattr(engine, name) for name in NAMES})
        except (ImportError, AttributeError):  # another version of SQLAlchemy is organised in another way
            self._complete.exec_module(module)
            return

        def other(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            vars(module).pop("__getattr__", None)
            self._complete.exec_module(module)
            return getattr(module, name)

        vars(module)["__getattr__"] = other
