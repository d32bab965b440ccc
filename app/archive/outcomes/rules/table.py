"""The rules in the order in which they are tried: the first that applies decides."""

from app.archive.outcomes.rules import agents, logs, media, queues, voicemail
from app.archive.outcomes.rules.case import Rule

RULES: tuple[Rule, ...] = (
    agents.answered,
    logs.forwarded,
    logs.transferred,
    voicemail.reached,
    logs.refused,
    queues.in_microsofts_words,
    queues.to_another_number,
    agents.only_rang,
    queues.left_the_queue,
    queues.ended_in_the_queue,
    queues.ended_in_the_menu,
    logs.dialled_in,
    logs.answered,
    logs.not_connected,
    media.meeting,
    media.sent,
    media.none_sent,
)
