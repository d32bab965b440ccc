"""docs/architecture.md names every folder of app/, two levels deep, and each once."""

import re

from tests.docs import pages


def folders():
    """Each package of app/ by its path from there, at most two levels deep."""
    app = pages.ROOT / "app"
    found = {str(path.parent.relative_to(app)) for path in app.rglob("__init__.py")} - {"."}
    return sorted(folder for folder in found if folder.count("/") < 2)


def test_the_table_has_a_line_for_each_folder_and_no_other():
    table = pages.text("docs/architecture.md").partition("| folder of `app/` |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| `([\w/]+)/` \|", table, re.MULTILINE)) == folders()


def test_the_order_of_the_folders_of_the_archive_is_that_of_their_imports():
    table = pages.text("docs/architecture.md").partition("| folder of `app/` |")[2].partition("\n\n")[0]
    layers = pages.ROOT.joinpath("pyproject.toml").read_text().partition("the archive's folders import")[2]
    ordered = re.findall(r'"(\w+)"', layers.partition("layers = [")[2].partition("]")[0])
    assert re.findall(r"^\| `archive/(\w+)/` \|", table, re.MULTILINE) == ordered


def test_no_folder_has_more_than_fifteen_modules_of_its_own():
    app = pages.ROOT / "app"
    own = {folder: len(list((app / folder).glob("*.py"))) - 1 for folder in [".", *folders()]}
    assert {folder: count for folder, count in own.items() if count > 15} == {}
