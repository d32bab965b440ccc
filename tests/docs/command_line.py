"""Commands of ours as pages name them, held against the command line's own tree of commands and options."""

import re
import shlex
from functools import cache

import typer

from app.cli import app

# At the place of a command: at a line's start, after what ends the one before, after `exec NAME`, `--` or VARIABLE=…
_BEFORE = r"(?:^|[;&|({]|\$\(|\s--|\bexec (?:-\S+ )*\S+|\brun (?:-\S+ )*\S+)\s*(?:[A-Z_]+=\S+\s+)*"
_COMMAND = re.compile(
    _BEFORE + r"(?:callkeeper|\S*/bin/callkeeper|python3? -m app)(?= |$)(?P<rest>[^\n;&|)}>#]*)", re.MULTILINE
)
_CRON = re.compile(r"\S*/bin/callkeeper(?P<rest> [^\n;&|)}>#]*)")


def in_block(text):
    """The arguments of every command of ours in a block."""
    joined = text.replace("\\\n", " ")
    found = {" ".join(match["rest"].split()) for pattern in (_COMMAND, _CRON) for match in pattern.finditer(joined)}
    return sorted(found)


def in_span(text):
    """The arguments of the command that is all of some inline code; None if it is none."""
    found = re.fullmatch(r"(?:\.venv/bin/)?callkeeper( .*)?", text)
    return found and (found[1] or "").strip()


def problem(line):
    """Why the command line does not take these arguments, or None. What follows an option is not judged."""
    return _walk(_root(), shlex.split(re.sub(r"[…\[\]]", " ", line)), "callkeeper")


@cache
def _root():
    return typer.main.get_command(app)


def _walk(command, words, path):
    commands = getattr(command, "commands", {})
    options = {name: param for param in command.params for name in (*param.opts, *param.secondary_opts)}
    takes_words = any(param.param_type_name == "argument" for param in command.params)
    while words:
        word, *words = words
        name = word.partition("=")[0]
        if name == "--help":
            continue
        if name.startswith("-"):
            if name not in options:
                return f"{path} has no option {name}"
            if not options[name].is_flag and "=" not in word:
                words = words[1:]
        elif word in commands:
            return _walk(commands[word], words, f"{path} {word}")
        elif not takes_words:
            return f"{path} has no command {word}"
    return None
