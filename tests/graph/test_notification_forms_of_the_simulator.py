"""Every form in which the simulated Graph writes a notification is read to the same call."""

from itertools import product
from random import Random

import pytest

from app.graph.notifications.resource_forms import call_id
from app.simulator.notifications.forms import CHOICES, Form, resource_members

CALL = "e523d2ed-2966-4b6b-925b-754a88034cc5"
FORMS = [Form(*chosen) for chosen in product(*CHOICES.values())]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "+".join(getattr(form, name) for name in CHOICES))
def test_a_form_names_the_call(form):
    members = resource_members(form, CALL, Random(1))
    found, reason = call_id(members["resource"], members.get("resourceData"))
    if form.resource == "collection" and form.data != "full":
        assert (found, reason) == (None, "call_id")  # such a notification says nothing
    else:
        assert (found, reason) == (CALL, None)
