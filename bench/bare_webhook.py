"""A webhook that stores nothing: the same uvicorn, which only answers 202.

python -m bench.bare_webhook PORT app|asgi

``app``: a FastAPI route that reads the body, as one would write it. ``asgi``: not even a framework.
"""

import sys

import uvicorn
from fastapi import FastAPI, Request, Response

app = FastAPI()


@app.post("/graph/notifications")
async def receive(request: Request) -> Response:
    await request.body()
    return Response(status_code=202)


async def asgi(_scope, receive, send) -> None:
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


if __name__ == "__main__":
    port, kind = sys.argv[1:]
    chosen = {"app": app, "asgi": asgi}[kind]
    uvicorn.run(chosen, port=int(port), log_level="warning", access_log=False, server_header=False, lifespan="off")
