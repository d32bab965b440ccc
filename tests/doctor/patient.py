"""Who is examined: the settings of a scene, changed by each test, and the doctor's findings by name."""

import re

from app.doctor.finding import CHECKS
from app.doctor.run import LIMITS, run_checks
from tests.sample_settings import set_only

KEY = "the-key-of-the-tests"


class Findings(list):
    """The checks of `run_checks`."""

    def of(self, name, tenant_id=None):
        """The only check of this name, or the one of a tenant."""
        (only,) = [one for one in self if one.check == name and tenant_id in (None, one.tenant_id)]
        return only

    def states(self):
        return {one.check: one.state for one in self}

    def not_ok(self):
        """Of the SQLite library of the machine that runs the tests, nothing is promised."""
        wrong = [one for one in self if one.state != "ok" and not one.found.startswith("SQLite 3.")]
        return [one.check for one in wrong]


class Patient:
    def __init__(self, scene, monkeypatch, folder):
        self.scene, self.world = scene, scene.world
        self._monkeypatch, self._folder = monkeypatch, folder
        self._good = scene.environment() | {"API_KEY": KEY}

    def environment(self, **changes):
        wanted = self._good | changes
        wanted = {name: str(value) for name, value in wanted.items() if value is not None}
        del wanted["LOG_FORMAT"]
        set_only(self._monkeypatch, self._folder, wanted)
        return wanted

    async def examined(self, limits=LIMITS, **changes):
        """With these settings changed, None taking one away; none of the secrets is in what is said."""
        settings = self.environment(**changes)
        findings = Findings(await run_checks(limits))
        assert [one.check for one in findings] == sorted((one.check for one in findings), key=CHECKS.index)
        assert {one.check for one in findings} == set(CHECKS)
        assert_nothing_private(repr(findings), settings)
        return findings

    async def says(self, name, *, state="failed", limits=LIMITS, **changes):
        """What this check found and what it advises, in one text."""
        check = (await self.examined(limits, **changes)).of(name)
        assert check.state == state, check
        return f"{check.found} → {check.remedy}"


def assert_nothing_private(text, settings):
    for name in ("AZURE_CLIENT_SECRET", "API_KEY", "AZURE_CLIENT_CERTIFICATE_PASSWORD"):
        assert settings.get(name, "no such secret") not in text
    assert not re.search(r"eyJ\w{8,}", text)
