"""The image's health check: /healthz answers on the port of `serve`, or on that of `worker` and `subscriptions`."""

# ruff: noqa: INP001 -- a script, not a module

import http.client
import sys

PORTS = (8000, 9464)
PATIENCE = 2  # seconds


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not any(answers(port) for port in PORTS))
