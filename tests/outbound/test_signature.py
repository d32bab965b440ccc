"""Signatures as Standard Webhooks specifies them; its package verifies them."""

import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.outbound.sending import signature

BODY = b'{"test": 2432232314}'


def test_the_signature_of_the_specification_is_made():
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = signature.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY, [key])
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_package_accepts_a_signature_with_either_secret_and_no_other():
    old, new, other = (signature.new_secret() for _ in range(3))
    made = signature.headers("msg_1", int(time.time()), BODY, [new, old])
    assert Webhook(old).verify(BODY, made) == Webhook(new).verify(BODY, made)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, made)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(BODY + b" ", made)


def test_every_secret_is_new_and_as_long_as_the_specification_asks():
    made = {signature.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(Webhook(one)._whsecret) for one in made} == {32}
