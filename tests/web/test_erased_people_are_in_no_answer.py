"""An erased person is in no page, no answer of an API, no export file, no log and not in the database's files."""

import pyarrow.parquet
import pytest

from app.archive.erasure.erase_person import erase, request_erasure
from app.archive.erasure.requests import knowledge
from app.archive.erasure.traces import Traces
from app.archive.retention import reclaim_space
from app.db import metadata
from app.export.formats import Format
from app.export.run import export
from tests.archive.records import guid, kept, rows_of, save
from tests.archive.retention.archived_calls import OTHER, bytes_of, everything, found_in
from tests.archive.retention.test_erasing_in_every_form import DOE, PLAIN, TRACES, UPN, everywhere
from tests.web.application import TENANT
from tests.web.auth.guarded import OURS, READS, filled
from tests.web.pages.browser_client import signed_in
from tests.web.pages.page_routes import PAGES, address

pytestmark = pytest.mark.anyio

SEARCHES = ["/calls", "/calls.csv", "/api/calls", "/api/people"]
FORMS_OF_HIS_ID = [DOE, DOE.upper(), PLAIN, f"{{{DOE}}}"]


async def stored(database, *records):
    await save(database, *[kept(record, tenant=TENANT) for record in records])


async def answers(app, api):
    """Every page and every route that reads, as one text."""
    async with signed_in(app) as browser:
        pages = [filled(path, OTHER) if path.startswith("/people") else address(path) for path in PAGES]
        texts = [(await browser.get(path)).content for path in pages]
        texts += [(await browser.get(path, params={"from": "2020-01-01"})).content for path in SEARCHES[:2]]
    texts += [(await api.get(filled(path))).content for path in READS]
    texts += [(await api.get(path, params={"q": name})).content for path in SEARCHES[2:] for name in ("John", "Jane")]
    return b"\n".join(texts)


async def exported(database, out):
    """The files of each format; what is packed in Parquet is read."""
    texts = []
    for form in Format:
        await export(database, out / form, form)
        for file in sorted((out / form).rglob("*")):
            if file.suffix == ".parquet":
                texts.append(str(pyarrow.parquet.read_table(file).to_pylist()).encode())
            elif file.is_file():
                texts.append(file.read_bytes())
    return b"\n".join(texts)


async def test_he_is_in_no_answer_no_file_and_no_log(app, api, database, database_url, tmp_path, capsys):
    await stored(database, everywhere(id=OURS, version=1), everywhere(id=guid(7)))
    assert UPN in found_in(await answers(app, api), TRACES)
    assert UPN in found_in(await exported(database, tmp_path), TRACES)
    assert UPN in found_in(await bytes_of(database, database_url), TRACES)
    await erase(database, DOE)
    assert await reclaim_space.rebuild(database, list(metadata.tables))
    assert found_in(await answers(app, api), TRACES) == []
    assert found_in(await exported(database, tmp_path), TRACES) == []
    assert found_in(await bytes_of(database, database_url), TRACES) == []
    reported = capsys.readouterr()
    assert found_in((reported.out + reported.err).encode(), TRACES) == []


async def test_until_the_erasure_is_finished_no_search_answers_with_his_calls(app, api, database):
    await stored(database, everywhere(id=OURS))
    records = "/v1.0/communications/callRecords"
    search = {"$filter": f"participants_v2/any(p:p/id eq '{DOE}')"}
    assert (await api.get(f"{records}/$count", params=search)).text == "1"
    key = await request_erasure(database, DOE)
    await knowledge.learn(database, key, Traces())
    assert (await api.get(f"{records}/$count", params=search)).text == "0"
    assert (await api.get(records, params=search)).json()["value"] == []
    for name in ("participant", "organizer"):
        assert (await api.get("/api/calls", params={name: DOE})).json()["items"] == []
    assert (await api.get("/api/people", params={"q": "John"})).json()["items"] == []
    async with signed_in(app) as browser:
        assert UPN not in found_in((await browser.get(f"/people/{DOE}")).content)
        assert found_in((await browser.get("/people", params={"q": "John"})).content) == []


@pytest.mark.parametrize("given", [DOE, UPN])
async def test_asking_for_his_id_as_a_call_does_not_record_it(api, database, given):
    await stored(database, everywhere(id=OURS))
    await erase(database, given)
    for form in FORMS_OF_HIS_ID:
        for path in ("/api/calls/{}", "/v1.0/communications/callRecords/{}", "/v1.0/communications/callRecords('{}')"):
            assert (await api.get(path.format(form))).status_code in {400, 404}
    assert found_in(await everything(database), TRACES) == []
    await api.get(f"/api/calls/{OURS}")
    await api.get(f"/api/calls/{guid(0xABC)}")
    asked = [row["call_id"] for row in await rows_of(database, metadata.tables["audit"])]
    assert asked[-2:] == [OURS, guid(0xABC)]
