"""Schemathesis asks all that /openapi.json allows, and much that it does not: no answer is a mistake of ours."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.simulator.records import a_call_record
from tests.archive.records import guid, kept, save
from tests.some import some
from tests.web.application import TENANT
from tests.web.auth.guarded import described, description

pytestmark = pytest.mark.anyio

OPERATIONS = sorted((method, path) for method, path in described() if path != "/readyz")  # where 503 is an answer


def strategy(spec, method, path):
    """Requests as described, and requests that are not."""
    import schemathesis  # noqa: PLC0415 -- a second, in one process of the run instead of in each that collects this

    modes = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
    operation = schemathesis.openapi.from_dict(spec)[path][method]
    return st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))


@cache
def requests(method, path):
    """The same for both databases: to make them takes longer than to send them."""
    cases = []

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=strategy(description(), method, path))
    def collected(case):
        cases.append(case)

    collected()
    return cases


async def sent(api, case):
    """As the case says; headers and cookies are not what is tested here."""
    from schemathesis.core import NotSet  # noqa: PLC0415 -- see above

    body = {"content" if isinstance(case.body, bytes) else "json": case.body}
    if isinstance(case.body, NotSet):
        body = {}
    return await api.request(case.method, case.formatted_path, params=case.query or {}, **body)


def as_described(answer, responses):
    """Whether the description has this status with this type of content."""
    if answer.status_code == 405:
        return True  # another method of the path
    described_as = responses.get(str(answer.status_code), {}).get("content", {"": None} if not answer.content else {})
    return answer.headers.get("content-type", "").split(";")[0] in described_as


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_no_request_is_answered_with_a_mistake_of_ours(api, client_state, database, method, path):
    await save(database, kept(a_call_record(id=guid(1), seed=1), tenant=TENANT))
    for case in some(requests(method, path)):
        answer = await sent(api, case)
        asked = case.formatted_path, case.query, answer.text
        assert answer.status_code < 500, asked
        assert as_described(answer, described()[method, path]["responses"]), (answer.status_code, *asked)
