"""PLACE_RETENTION: addresses leave documents and rows, and the site and the subnet of each end stay."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy import select, text

from app.archive.documents.codec import unpack
from app.archive.parse.quality_rules import RULE_SETS, named
from app.archive.retention.remove_addresses import RemoveAddresses
from app.archive.schema.site_tables import endpoint_sites
from app.archive.schema.tables import call_records, documents, media
from app.archive.sites import imports
from app.archive.sites.files import address_lists
from app.archive.upgrade.derive_call import anew
from app.db import metadata
from tests.archive.records import only_row_of, rows_of, save
from tests.archive.sites.test_saved_calls import FILE, Job, a_call, a_network, counts, import_
from tests.some import some

pytestmark = pytest.mark.anyio

ADDRESSES = ("10.20.4.9", "203.0.113.9", "10.99.3.3", "172.16.0.1", "00-1A-2B-3C-4D-5E", "00-1a-2b", "AA-BB-CC")
OFFICE = a_network(
    "10.20.4.9",
    "10.20.4.0",
    connectionType="wifi",
    reflexiveIPAddress="203.0.113.9",
    relayIPAddress="52.112.0.1",
    macAddress="AA-BB-CC-00-11-22",
    basicServiceSetIdentifier="00-1A-2B-3C-4D-5E",
    traceRouteHops=[{"hopCount": 1, "ipAddress": "172.16.0.1", "roundTripTime": "PT0.01S"}],
)
POOL = a_network("10.99.3.3", "10.99.3.3")  # a VPN adapter reports its own address as its subnet


@pytest.fixture
async def call(database):
    """Two versions of a call, matched with the building file."""
    await import_(database)
    call = a_call(OFFICE, POOL)
    await save(database, call, call | {"version": 2})
    await Job(database)()
    return call


async def everything(database):
    """All texts of all tables, documents unpacked."""
    found = []
    async with database.reading() as db:
        for table in metadata.sorted_tables:
            for row in (await db.execute(select(table))).mappings():
                found += [unpack(value).decode() if name == "document" else str(value) for name, value in row.items()]
    return found


def job(database, days=1):
    return RemoveAddresses(database, timedelta(days=days), holder="test", rest_after_call=0.0)


async def places(database):
    names = ("side", "site", "network_name", "inside", "vpn", "method", "network_key")
    return [{name: row[name] for name in names} for row in await rows_of(database, endpoint_sites)]


async def test_no_address_is_left_and_sites_subnets_and_all_other_bytes_stay(database, call):
    before, sites, subnets = await places(database), await counts(database, "site"), await counts(database, "subnet")
    assert any(address in one for one in await everything(database) for address in ADDRESSES)
    assert await job(database).once() == 1
    assert await counts(database, "site") == sites
    left = [(address, one[:80]) for one in await everything(database) for address in ADDRESSES if address in one]
    assert left == []
    assert await places(database) == before
    assert [place["site"] for place in before] == ["VPN", "AAR-2"]
    assert (await counts(database, "subnet"))["10.20.4.0"] == subnets["10.20.4.0"]
    row = await only_row_of(database, call_records)
    assert (row["sites"], row["vpn_values"], row["access_points"]) == ('["AAR-2","VPN"]', '["none","vpn"]', None)
    (one,) = await rows_of(database, media)
    assert (one["caller_network_subnet"], one["caller_network_relay_ip_address"]) == ("10.20.4.0", "52.112.0.1")
    texts = [unpack(one["document"]).decode() for one in await rows_of(database, documents)]
    expected = orjson.dumps(call).decode()
    for address in ("10.20.4.9", "203.0.113.9", "10.99.3.3", "172.16.0.1", "00-1A-2B-3C-4D-5E", "AA-BB-CC-00-11-22"):
        expected = expected.replace(f'"{address}"', "null")
    assert len(texts) == 2
    assert texts[0] == expected
    assert await job(database).once() == 0


async def test_a_call_without_addresses_keeps_its_sites_when_it_is_derived_and_when_the_file_changes(database, call):
    before = await places(database)
    await job(database).once()
    key = (await only_row_of(database, call_records))["key"]
    rules = named(next(name for name in RULE_SETS if name != "cqd-2024-10"))
    assert await anew(database, key, text("1 = 1"), rules)
    assert await places(database) == before
    await import_(database, FILE.replace(b"AAR-2,", b"New,"))
    assert await Job(database)() == 0
    assert await places(database) == before


async def test_the_names_of_access_points_stay(database):
    async with database.begin() as db:
        await imports.add_access_points(db, address_lists.access_points(b"001a2b3c4d5e,Floor 3"), datetime.now(UTC))
    await save(database, a_call(OFFICE))
    async with database.begin() as db:
        await db.execute(text("UPDATE site_changes SET finished_at = changed_at"))
    assert await job(database).once() == 1
    assert (await only_row_of(database, call_records))["access_points"] == '["Floor 3"]'


async def test_young_calls_and_calls_that_are_still_to_be_matched_wait(database, call):
    assert await job(database, days=100_000).once() == 0
    await import_(database, FILE.replace(b"AAR-2,", b"New,"))
    assert await job(database).once() == 0
    await Job(database)()
    assert await job(database).once() == 1
    assert {place["site"] for place in some(await places(database))} == {"New", "VPN"}
