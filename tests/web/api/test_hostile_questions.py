"""Whatever is asked of calls and statistics, the answer is no mistake of ours and of nobody else's tenant."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.application import OTHER, TENANT
from tests.web.auth.guarded import caller, ours, theirs

pytestmark = pytest.mark.anyio

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
people = texts | st.sampled_from(["a", "adalbert", "Brunhild", "%", "+49", "@", "0" * 300, "brunhild@contoso.com"])
moments = st.sampled_from(["2026-02-25", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "-1", "2026"])
durations = st.sampled_from(["0", "5m", "PT5M", "P99999999999D", "1e9", "-1", "²", "PT", "999999999d"]) | texts
PARAMETERS = {
    "from": moments | texts,
    "to": moments | texts,
    "type": st.sampled_from(["peerToPeer", "groupCall", "x"]),
    "modality": st.sampled_from(["audio", "video", '"%']),
    "participant": people,
    "organizer": people,
    "tenant": st.sampled_from([TENANT, OTHER, "x"]),
    "quality": st.sampled_from(["good", "poor", "unknown", ""]),
    "failed": st.sampled_from(["true", "0", "no", "2"]),
    "rating": st.sampled_from(["bad", "good", "9"]),
    "min_duration": durations,
    "order": st.sampled_from(["start", "-start", ""]),
    "limit": st.sampled_from(["1", "200", "0", "1e3", "99999999999999999999"]),
    "cursor": texts,
    "bucket": st.sampled_from(["hour", "day", "week"]),
    "by": st.sampled_from(["tenant", "type", "platform", "rating", "failed", "x"]),
}
questions = st.fixed_dictionaries({}, optional=PARAMETERS)
CALLS = {name: value for name, value in PARAMETERS.items() if name not in {"bucket", "by"}}
STATS = {name: PARAMETERS[name] for name in ("from", "to", "tenant", "bucket", "by")}
hostile = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
async def of_one_tenant(app, database):
    await ours(database)
    await theirs(database)
    async with caller(app, database, "restricted", "read", TENANT) as client:
        yield client


@hostile
@given(question=st.fixed_dictionaries({}, optional=CALLS))
async def test_no_question_finds_another_tenants_call(of_one_tenant, question):
    answer = await of_one_tenant.get("/api/calls", params=question)
    has_nul = any("\0" in str(value) for value in question.values())
    assert answer.status_code in ((400,) if has_nul else (200, 422)), answer.text
    if answer.status_code == 200:
        assert {item["tenant_id"] for item in answer.json()["items"]} <= {TENANT}
        assert "Brunhild" not in answer.text


@hostile
@given(question=st.fixed_dictionaries({}, optional=STATS))
async def test_no_question_counts_another_tenants_call(of_one_tenant, question):
    answer = await of_one_tenant.get("/api/stats", params=question)
    assert answer.status_code in (200, 400, 422), answer.text
    if answer.status_code == 200:
        assert answer.json()["total"]["calls"] <= 2
        assert OTHER not in answer.text.replace(question.get("tenant", ""), "")


async def test_another_callers_cursor_leads_nowhere(of_one_tenant, api):
    cursor = (await api.get("/api/calls", params={"limit": 1})).json()["next_cursor"]
    answer = await of_one_tenant.get("/api/calls", params={"limit": 1, "cursor": cursor})
    assert answer.status_code == 422
    assert "cursor" in answer.json()["detail"]
