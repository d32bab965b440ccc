"""Small servers on loopback that answer as a wrong PUBLIC_URL does."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import trustme


class Site:
    """Answers each request with what ``answer(target)`` returns: (status, headers, body)."""

    def __init__(self, answer):
        self._answer = answer
        self.asked = []

    async def serve(self, reader, writer):
        try:
            head = await reader.readexactly(1)
            if head == b"\x16":  # a TLS hello: what a web server says to that is plain text
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            head += await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            self.asked.append(head.decode())
            status, headers, body = self._answer(target)
            lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(serve, *, tls=None):
    """The port of a server that treats each connection so."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def site(answer, *, tls=None):
    """The URL of a site."""
    async with listening(Site(answer).serve, tls=tls) as port:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"


def presenting(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def ca_in(folder):
    """An authority of the test's own, and the file that makes it trusted."""
    ca, file = trustme.CA(), folder / "own-ca.pem"
    ca.cert_pem.write_to_path(str(file))
    return ca, file


def expired_from(ca, name):
    return ca.issue_cert(name, not_before=_ago(days=30), not_after=_ago(days=1))


def _ago(**length):
    return datetime.now(UTC) - timedelta(**length)
