"""The small ports of `worker` and `subscriptions ensure --every`: what a person can do wrong with them."""

import socket

import pytest


@pytest.mark.parametrize("command", ["worker", "subscriptions ensure --every 6h"])
def test_a_port_that_is_taken_is_one_clear_line(callkeeper, command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = callkeeper(*command.split(), "--port", str(port))
    assert (ended.status, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert f"cannot listen on 127.0.0.1 port {port}" in ended.err
    assert "--port" in ended.err


def test_a_port_for_a_command_that_ends_at_once_is_refused(callkeeper):
    ended = callkeeper("subscriptions", "ensure", "--port", "9464")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "add --every" in ended.err
