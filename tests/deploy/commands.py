"""Whether the command line takes what a file would have it run: parsed by its own tree, not run."""

import typer
from typer.main import get_command

from app import cli


def parsed(arguments):
    """The command's path and its options; raises what a person would be told of wrong usage."""
    command, path, rest = get_command(cli.app), [], [str(argument) for argument in arguments]
    while commands := getattr(command, "commands", None):
        if not rest or rest[0] not in commands:
            raise typer.BadParameter(f"no command {' '.join([*path, *rest[:1]])!r}")
        path.append(rest.pop(0))
        command = commands[path[-1]]
    return path, command.make_context(" ".join(path), rest).params
