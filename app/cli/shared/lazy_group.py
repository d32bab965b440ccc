"""A group of commands whose modules are imported when one of them runs or shows its own help."""

from collections import UserDict
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from app.cli.commands import COMMANDS


class LazyGroup(TyperGroup):
    """The commands of the table. ``commands`` loads those that are asked for; a list of them loads none."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Commands(dict.fromkeys(COMMANDS))

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002 -- typer's signature
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ARG002 -- typer's signature
        """A command that has only its name and summary until it is run."""
        entry = COMMANDS.get(cmd_name)
        return entry and _Unloaded(cmd_name, help=entry.summary)


class _Commands(UserDict[str, Any]):
    def __getitem__(self, name: str) -> Any:
        if name not in self.data:
            raise KeyError(name)
        return loaded(COMMANDS[name].module)[name]


class _Unloaded(TyperCommand):
    """Stands for a command in a list of commands; the command itself parses its arguments in ``make_context``."""

    def make_context(self, info_name: str | None, args: list[str], *given: Any, **named: Any) -> Any:
        assert self.name is not None
        command = loaded(COMMANDS[self.name].module)[self.name]
        return command.make_context(info_name, args, *given, **named)


@cache
def loaded(module: str) -> Mapping[str, Any]:
    """The commands that a module of `app.cli` adds, by name."""
    group = typer.Typer(rich_markup_mode="markdown", add_completion=False)
    import_module(f"app.cli.{module}").add_to(group)
    return typer.main.get_group(group).commands
