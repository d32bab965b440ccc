"""`alerts list | rules | check | replay`: open alerts, the rules, and what they would have found."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.alerts import loading, replay, store
from app.alerts.rule import RuleSet
from app.alerts.rules_file import RulesRefused
from app.cli.shared import arguments, output
from app.cli.shared.running import run
from app.runtime import opening
from app.settings.environment import Settings

AlertState = StrEnum("AlertState", {"firing": "firing", "resolved": "resolved"})

_SHOWN = ("rule", "severity", "state", "tenant_id", "dimension", "value", "poor", "judged", "calls")
_TIMES = ("fired_at", "seen_at", "resolved_at", "acknowledged_by")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Alerts: rules over the counts of calls.",
        no_args_is_help=True,
        epilog="Examples: `callkeeper alerts list`, `callkeeper alerts check alerts.toml`",
    )
    group.command("list", epilog="Example: `callkeeper alerts list --state firing`")(list_all)
    group.command(epilog="Example: `callkeeper alerts rules --json`")(rules)
    group.command(epilog="Example: `callkeeper alerts check alerts.toml`")(check)
    group.command("replay", epilog="Example: `callkeeper alerts replay --from 30d --to 1d`")(replay_period)
    app.add_typer(group, name="alerts")


def list_all(
    state: Annotated[AlertState | None, typer.Option(help="Only alerts in this state.")] = None,
    json: output.Json = False,
) -> None:
    """List alerts that fire and the newest ones that are over."""

    async def _list(settings: Settings) -> list[dict[str, Any]]:
        async with opening.open_database(settings) as database, database.reading() as db:
            rows = await store.listed(db, None, state=state.value if state else None)
        return [{name: getattr(row, name) for name in (*_SHOWN, *_TIMES)} for row in rows]

    output.show(run(_list, only_database=True), as_json=json, empty="There are no alerts.")


def rules(json: output.Json = False) -> None:
    """List the rules of the file that ALERT_RULES names."""

    async def _rules(settings: Settings) -> list[dict[str, Any]]:
        names = ("id", "kind", "by", "warning", "critical", "times", "min_streams", "min_calls")
        return [{name: getattr(rule, name) for name in names} for rule in _loaded(settings.alert_rules).rules]

    empty = "There are no rules. Set ALERT_RULES to a file with the line: defaults = true"
    output.show(run(_rules, only_database=True), as_json=json, empty=empty)


def check(file: Annotated[Path, typer.Argument(metavar="FILE", help="A TOML file of rules.")]) -> None:
    """Check a file of rules; each problem names the line, the key and the accepted values."""
    try:
        found = loading.load(file)
    except RulesRefused as error:
        for problem in error.problems:
            print(problem)
        raise typer.Exit(1) from None
    print(f"{len(found.rules)} rules, {len(found.mutes)} mutes: the file is valid")


def replay_period(
    begin: Annotated[str, typer.Option("--from", help="First call, for example 30d or 2026-03-01.")],
    end: Annotated[str, typer.Option("--to", help="End of the period, for example 1d or 2026-04-01.")],
    json: output.Json = False,
) -> None:
    """Show which alerts would have fired in a stored period, to choose thresholds. Nothing is sent."""
    now = datetime.now(UTC)
    first, last = arguments.moment(begin, "--from", now), arguments.moment(end, "--to", now)
    assert first is not None
    assert last is not None
    if not timedelta() < last - first <= replay.LONGEST:
        raise typer.BadParameter(f"the period must have at most {replay.LONGEST.days} days", param_hint="--to")

    async def _replay(settings: Settings) -> list[dict[str, Any]]:
        loaded = _loaded(settings.alert_rules)
        async with opening.open_database(settings) as database, database.reading() as db:
            return await replay.replay(db, loaded, first, last)

    output.show(run(_replay, only_database=True), as_json=json, empty="No alert would have fired.")


def _loaded(file: Path | None) -> RuleSet:
    try:
        return loading.load(file)
    except RulesRefused as error:
        raise opening.NotReadyError(f"ALERT_RULES: {error}") from None
