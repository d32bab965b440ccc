"""The commands by name, with the module that has each one and the first paragraph of its help.

`callkeeper --help` and a start of one command import no other command's module.
"""

from typing import NamedTuple


class Entry(NamedTuple):
    """A module of `app.cli` whose ``add_to`` adds the command, and what the list of commands says about it."""

    module: str
    summary: str


COMMANDS = {
    "serve": Entry(
        "processes", "Run the web routes, a worker, subscription renewal and reconciliation in one process."
    ),
    "worker": Entry("processes", "Run only a worker. Any number of workers can share one PostgreSQL database."),
    "simulator": Entry(
        "processes", "Run a simulated Microsoft Graph with its login; prints the client settings as one line of JSON."
    ),
    "demo": Entry(
        "processes",
        "Run the simulated Graph and the complete service against it, with calls arriving. Ctrl-C stops both.",
    ),
    "status": Entry(
        "status",
        "Show whether calls are collected and, if not, why and what to do. Exit status 0 if all is well, else 1.",
    ),
    "subscriptions": Entry("subscriptions", "Subscriptions to call records at Graph."),
    "doctor": Entry(
        "doctor",
        "Check the installation: one line per check, with what to do if something is wrong. Changes nothing.",
    ),
    "backfill": Entry(
        "sweeps", "List the call records at Graph and queue those that are missing or outdated in the archive."
    ),
    "fetch": Entry("sweeps", "Queue call records by id; a worker fetches them."),
    "inbox": Entry("inbox", "Call records that are not collected yet, and why."),
    "diagnose": Entry(
        "diagnose", "Show why a call was poor, dropped or failed for each person, and what to do. Times are in UTC."
    ),
    "keys": Entry("keys", "API keys: access to the archive."),
    "sites": Entry("lists.sites", "Sites: buildings and networks that calls are matched with."),
    "pstn": Entry("telephony.pstn", "Microsoft's PSTN and Direct Routing logs."),
    "sessions": Entry("sessions", "Users who are signed in to the pages."),
    "webhooks": Entry("outbound.webhooks", "Webhooks: where events are sent."),
    "alerts": Entry("outbound.alerts", "Alerts: rules over the counts of calls."),
    "directory": Entry("lists.directory", "Department, cost centre and site of each person."),
    "voice-apps": Entry("lists.voice_apps", "Resource accounts of auto attendants and call queues."),
    "export": Entry(
        "export",
        "Write the archive's tables as files: one folder per table, with one folder per day of the call's start (UTC).",
    ),
    "purge": Entry(
        "retention", "Delete old calls with all their rows and documents. RETENTION does this automatically."
    ),
    "erase": Entry(
        "retention",
        "Remove one person from every row and document. The calls stay, with a pseudonym instead of the person.",
    ),
    "reclassify": Entry(
        "reclassify",
        "Classify archived streams again as good, poor or unknown by a rule set. The daily counts follow.",
    ),
    "migrate": Entry("database", "Update the database to the newest schema. Running it again is safe."),
    "backup": Entry(
        "database", "Copy the SQLite database to a file while the service runs. For PostgreSQL use pg_dump."
    ),
}
