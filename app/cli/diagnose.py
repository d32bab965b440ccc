"""`diagnose`: why a call was poor, dropped or failed for each person, and what to do."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer

from app.archive.diagnosis import diagnose as calls
from app.archive.diagnosis import reading
from app.archive.diagnosis.as_json import as_json
from app.archive.diagnosis.diagnose import Entry
from app.archive.diagnosis.sentences import name
from app.archive.diagnosis.summary import summary
from app.cli.shared import arguments, output
from app.cli.shared.running import run
from app.runtime import opening
from app.settings.environment import Settings

_EXAMPLES = (
    "Examples: `callkeeper diagnose 2f1c6b0e-5a4d-4f6e-9b1a-7c2d3e4f5a6b`,"
    " `callkeeper diagnose 2f1c6b0e-5a4d-4f6e-9b1a-7c2d3e4f5a6b --json`"
)


def add_to(app: typer.Typer) -> None:
    app.command(epilog=_EXAMPLES)(diagnose)


def diagnose(
    call_id: Annotated[str, typer.Argument(metavar="ID", help="The id of an archived call.")],
    json: output.Json = False,
) -> None:
    """Show why a call was poor, dropped or failed for each person, and what to do. Times are in UTC.

    With --json it prints what `GET /api/calls/{id}/diagnosis` answers.
    """
    wanted = arguments.call(call_id)

    async def _read(settings: Settings) -> tuple[dict[str, Any] | None, str]:
        async with opening.open_database(settings) as database, database.snapshot() as db:
            return await reading.call(db, wanted), str(settings.public_url)

    call, root = run(_read)
    if call is None:
        raise opening.NotReadyError(f"the archive has no call {wanted}; see `callkeeper inbox`")
    found = calls.diagnose(call)
    if json:
        print(orjson.dumps(as_json(call, found), option=orjson.OPT_INDENT_2).decode())
    else:
        print("\n".join(_lines(call, found, root)))


def _lines(call: dict[str, Any], found: list[Entry], root: str) -> list[str]:
    link = f"{root.rstrip('/')}/calls/{call['id']}"
    if not found:
        return [f"No person was affected; the quality of the call is {call['quality']}.", link]
    return [summary(call, found, link, ZoneInfo("UTC")), "", *(line for one in found for line in _person(one))]


def _person(entry: Entry) -> list[str]:
    made = entry.verdict
    reasons = f" ({'; '.join(made.reasons)})" if made.reasons else ""
    also = ", ".join(one.cause.text for one in made.also)
    return [
        f"{name(entry.person)}: {made.cause.cause.text}, confidence {made.confidence}{reasons}",
        *([f"  also: {also}"] if also else []),
        f"  {entry.recommendation}",
    ]
