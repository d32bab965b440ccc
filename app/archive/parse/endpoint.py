"""One end of a session or segment as columns: who, on what device, with which software, and what they thought."""

from typing import Any

from app.archive.parse import convert
from app.archive.parse.identities import identity
from app.archive.parse.row import Row, reader
from app.archive.schema import graph_types

ONLY_PARTICIPANTS_HAVE = {"associatedIdentity", "identity", "feedback"} | {
    field.property for field in graph_types.ENDPOINT_OWN
}
ONLY_CLIENTS_HAVE = {"platform", "productFamily", "communicationServiceId", "azureADAppId"}

_own = reader(graph_types.ENDPOINT_OWN)
_feedback = reader(graph_types.FEEDBACK)
_user_agent = reader(graph_types.USER_AGENT_OWN)
_NOTHING = (None,) * len(graph_types.ENDPOINT)


def columns(endpoint: Any) -> Row:
    """A row in the order of ``shapes.ENDPOINT``."""
    if not isinstance(endpoint, dict):
        return _NOTHING
    agent = endpoint.get("userAgent")
    return (
        _endpoint_type(endpoint),
        *_own(endpoint),
        *identity.of_endpoint(endpoint),
        *_feedback(endpoint.get("feedback")),
        _user_agent_type(agent),
        *_user_agent(agent),
    )


class LastEndpoint:
    """Reads the same end of session after session: a segment nearly always repeats the ends of its session."""

    def __init__(self) -> None:
        self._endpoint: Any = None
        self._columns = _NOTHING

    def columns(self, endpoint: Any) -> Row:
        """A row in the order of ``shapes.ENDPOINT``."""
        if endpoint != self._endpoint:
            self._endpoint, self._columns = endpoint, columns(endpoint)
        return self._columns


def _endpoint_type(endpoint: dict[str, Any]) -> str | None:
    """What Graph says; else a participant's if it has more than a user agent, which is all a service has."""
    said = _said_type(endpoint)
    if said is not None:
        return said
    if not ONLY_PARTICIPANTS_HAVE.isdisjoint(endpoint):
        return "participantEndpoint"
    return "serviceEndpoint" if endpoint else None


def _user_agent_type(agent: Any) -> str | None:
    """What Graph says; else a client's or a service's by the properties that only one of them has."""
    if not isinstance(agent, dict):
        return None
    said = _said_type(agent)
    if said is not None:
        return said
    if "role" in agent:
        return "serviceUserAgent"
    return "clientUserAgent" if not ONLY_CLIENTS_HAVE.isdisjoint(agent) else None


def _said_type(value: dict[str, Any]) -> str | None:
    annotation = convert.text(value.get("@odata.type"))
    return annotation.rpartition(".")[2] if annotation else None
