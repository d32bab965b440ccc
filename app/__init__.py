"""Callkeeper archives every Microsoft Teams call record of an organisation.

Microsoft Graph ──POST──▶ web/webhook ──put──▶ inbox ──claim──▶ fetch ──save──▶ archive ──▶ api, pages, export
                                                                 │ ▲
                                                               graph ┘

cli            the commands, one module for each group
runtime        the processes: serve, worker, wiring, start and stop
settings       every setting: its type, default and unit
web            the webhook that Graph posts to, the APIs and the pages
health         whether the service is collecting: rules, readiness, gauges
doctor         checks of an installation, each with what to do
subscriptions  one live Graph subscription for each tenant
fetch          from a call id to a stored record; sweeps of Graph's list
export         the archive's tables as files
archive        the stored call records: documents, typed rows, queries
inbox          the ids that Graph notified us of and that are not stored yet
access         API keys, Entra ID tokens, the audit
graph          the Microsoft Graph client; it imports nothing of ours
db             the only folder that knows there are two databases
observability  log events, metrics, tracing
simulator      a simulated Microsoft Graph for the demo and the tests; it imports nothing of ours
"""

from app import mapper_on_demand

mapper_on_demand.install()
