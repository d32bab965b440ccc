"""Every form in which the simulated Graph writes a notification is read to the same call."""

from itertools import product
from random import Random

import pytest

from app.graph.notifications.resource_forms import call_id
from app.simulator.notifications.forms import CHOICES, Form, resource_members

CALL = "e523d2ed-2966-4b6b-925b-754a88034cc5"
FORMS = [Form(*chosen) for chosen in product(*CHOICES.values())]


@pytest.mark.parametrize("written", CHOICES["resource"])
def test_a_form_names_the_call(written):
    forms = [form for form in FORMS if form.resource == written]
    assert forms
    for form in forms:
        members = resource_members(form, CALL, Random(1))
        found = call_id(members["resource"], members.get("resourceData"))
        says_nothing = form.resource == "collection" and form.data != "full"
        assert found == ((None, "call_id") if says_nothing else (CALL, None)), form
