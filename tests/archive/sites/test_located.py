"""A record can be matched again with other lists: the result is that of the new lists alone. Pure."""

from datetime import UTC, datetime
from ipaddress import ip_network

import orjson

from app.archive.parse.record import RecordBuilder
from app.archive.sites.located import located
from app.archive.sites.matching import Row
from app.archive.sites.site_map import NOTHING, Dated, File, Period, SiteMap
from app.simulator.records import a_call_record


def everywhere(revision, site):
    networks = [ip_network("0.0.0.0/0"), ip_network("::/0")]
    rows = [Dated(Period(), Row(1, network, site, site, inside=True, vpn=False)) for network in networks]
    return SiteMap(revision, [File(Period(), rows)])


def test_sites_of_new_lists_replace_those_of_the_lists_before():
    builder = RecordBuilder("11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002")
    builder.begin(a_call_record(type="groupCall", participants=6, sessions=6, seed=3))
    record = builder.finish(datetime(2026, 3, 4, tzinfo=UTC))
    found = {}
    for before in (NOTHING, everywhere(1, "Old")):
        again = located(located(record, before), new := everywhere(2, "New"))
        once = located(record, new)
        assert orjson.loads(again.counts) == orjson.loads(once.counts)
        assert again.counts.count('"site"') == 1
        assert (again.row, again.children) == (once.row, once.children)
        found |= orjson.loads(again.counts)["site"]
    assert list(found) == ["New"]
