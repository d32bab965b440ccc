"""SIP codes in the words of RFC 3261, and who gave the final answer."""

import pytest

from app.telephony.figures import sip_codes


@pytest.mark.parametrize(
    ("code", "sub_code", "name", "gave", "more"),
    [
        (0, 540000, "normal end", "microsoft", None),
        (403, 560403, "Forbidden", "sbc", "the SBC answered 403 Forbidden"),
        (484, 560484, "Address Incomplete", "sbc", "the SBC answered 484 Address Incomplete"),
        (503, 560500, "Service Unavailable", "sbc", "the SBC answered 500 Server Internal Error"),
        (404, 511404, "Not Found", "microsoft", "the number is not assigned"),
        (404, 10202, "Not Found", "microsoft", "the call to be replaced was not found"),
        (404, 5604041, "Not Found", "microsoft", None),  # longer than six digits
        (487, 0, "Request Terminated", "microsoft", None),
        (486, None, "Busy Here", "unknown", None),
        (None, None, "no code", "unknown", None),
        (599, 1, "server failed", "microsoft", None),
        (9999, 1, "unknown code", "microsoft", None),
    ],
)
def test_a_code_has_its_name_and_who_gave_it(code, sub_code, name, gave, more):
    found = sip_codes.name(code), sip_codes.gave_answer(sub_code), sip_codes.sub_code_meaning(code, sub_code)
    assert found == (name, gave, more)
