"""Callkeeper keeps every Microsoft Teams call record of an organisation.

Microsoft Graph ──POST──▶ web ──put──▶ inbox ──claim──▶ fetch ──save──▶ archive ──▶ web
                                                          │ ▲
                                                        graph ┘

web            every door: Graph's notifications come in, people and programs read
inbox          the ids we were told of and have not finished
fetch          from an id to a kept record, and the sweeps that find what nobody told us of
archive        what we keep: the document as Graph gave it, and typed rows
subscriptions  keeping Graph's promise to tell us
graph          Microsoft Graph as it is, nothing of ours
condition      whether all this works, and what to do where it does not
access         who may read, and the record of what was read
doctor         what keeps it from working, and what to do
export         the archive's tables as files
db             the only folder that knows there are two databases
"""
