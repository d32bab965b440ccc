"""`/openapi.json` with the errors that every route below `/api` and `/v1.0` can answer; FastAPI knows only its own."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do."},
        "errors": {
            "type": "array",
            "description": "The parameters that are wrong.",
            "items": {
                "type": "object",
                "properties": {"parameter": {"type": "string"}, "problem": {"type": "string"}},
            },
        },
    },
}
_GRAPH_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "innerError"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "innerError": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
    },
}
_OF_ANY = {400: "Something in the request is not supported", 401: "No valid key or token", 403: "Not allowed"}
_LATER = {503: "The database does not answer, or the read could not be recorded; try again"}
_OF_READS = {
    429: "Too many requests of this caller at a time; try again",
    504: "The read took too long; ask for a shorter period",
}
_OF_ONE = {404: "The archive has no such record, or the caller may not see it"}
_OF_PARAMETERS = {422: "A parameter is wrong"}
_OF_BODIES = {408: "The body did not arrive in time", 413: "The body is too large"}


class Documented(FastAPI):
    """An application whose description is complete."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            schema = super().openapi()
            schema["components"]["schemas"] |= {"Problem": _PROBLEM, "GraphError": _GRAPH_ERROR}
            for path, operation in _operations(schema):
                operation["responses"] = {**_successes(operation), **_errors(path, operation)}
            self.openapi_schema = schema
        return self.openapi_schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        if path.startswith(("/api/", "/v1.0/")):
            yield from ((path, operation) for operation in methods.values())


def _successes(operation: dict[str, Any]) -> dict[str, Any]:
    return {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}


def _errors(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """By status; Microsoft Graph has no 422, so below `/v1.0` a wrong parameter is a 400."""
    of_graph = path.startswith("/v1.0/")
    texts = (
        _OF_ANY
        | _LATER
        | _OF_READS
        | (_OF_ONE if "{" in path else {})
        | (_OF_BODIES if "requestBody" in operation else {})
    )
    texts |= {} if of_graph else _OF_PARAMETERS
    schema = {"$ref": f"#/components/schemas/{'GraphError' if of_graph else 'Problem'}"}
    content = {"application/json" if of_graph else "application/problem+json": {"schema": schema}}
    return {str(status): {"description": text, "content": content} for status, text in sorted(texts.items())}
