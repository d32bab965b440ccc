"""What the Graph-compatible routes work with beyond the rest: how links are written, and the bodies of batches."""

from app.db import Database
from app.db.secrets import shared_secret
from app.db.secrets.signed_cursor import SignedCursors
from app.web import request_body
from app.web.graph_api.public_origin import Origins
from app.web.request_body import RequestBodies


class GraphContext:
    """One process's share of it; what signs the links is the same in all processes of a database."""

    def __init__(self, origins: Origins | None = None, batches: RequestBodies | None = None) -> None:
        self.origins = origins or Origins()
        self.batches = batches or request_body.graph_batches()
        self._skiptokens: SignedCursors | None = None

    async def skiptokens(self, database: Database) -> SignedCursors:
        if self._skiptokens is None:
            async with database.begin() as db:
                self._skiptokens = SignedCursors(await shared_secret.get_or_create_within(db, "graph_skiptokens"))
        return self._skiptokens
