"""Other forms of a document: the old beta form, omitted nulls, undocumented properties, unknown times."""

from typing import Any

OLD_ENDPOINT_LACKS = ("name", "cpuName", "cpuCoresCount", "cpuProcessorSpeedInMhz", "associatedIdentity")


def old_beta(document: dict[str, Any]) -> dict[str, Any]:
    """Identity sets only: no organizer_v2, participants_v2, isTest, or hardware properties."""
    head = {key: value for key, value in document.items() if not key.endswith("_v2")}
    if "sessions" in head:
        head["sessions"] = [old_session(session) for session in head["sessions"]]
    return head


def old_session(session: dict[str, Any]) -> dict[str, Any]:
    old = {key: value for key, value in session.items() if key != "isTest"}
    segments = [old_ends(segment) for segment in session["segments"]]
    return {**old_ends(old), "segments": segments}


def old_ends(part: dict[str, Any]) -> dict[str, Any]:
    return {**part, **{end: old_endpoint(part[end]) for end in ("caller", "callee")}}


def old_endpoint(endpoint: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in endpoint.items() if key not in OLD_ENDPOINT_LACKS}


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value


INT64 = ("packetUtilization", "averageBandwidthEstimate", "linkSpeed")
UNKNOWN_TIMES = {"0001": "0001-01-01T00:00:00Z", "9999": "9999-12-31T23:59:59.9999999Z"}


def with_float_integers(value: Any, name: str = "") -> Any:
    """Write int64 properties as 6000.0."""
    if isinstance(value, list):
        return [with_float_integers(inner) for inner in value]
    if isinstance(value, dict):
        return {key: with_float_integers(inner, key) for key, inner in value.items()}
    return float(value) if name in INT64 and value is not None else value


def with_unknown_times(document: dict[str, Any], start: str, end: str) -> dict[str, Any]:
    """Replace the times of the call and of its first session by Graph's forms of an unknown time."""
    unknown = {name: UNKNOWN_TIMES[year] for name, year in (("startDateTime", start), ("endDateTime", end)) if year}
    sessions = document.get("sessions")
    if unknown and sessions:
        sessions = [{**sessions[0], **unknown}, *sessions[1:]]
    return {**document, **unknown, **({"sessions": sessions} if sessions else {})}


def with_extras(value: Any) -> Any:
    """Add an undocumented property to every object except feedback tokens, which have no fixed properties."""
    if isinstance(value, list):
        return [with_extras(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    grown = {key: inner if key == "tokens" else with_extras(inner) for key, inner in value.items()}
    return {**grown, "propertyOfTomorrow": {"of": len(grown)}}
