"""Microsoft's own samples of call records are diagnosed, as little as some of them have."""

import orjson
import pytest

from tests.archive.diagnosis.detail import diagnosed
from tests.archive.records import SHARED, needs_shared

pytestmark = needs_shared


def records():
    for file in sorted((SHARED / "samples").glob("*.json")):
        value = orjson.loads(file.read_bytes())
        for record in value.get("value", [value]) if isinstance(value, dict) else value:
            if "startDateTime" in record:
                yield pytest.param(record, id=file.name)


@pytest.mark.parametrize("record", list(records()))
def test_a_sample_is_diagnosed(record):
    assert [one for one in diagnosed(record) if not (one.sentence and one.recommendation)] == []


def test_a_poor_rating_without_measurements_has_low_confidence():
    (owen,) = diagnosed(orjson.loads((SHARED / "samples" / "docs-v1.0-get-callrecord-example2.json").read_bytes()))
    assert (owen.person.identity["display_name"], owen.happened) == ("Owen Franklin", ["rated_poor"])
    assert (owen.verdict.cause.cause.code, owen.verdict.confidence) == ("not_measured", "low")
