"""The Content-Security-Policy forbids inline scripts and styles; no template may need them."""

import re

import pytest

from app.web.pages.shared.assets import FOLDER
from app.web.pages.shared.render import TEMPLATES

TEMPLATE_FILES = sorted(TEMPLATES.rglob("*.html"))
SCRIPTS = sorted(FOLDER.glob("*.js"))
FORBIDDEN = {
    "a script inline": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a style inline": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an event inline": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script as an address": re.compile(r"javascript:", re.IGNORECASE),
    "something from another host": re.compile(r"(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE),
    "a value without autoescape": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
}


@pytest.mark.parametrize("file", TEMPLATE_FILES, ids=lambda file: file.name)
def test_no_template_contains_what_the_policy_forbids(file):
    text = re.sub(r"\{#.*?#\}", "", file.read_text(), flags=re.DOTALL)
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_no_script_makes_code_or_markup_from_text(file):
    text = re.sub(r"//.*|/\*.*?\*/", "", file.read_text())
    assert re.findall(r"\beval\(|new Function|document\.write|\.outerHTML\s*=", text) == []


@pytest.mark.parametrize("file", TEMPLATE_FILES, ids=lambda file: file.name)
def test_every_form_that_changes_something_sends_its_token(file):
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", file.read_text(), flags=re.DOTALL | re.IGNORECASE)
    without = [form for form in forms if "form_token" not in form and "/sign-in" not in form]
    assert without == []


def test_the_patterns_find_what_they_are_for():
    wrong = (
        "<script>x</script>",
        '<p style="x">',
        '<p onclick="x">',
        '<a href="javascript:x">',
        '<img src="//x">',
        "{{ x|safe }}",
    )
    assert all(any(pattern.search(text) for pattern in FORBIDDEN.values()) for text in wrong)
    assert not any(pattern.search('<script src="/static/app.js" defer></script>') for pattern in FORBIDDEN.values())
