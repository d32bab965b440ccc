"""The TOML file of alert rules: read and checked, with the line of what is wrong. Pure."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from typing import Any

from app.alerts.rule import DEFAULTS, DIMENSIONS, KINDS, Mute, Rule, RuleSet

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LARGEST = 1 << 20  # bytes

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TABLE = re.compile(r"\[\[?\s*([\w-]+)\s*\]")
_HOUR = re.compile(r"([01]?[0-9]|2[0-4]):00")


class RulesRefused(ValueError):
    """``problems``: a line each, with line, key and the accepted values."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read(text: str) -> RuleSet:
    """The rules; RulesRefused if one of them is wrong. Rules of the file replace defaults of the same id."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesRefused([f"not TOML: {error}"]) from None
    return _Reading(text).rules(found)


class _Reading:
    """Collects what is wrong, and continues to read."""

    def __init__(self, text: str) -> None:
        self._places = _placed(text)
        self._problems: list[str] = []

    def rules(self, found: dict[str, Any]) -> RuleSet:
        known = {"defaults": "true or false", "most_an_hour": "1 to 1000", "rule": "tables", "mute": "tables"}
        for key in found:
            if key not in known:
                self._wrong(self._line(key), key, f"one of {', '.join(known)}")
        defaults = self._value(found, "defaults", None, lambda value: isinstance(value, bool), "true or false")
        most = self._value(found, "most_an_hour", 20, _whole(1, 1000), "an integer from 1 to 1000")
        rules = {rule.id: rule for rule in DEFAULTS} if defaults else {}
        own = [self._rule(table, number) for number, table in enumerate(self._tables(found, "rule"))]
        rules |= {rule.id: rule for rule in own if rule}
        mutes = [self._mute(table, number, set(rules)) for number, table in enumerate(self._tables(found, "mute"))]
        if self._problems:
            raise RulesRefused(self._problems)
        return RuleSet(tuple(rules.values()), tuple(mute for mute in mutes if mute), most)

    def _rule(self, table: dict[str, Any], number: int) -> Rule | None:
        kinds, dimensions = f"one of {', '.join(KINDS)}", f"one of {', '.join(DIMENSIONS)}"
        checks: dict[str, tuple[Callable[[Any], bool], str]] = {
            "id": (_matches(_ID), "lower-case letters, digits and _, at most 40, for example site_audio"),
            "kind": (lambda value: value in KINDS, kinds),
            "by": (lambda value: value in DIMENSIONS, dimensions),
            "warning": (_number(0, 1), "a share from 0 to 1, for example 0.05"),
            "critical": (_number(0, 1), "a share from 0 to 1, for example 0.2"),
            "times": (_number(1, 100), "a number from 1 to 100"),
            "min_streams": (_whole(1, 10**9), "an integer from 1"),
            "min_calls": (_whole(1, 10**9), "an integer from 1"),
        }
        before = len(self._problems)
        self._check(table, "rule", number, checks, required=("id", "kind"))
        if len(self._problems) > before:
            return None
        rule = Rule(**table)
        if rule.critical is not None and rule.critical < rule.warning:
            self._wrong(self._line("critical", "rule", number), "critical", f"at least warning ({rule.warning:g})")
        return rule

    def _mute(self, table: dict[str, Any], number: int, rules: set[str]) -> Mute | None:
        checks: dict[str, tuple[Callable[[Any], bool], str]] = {
            "rule": (
                lambda value: value in rules,
                f"one of the rules {', '.join(sorted(rules)) or '(there are none)'}",
            ),
            "value": (lambda value: isinstance(value, str) and bool(value), "the name of a site, network or subnet"),
            "days": (_is_days, f"a list of {', '.join(DAYS)}"),
            "from": (_matches(_HOUR), "a full hour in UTC, for example 20:00"),
            "until": (_matches(_HOUR), "a full hour in UTC, for example 06:00"),
        }
        before = len(self._problems)
        self._check(table, "mute", number, checks)
        if len(self._problems) > before:
            return None
        days = frozenset(DAYS.index(day) for day in table.get("days", DAYS))
        begin, end = (int(table.get(key, usual).split(":")[0]) for key, usual in (("from", "0:00"), ("until", "24:00")))
        return Mute(rule=table.get("rule"), value=table.get("value"), days=days, begin=begin, end=end)

    def _check(
        self,
        table: dict[str, Any],
        name: str,
        number: int,
        checks: dict[str, tuple[Callable[[Any], bool], str]],
        required: tuple[str, ...] = (),
    ) -> None:
        for key in required:
            if key not in table:
                self._wrong(self._line(None, name, number), key, f"{checks[key][1]} (it is missing)")
        for key, value in table.items():
            if key not in checks:
                self._wrong(self._line(key, name, number), key, f"one of {', '.join(checks)}")
            elif not checks[key][0](value):
                self._wrong(self._line(key, name, number), key, checks[key][1])

    def _tables(self, found: dict[str, Any], name: str) -> list[dict[str, Any]]:
        tables = found.get(name, [])
        if isinstance(tables, list) and all(isinstance(each, dict) for each in tables):
            return tables
        self._wrong(self._line(name), name, f"tables that begin with [[{name}]]")
        return []

    def _value(self, found: dict[str, Any], key: str, usual: Any, check: Callable[[Any], bool], accepted: str) -> Any:
        if key in found and not check(found[key]):
            self._wrong(self._line(key), key, accepted)
            return usual
        return found.get(key, usual)

    def _wrong(self, line: int, key: str, accepted: str) -> None:
        self._problems.append(f"line {line}: {key}: write {accepted}")

    def _line(self, key: str | None, table: str | None = None, number: int = 0) -> int:
        """Where the key stands: in the table of this name and number, or before and beside all tables."""
        mine = [
            (at, text) for at, name, count, text in self._places if table is None or (name, count) == (table, number)
        ]
        form = re.compile(rf"\[*\s*[\"']?{re.escape(key or '')}[\"']?\s*[=\].]")
        found = next((at for at, text in mine if key is not None and form.match(text)), None)
        return found or (mine[0][0] if mine else 1)


def _placed(text: str) -> list[tuple[int, str | None, int, str]]:
    """Each line with its number, the table that it is in, and how many of these tables come before."""
    places, counts = [], Counter[str]()
    name: str | None = None
    number = 0
    for at, line in enumerate(text.splitlines(), 1):
        if begun := _TABLE.match(line.strip()):
            name, number = begun[1], counts[begun[1]]
            counts[begun[1]] += 1
        places.append((at, name, number, line.strip()))
    return places


def _number(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _matches(form: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _is_days(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(day in DAYS for day in value)
