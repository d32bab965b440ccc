"""Everything that a person reads avoids the words of the writing guide in CONTRIBUTING.md."""

import re

import pytest

from tests.docs import pages, plain_words, sentences

TEXTS = ()
ALL = ("messages", "docstrings", "comments")
# Which files, and which of a program's texts.
SCOPE = {
    "*.md": TEXTS,
    "docs/*.md": TEXTS,
    "docs/images/*.svg": TEXTS,
    "deploy/**/*.y*ml": TEXTS,
    "deploy/**/*.json": TEXTS,
    "deploy/*/Caddyfile": TEXTS,
    "deploy/kubernetes/Kustomization": TEXTS,
    "deploy/**/*.py": ALL,
    "docker-compose*.yml": TEXTS,
    "Dockerfile": TEXTS,
    "Makefile": TEXTS,
    "pyproject.toml": TEXTS,
    ".ci/*": TEXTS,
    "bench/*.md": TEXTS,
    ".env.example": TEXTS,
    "app/**/*.py": ALL,
    "app/web/pages/static/*.js": ALL,
    "app/web/pages/static/*.css": ALL,
    "app/web/pages/templates/*.html": TEXTS,
}


# Comments of columns belong to the migrated schema.
EXCEPT = {"app/access/tables.py", "app/inbox/model.py", "app/inbox/tenant_state.py"}


def files(glob):
    found = [path for path in sorted(pages.ROOT.glob(glob)) if path.is_file()]
    return {path: SCOPE[glob] for path in found if str(path.relative_to(pages.ROOT)) not in EXCEPT}


def problems(path, kinds):
    return [
        f'{path.relative_to(pages.ROOT)}:{found.line}: "{found.word}": write {found.instead}'
        for line, text in sentences.of(path, kinds)
        for found in plain_words.find(text, line)
    ]


@pytest.mark.parametrize("glob", SCOPE)
def test_every_file_uses_plain_words(glob):
    assert any(path.is_file() for path in pages.ROOT.glob(glob)), "the pattern has no files"
    found = [line for path, kinds in files(glob).items() for line in problems(path, kinds)]
    assert found == []


def test_every_word_of_the_writing_guide_is_found():
    guide = pages.text("CONTRIBUTING.md").partition("| use | not |")[2].partition("\n\n")[0]
    named = re.findall(r"`([^`]+)`", guide)
    assert len(named) >= len(plain_words.WORDS)
    assert [word for word in named if not plain_words.find(word)] == []


def test_every_word_that_is_found_is_in_the_writing_guide():
    guide = pages.text("CONTRIBUTING.md").partition("| use | not |")[2].partition("\n\n")[0]
    explained = {found.instead for word in re.findall(r"`([^`]+)`", guide) for found in plain_words.find(word)}
    assert explained == set(plain_words.WORDS)


EXAMPLES = [
    ("Mend it\nby itself.", [(1, "Mend"), (2, "by itself")]),
    ("The call was held with a headset.", [(1, "held with")]),
    ("A gateway, an indoor device and a household are no findings.", []),
    ("A Teams Room is a device; a meeting room, too.", []),
]


@pytest.mark.parametrize(("text", "found"), EXAMPLES)
def test_words_are_found_complete_and_with_their_line(text, found):
    assert [(f.line, f.word) for f in plain_words.find(text)] == found


TEMPLATE = """{# told #}<p class="held" title="Not held">{{ 'It was told' if told else kept }}
{% if held %}mend{% endif %}</p><script>let kept = 1</script>"""


def test_a_template_is_read_as_people_see_it():
    found = plain_words.find(sentences.of_template(TEMPLATE))
    assert [(f.line, f.word) for f in found] == [(1, "held"), (1, "told"), (2, "mend")]


PROGRAM = '''"""Told in a docstring."""
kept = "kept"  # held in a comment
print("It was", f"told {kept} and {kept!r}", "kept by nobody")
'''


def test_a_program_is_read_by_kind_of_text():
    found = [
        (kind, f.line, f.word)
        for kind, line, text in sentences.of_python(PROGRAM)
        for f in plain_words.find(text, line)
    ]
    assert found == [
        ("docstrings", 1, "Told"),
        ("comments", 2, "held"),
        ("messages", 3, "told"),
        ("messages", 3, "kept"),
        ("messages", 3, "nobody"),
    ]


PAGE = """See `told` and [it](held.md).

```sh
echo told
```

```text
told
```
"""


def test_a_page_is_read_without_its_commands_but_with_what_programs_print():
    assert [(f.line, f.word) for f in plain_words.find(sentences.of_markdown(PAGE))] == [(8, "told")]
