"""The sentences of a file, for people: (line, text) pairs, without code, names and markup."""

import ast
import io
import re
import tokenize

_STRING = re.compile(r"(?P<prefix>[a-zA-Z]*)(?P<quote>\"\"\"|'''|\"|')(?P<body>.*)(?P=quote)", re.DOTALL)
_SHOWN = r"\b(?:title|alt|placeholder|content|value|aria-label|aria-description|data-label)=\"([^\"]*)\""


def of(path, kinds):
    """``kinds`` chooses among the texts of a program: messages, docstrings, comments."""
    text = path.read_text()
    match path.suffix:
        case ".py":
            yield from ((line, said) for kind, line, said in of_python(text) if kind in kinds)
        case ".js" | ".mjs" | ".css":
            yield from ((line, said) for kind, line, said in _of_script(text) if kind in kinds)
        case ".md":
            yield 1, of_markdown(text)
        case ".html":
            yield 1, of_template(text)
        case ".svg":
            yield 1, _blank(r"<style>.*?</style>|<[^>]*>", text)
        case _:
            yield 1, _blank(r"`[^`\n]*`", text)


def of_python(text):
    """(kind, line, text) of each string that has a space, and of each comment."""
    docstrings = _docstrings(ast.parse(text))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        line = token.start[0]
        if token.type == tokenize.COMMENT:
            yield "comments", line, _plain(token.string)
        elif token.type == tokenize.STRING:
            found = _STRING.fullmatch(token.string)
            body = _blank(r"\{[^{}]*\}", found["body"]) if "f" in found["prefix"].lower() else found["body"]
            if line in docstrings:
                yield "docstrings", line, _plain(body)
            elif " " in body.strip():
                yield "messages", line, _plain(body)
        elif tokenize.tok_name[token.type] == "FSTRING_MIDDLE" and " " in token.string.strip():
            yield "messages", line, _plain(token.string)


def _docstrings(tree):
    """The lines where strings begin that are statements: docstrings of modules, functions and attributes."""
    return {
        node.value.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def _of_script(text):
    for match in re.finditer(r"//[^\n]*|/\*.*?\*/|`[^`]*`|\"[^\"\n]*\"|'[^'\n]*'", text, re.DOTALL):
        kind = "comments" if match[0].startswith("/") else "messages"
        if kind == "comments" or " " in match[0].strip():
            yield kind, text.count("\n", 0, match.start()) + 1, _blank(r"\$\{[^}]*\}", match[0])


def of_markdown(text):
    """Prose and what a program prints (blocks of ``text``); commands, inline code, marks and addresses are not."""
    for pattern in (
        r"^ *```(?!text)\w+$.*?^ *```$",
        r"<!--.*?-->",
        r"(?<!`)`(?!`)[^`]+`(?!`)",
        r"(?<=\])\([^)]*\)",
        r"\b(?:src|srcset|media)=\"[^\"]*\"",
    ):
        text = _blank(pattern, text)
    return text


def of_template(text):
    """Text between tags, the attributes that people see, and sentences within expressions."""
    text = _blank(r"\{#.*?#\}|<(?:script|style)\b.*?</(?:script|style)>", text)
    text = re.sub(
        r"\{\{.*?\}\}|\{%.*?%\}",
        lambda match: _only(r"'([^']* [^']*)'|\"([^\"]* [^\"]*)\"", match[0]),
        text,
        flags=re.DOTALL,
    )
    return re.sub(r"<[^>]*>", lambda match: _only(_SHOWN, match[0]), text, flags=re.DOTALL)


def _plain(text):
    return _blank(r"``?[^`]+``?", text)


def _blank(pattern, text):
    """The same text with spaces where the pattern is; lines stay."""
    return re.sub(pattern, lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.DOTALL | re.MULTILINE)


def _only(pattern, text):
    """Spaces, except where a group of the pattern is."""
    left = list(re.sub(r"[^\n]", " ", text))
    for match in re.finditer(pattern, text):
        for number in range(1, match.re.groups + 1):
            begin, end = match.span(number)
            left[max(begin, 0) : max(end, 0)] = text[max(begin, 0) : max(end, 0)]
    return "".join(left)
