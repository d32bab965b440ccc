"""Checks of PostgreSQL: why it refuses the connection, whether it is writable, its version. Pure."""

from asyncpg.exceptions import ClientConfigurationError

from app.doctor import connection_errors
from app.doctor.connection_errors import Cause
from app.doctor.database.network_of import Network
from app.doctor.finding import Check, failed, ok, warning

NAME, VERSION = "database", "database_version"
VERIFIED = "verify-full"
AUTHORITIES = "FILE holds the server's certificate authorities, often /etc/ssl/certs/ca-certificates.crt"
OLDEST = 12  # the first version with date_trunc(…, time zone), which statistics need

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_REFUSALS = {
    "28P01": ("refuses the password of {user}", "correct the password in DATABASE_URL or DATABASE_PASSWORD"),
    "28000": (
        "does not allow {user} to connect",
        "create the role, or allow it in pg_hba.conf; for a server that requires TLS, set sslmode=verify-full",
    ),
    "3D000": ("has no database {name}", "create it (`createdb {name}`), then run `callkeeper migrate`"),
    "53300": ("has no free connection", "raise max_connections, or run fewer processes"),
    "57P03": ("is starting up or shutting down", "wait a moment and try again"),
    "42501": ("does not allow {user} to read the tables", "grant the schema and its tables to {user}"),
}
_UNREACHED: dict[Cause, tuple[str, str]] = {
    "name": ("the name {host} does not resolve", "correct the host in DATABASE_URL"),
    "refused": ("no server listens at {host}:{port}", "start PostgreSQL, or correct host and port in DATABASE_URL"),
    "timeout": ("{host}:{port} does not answer", "allow the connection in the firewall, or correct DATABASE_URL"),
    "unreachable": ("there is no route to {host}", "check the network, and the host in DATABASE_URL"),
    "untrusted": ("its certificate is not trusted", "add &sslrootcert=FILE to DATABASE_URL"),
    "expired": ("its certificate has expired", "renew it, and check this machine's clock"),
    "wrong_name": ("its certificate is for another host name", "use that name in DATABASE_URL"),
    "tls": ("it does not support the required TLS", "correct sslmode in DATABASE_URL"),
}


def refused(error: BaseException, *, host: str, port: int, user: str, name: str) -> Check:
    """Why the connection failed."""
    words = {"host": host, "port": port, "user": user, "name": name}
    if any(isinstance(one, ClientConfigurationError) for one in connection_errors.chain(error)):
        missing = "PostgreSQL: the file of certificate authorities that sslmode needs is missing"
        return failed(NAME, missing, f"add &sslrootcert=FILE to DATABASE_URL: {AUTHORITIES}")
    code = next((found for one in connection_errors.chain(error) if (found := getattr(one, "sqlstate", None))), None)
    if refusal := _REFUSALS.get(str(code)):
        return failed(NAME, f"PostgreSQL at {host} {refusal[0].format(**words)}", refusal[1].format(**words))
    cause = _UNREACHED.get(connection_errors.cause(error)) if code is None else None
    if cause is not None:
        return failed(NAME, f"PostgreSQL: {cause[0].format(**words)}", cause[1].format(**words))
    kind = f"SQLSTATE {code}" if code else type(error).__name__
    return failed(NAME, f"PostgreSQL at {host} refuses the connection ({kind})", "read its log, and check DATABASE_URL")


def reached(*, host: str, name: str, read_only: bool, sslmode: str, network: Network) -> Check:
    """``sslmode`` is that of the connection; only verify-full proves which server answers."""
    server = f"PostgreSQL at {host}, database {name}"
    if read_only:
        found = f"{server}, is read-only (a standby, or default_transaction_read_only)"
        return failed(NAME, found, "use the primary server in DATABASE_URL, or make this one writable")
    if sslmode == VERIFIED or network is Network.THIS_MACHINE:
        return ok(NAME, server)
    unproved = f"sslmode={sslmode} does not prove that it is that server"
    if network is Network.CONTAINERS:
        return ok(NAME, f"{server}; {unproved}, so the containers' network must stay within one machine")
    remedy = f"write ?sslmode={VERIFIED}&sslrootcert=FILE in DATABASE_URL: {AUTHORITIES}"
    return warning(NAME, f"{server}, over a network: {unproved}", remedy)


def version(text: str) -> Check:
    number = text.split(maxsplit=1)[0]
    if int(number.split(".")[0]) < OLDEST:
        return failed(VERSION, f"PostgreSQL {number} is too old", f"use PostgreSQL {OLDEST} or newer")
    return ok(VERSION, f"PostgreSQL {number}")
