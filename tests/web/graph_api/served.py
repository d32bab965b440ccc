"""The application on a socket of this machine, for clients that bring their own HTTP."""

import asyncio
from contextlib import asynccontextmanager

import uvicorn


class Server(uvicorn.Server):
    def __init__(self, config):
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets=None):
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def served(app, **options):
    """The port on which uvicorn serves the app, over TLS with ``ssl_certfile``."""
    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", **options))
    running = asyncio.create_task(server.serve())
    await server.listening.wait()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running
