"""What `/api/telephony` answers, as models; their descriptions are the formulas."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

By = Literal["trunk", "user", "department", "destination", "call_type", "voice_app"]


class Code(BaseModel):
    """How often calls of one direction ended with a SIP code."""

    direction: Literal["inbound", "outbound", "unknown"]
    sip_code: int | None
    sub_code: int | None = Field(description="Graph's callEndSubReason.")
    name: str = Field(description="As RFC 3261 calls the code.")
    meaning: str | None = Field(description="What the sub code adds; null where nothing is documented.")
    answered_by: Literal["sbc", "microsoft", "unknown"] = Field(
        description="Who gave the final answer: a sub code 560xxx is the SBC's."
    )
    calls: int


class Times(BaseModel):
    calls: int
    median_seconds: float | None
    p90_seconds: float | None


class Cost(BaseModel):
    currency: str = Field(description="ISO 4217; empty where Graph gave none.")
    amount: Decimal = Field(description="Charges and connection charges of this currency; never of two together.")
    calls: int
    free_calls: int = Field(description="Without a charge, or with the licence FREECALL: Microsoft could not price it.")


class Queue(BaseModel):
    """How the calls of a call queue were answered, from the call records."""

    offered: int
    answered: int
    overflowed: int
    timed_out: int
    no_agent: int
    in_time: int = Field(description="Answered within the target.")
    target_seconds: float
    service_level: float | None = Field(
        description="Per cent: answered in time / (answered + abandoned - short abandoned)."
    )
    grade_of_service: float | None = Field(description="Per cent: answered in time / offered.")
    waiting: Times = Field(description="Until the answer, of answered calls.")
    enough_calls: bool = Field(description="At least 30 offered calls; with fewer, rates say little.")


class Figures(BaseModel):
    attempts: int = Field(description="Rows, or calls in the queue.")
    answered: int = Field(description="Direct Routing: successfulCall. PSTN: a duration above 0.")
    asr: float | None = Field(description="Answer seizure ratio, per cent: answered / attempts.")
    ner: float | None = Field(
        description="Network effectiveness ratio, per cent of Direct Routing attempts: answered, busy (486, 600) and "
        "not answered (408, 480, 487), with `count_declined` also 603 and with `count_wrong_number` 404, 484, 604."
    )
    ner_attempts: int = Field(description="Direct Routing attempts, of which NER is a share.")
    ner_is_reliable: bool = Field(description="At least 100 attempts.")
    results: dict[str, int] = Field(description="Direct Routing attempts by result.")
    acd_seconds: float | None = Field(description="Average call duration: talking / answered.")
    minutes: float = Field(description="Of talking.")
    peak_concurrent_calls: int = Field(description="Most occupied channels at a time, from INVITE to end or failure.")
    peak_at: datetime | None = Field(description="When that was reached first.")
    channels: int | None = Field(description="As TRUNK_CHANNELS says.")
    utilisation: float | None = Field(description="Per cent: peak / channels.")
    busy_hour: datetime | None = Field(description="Start of the hour with the most traffic, in UTC.")
    erlangs: float = Field(description="Occupied seconds / 3600 in the busy hour.")
    blocking: float | None = Field(description="Share of calls, 0 to 1, that find no channel: Erlang B.")
    post_dial_delay: Times = Field(description="From INVITE to start, of answered outbound Direct Routing calls.")
    answer_time: Times = Field(description="The same of inbound calls that no voice app took.")
    top_sip_codes: list[Code]
    cost: list[Cost]
    abandoned: int = Field(description="Inbound calls whose caller left: SIP 487, or before an agent of a queue.")
    short_abandoned: int = Field(description="Of these, within 5 seconds.")
    abandon_rate: float | None = Field(description="Per cent, without short ones on both sides.")
    queue: Queue | None = Field(description="Only by voice_app.")


class Value(Figures):
    value: str | None = Field(description="Null: rows that have none.")
    name: str | None = Field(description="Of a user or a voice app, where one is known.")


class Telephony(BaseModel):
    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")
    by: By
    total: Figures
    items: list[Value] = Field(description="Most attempts first.")
    left_out: int = Field(description="Values beyond the first 1,000.")
