"""The forms of a change notification's resource that were observed in production.

A form is given by words joined with +, at most one of each line of CHOICES: `key+encoded+upper+missing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

CHOICES: Mapping[str, tuple[str, ...]] = {
    "resource": ("path", "key", "collection"),  # callRecords/id, callRecords('id'), callRecords alone
    "quotes": ("plain", "encoded"),  # of the key form
    "letters": ("graph", "lower", "upper"),
    "start": ("bare", "slash"),
    "guid": ("lower_guid", "upper_guid", "braces"),
    "data": ("full", "missing", "null", "only_odata_id", "only_odataid"),  # resourceData
}
DOCUMENTED = {"resource": ("path",), "letters": ("graph", "lower"), "guid": ("lower_guid",), "data": ("full",)}
TYPES = ("#Microsoft.Graph.callRecord", "#microsoft.graph.callrecord", "#microsoft.graph.callRecords.callRecord")


@dataclass(frozen=True, slots=True)
class Form:
    resource: str
    quotes: str
    letters: str
    start: str
    guid: str
    data: str


def read_forms(text: str) -> dict[str, tuple[str, ...]]:
    """The possible words for each part of a form; ValueError for an unknown word."""
    if text == "mixed":
        return dict(CHOICES)
    forms = {**CHOICES, **DOCUMENTED}
    if text == "documented":
        return forms
    parts = {word: part for part, words in CHOICES.items() for word in words}
    for word in text.split("+"):
        if word not in parts:
            raise ValueError(f"notification_forms is documented, mixed, or some of {', '.join(parts)}")
        forms[parts[word]] = (word,)
    return forms


def choose(text: str, rng: Random) -> Form:
    form = {part: rng.choice(words) for part, words in read_forms(text).items()}
    if form["resource"] == "collection":
        form["data"] = "full"  # otherwise the notification would contain no id
    return Form(**form)


def resource_members(form: Form, call_id: str, rng: Random) -> dict[str, Any]:
    """`resource` and `resourceData` in this form."""
    written = write_guid(form, call_id)
    resource = write_resource(form, written)
    members: dict[str, Any] = {"resource": resource}
    kind = {"@odata.type": rng.choice(TYPES)}
    match form.data:
        case "null":
            members["resourceData"] = None
        case "only_odata_id":
            members["resourceData"] = {**kind, "@odata.id": resource}
        case "only_odataid":
            members["resourceData"] = {"oDataType": kind["@odata.type"], "oDataId": resource}
        case "full":
            members["resourceData"] = {**kind, "@odata.id": resource, "id": written}
    return members


def write_guid(form: Form, call_id: str) -> str:
    if form.guid == "braces":
        return f"{{{call_id}}}"
    return call_id.upper() if form.guid == "upper_guid" else call_id


def write_resource(form: Form, written_id: str) -> str:
    root = "communications/callRecords"
    if form.letters != "graph":
        root = "communications/callrecords" if form.letters == "lower" else root.upper()
    root = f"/{root}" if form.start == "slash" else root
    match form.resource:
        case "path":
            return f"{root}/{written_id}"
        case "key":
            quote = "%27" if form.quotes == "encoded" else "'"
            return f"{root}({quote}{written_id}{quote})"
    return root
