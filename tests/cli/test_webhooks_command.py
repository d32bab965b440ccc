"""`webhooks` and `alerts`: what an administrator types, and what is printed."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from standardwebhooks.webhooks import Webhook


@contextmanager
def receiver(status):
    """A server in a thread, because a command has an event loop of its own; yields its URL and what it received."""
    received = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/calls", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_webhook_is_added_tested_listed_and_removed(callkeeper, environment):
    environment(WEBHOOK_ALLOW="127.0.0.1")
    with receiver(204) as (url, received):
        added = callkeeper("webhooks", "add", url, "--events", "call.poor, call.archived")
        webhook_id, secret = added.out.split()
        assert "not shown again" in added.err
        assert callkeeper("webhooks", "test", webhook_id).out == "delivered\n"
    [(headers, body)] = received
    assert Webhook(secret).verify(body, headers)["type"] == "test.ping"
    [row] = json.loads(callkeeper("webhooks", "list", "--json").out)
    assert (row["id"], row["events"], row["pending"]) == (webhook_id, ["call.poor", "call.archived"], 0)
    [sent] = json.loads(callkeeper("webhooks", "deliveries", webhook_id, "--json").out)
    assert (sent["type"], sent["state"], sent["last_status"]) == ("test.ping", "delivered", 204)
    rotated = callkeeper("webhooks", "rotate", webhook_id).out.strip()
    assert rotated.startswith("whsec_")
    assert rotated != secret
    assert callkeeper("webhooks", "replay", webhook_id, "--since", "1h").out == "1 deliveries are due again\n"
    assert callkeeper("webhooks", "enable", webhook_id).status == 0
    assert callkeeper("webhooks", "remove", webhook_id).status == 0
    assert "There are no webhooks yet" in callkeeper("webhooks", "list").out


def test_what_is_wrong_with_a_webhook_is_one_line(callkeeper, environment):
    refused = callkeeper("webhooks", "add", "https://127.0.0.1/", "--events", "call.poor")
    assert (refused.status, len(refused.err.splitlines())) == (1, 1)
    assert "WEBHOOK_ALLOW" in refused.err
    environment(WEBHOOK_ALLOW="127.0.0.1")
    with receiver(500) as (url, _):
        webhook_id = callkeeper("webhooks", "add", url, "--events", "call.poor").out.split()[0]
        assert callkeeper("webhooks", "test", webhook_id).err == "callkeeper: not delivered: HTTP 500\n"
    assert "there is no webhook wh_0" in callkeeper("webhooks", "remove", "wh_0").err


def test_rules_are_checked_listed_and_replayed(callkeeper, environment, tmp_path):
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text("defaults = true\n")
    bad.write_text("defaults = true\n\n[[rule]]\nid = 'a'\nkind = 'loud'\n")
    assert callkeeper("alerts", "check", str(good)).status == 0
    refused = callkeeper("alerts", "check", str(bad))
    assert (refused.status, refused.out.split(": write")[0]) == (1, "line 5: kind")
    assert "There are no rules" in callkeeper("alerts", "rules").out
    environment(ALERT_RULES=str(good))
    assert "site_audio" in {row["id"] for row in json.loads(callkeeper("alerts", "rules", "--json").out)}
    assert json.loads(callkeeper("alerts", "replay", "--from", "7d", "--to", "1d", "--json").out) == []
    assert json.loads(callkeeper("alerts", "list", "--json").out) == []
    environment(ALERT_RULES=str(bad))
    assert callkeeper("alerts", "rules").err.startswith("callkeeper: ALERT_RULES: line 5: kind")
