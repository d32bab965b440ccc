"""The parameters of a query, beyond what FastAPI checks of each."""

from fastapi import Request

from app.web.problems import Problem


def refuse_unknown(request: Request) -> None:
    """A parameter that is ignored would look like a filter that found everything."""
    known = {parameter.alias for parameter in request.scope["route"].dependant.query_params}
    if unknown := sorted(set(request.query_params) - known):
        named = ", ".join(name[:50] for name in unknown[:10])
        raise Problem(400, f"Unknown parameter {named}; known are {', '.join(sorted(known))}.")
