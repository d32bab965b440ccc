"""One row of a log as a row of ``call_log_rows``: Graph's values, and what is computed from them. Pure.

Nothing raises for a value that does not fit: the document has it.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from app import ids, wire
from app.archive.documents import codec, exact_json
from app.archive.parse.call_logs import amounts, call_types, masked, times
from app.archive.parse.convert import CONVERT, text
from app.archive.parse.identities import identifiers
from app.archive.schema.call_log_types import BOTH, DIRECT_ROUTING, DIRECT_ROUTING_ROW, MOMENTS, PSTN_ROW
from app.archive.schema.microseconds import microseconds
from app.ids import TenantId

LONGEST_ID = 200  # characters: longer ones would not fit an entry of PostgreSQL's index
LARGEST = 1 << 16  # bytes of a row's JSON; documented rows have 1,500


class LogRow(NamedTuple):
    """A row of Graph's log: its columns, without ``key`` and those of the join and of when it was seen."""

    tenant_id: TenantId
    kind: str
    row_id: str
    columns: dict[str, Any]


def parsed(tenant_id: TenantId, kind: str, item: dict[str, Any], now: datetime) -> LogRow | None:
    """The row; None where it is larger than a row can be. ``now`` is its time where Graph gave none."""
    raw = exact_json.dumps(item)
    if len(raw) > LARGEST:
        return None
    content_hash = sha256(exact_json.dumps(dict(sorted(item.items())))).digest()
    fields = (*BOTH, *(DIRECT_ROUTING_ROW if kind == DIRECT_ROUTING else PSTN_ROW))
    values = {field.column: CONVERT[field.kind](item.get(field.property)) for field in fields}
    moments = {field.column: _microseconds(item.get(field.property)) for field in MOMENTS}
    if values.get("trunk"):
        values["trunk"] = identifiers.folded(values["trunk"]).strip()
    call_type = call_types.meaning(values["call_type"])
    columns = {
        **values,
        **moments,
        **{name: getattr(call_type, name) for name in ("direction", "is_voice_app", "is_conference")},
        **times.computed(kind, moments, values["duration"], established=values.get("successful_call")),
        **_people(item, values),
        **_charges(item),
        "ordered_at": next((at for at in moments.values() if at is not None), microseconds(now)),
        "join_id": ids.guid(values.get("correlation_id") or values.get("call_id") or ""),
        "document": codec.pack(raw),
        "raw_bytes": len(raw),
        "content_hash": content_hash,
    }
    return LogRow(tenant_id, kind, _row_id(item, content_hash), columns)


def _microseconds(value: Any) -> int | None:
    at = wire.moment(value)
    return None if at is None else microseconds(at)


def _people(item: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "user_id": identifiers.normal(text(item.get("userId"))) or None,
        "user_address": identifiers.normal(values["user_principal_name"]) or None,
    }
    for end in ("caller", "callee"):
        digits = masked.digits(values[f"{end}_number"])
        found[f"{end}_digits"] = digits.known if digits else None
        found[f"{end}_hidden_digits"] = digits.hidden if digits else None
    return found


def _charges(item: dict[str, Any]) -> dict[str, Any]:
    charge, connection = amounts.amount(item.get("charge")), amounts.amount(item.get("connectionCharge"))
    return {
        "charge": charge,
        "connection_charge": connection,
        "charge_millionths": amounts.millionths(charge),
        "connection_charge_millionths": amounts.millionths(connection),
    }


def _row_id(item: dict[str, Any], content_hash: bytes) -> str:
    given = text(item.get("id"))
    if given and given.strip():
        return ids.guid(given) or identifiers.cut(given.strip())[:LONGEST_ID]
    return f"sha256:{content_hash.hex()}"
