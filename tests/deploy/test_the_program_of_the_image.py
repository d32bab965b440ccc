"""The image's own way to begin, run here without an image."""

import subprocess
import sys

from tests.docs.pages import ROOT
from tests.sample_settings import GOOD

PROGRAM = ROOT / "deploy" / "image" / "callkeeper.py"


def test_a_database_named_in_a_file_is_not_beside_another(tmp_path):
    file = tmp_path / "database_url"
    file.write_text(f"sqlite:///{tmp_path}/named.db\n")
    given = {**GOOD, "DATABASE_URL_FILE": str(file), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, PROGRAM, "migrate"], env=given, cwd=tmp_path, check=True)
    assert (tmp_path / "named.db").is_file()
