"""Why Entra ID did not let a person sign in, and who does what about it; pure.

Of Entra's own text nothing is repeated: it may name the person, and in an address anybody can have written it.
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import re

from app.graph.auth.login_errors import REMEDIES

_CODE = re.compile(r"AADSTS\d{4,8}(?!\d)")
_CONSENT = (
    "nobody has agreed that Callkeeper may know who signs in. An administrator opens the application in the Entra "
    "admin center and grants admin consent under Permissions"
)
_ASSIGN = (
    "you are not assigned to Callkeeper. An administrator assigns you a role in the Entra admin center under "
    "Enterprise applications, Users and groups"
)
_ACCOUNT = "that account is not one of this organisation's. Sign in with another one"
_TOO_LATE = "it took too long, or the page was loaded twice. Sign in again"
_PEOPLE = {
    "AADSTS50105": _ASSIGN,
    "AADSTS50177": _ASSIGN,
    "AADSTS65001": _CONSENT,
    "AADSTS65004": "you did not agree that Callkeeper may know who signs in. Sign in again, and accept",
    "AADSTS90094": _CONSENT,
    "AADSTS90008": _CONSENT,
    "AADSTS50020": _ACCOUNT,
    "AADSTS50034": _ACCOUNT,
    "AADSTS51004": _ACCOUNT,
    "AADSTS700016": "the application is not in your organisation's directory. An administrator checks AZURE_CLIENT_ID "
    "and, for several tenants, grants consent in each",
    "AADSTS50011": "this address is not registered. An administrator adds it to the application's redirect URIs, "
    "platform Web",
    "AADSTS500112": "this address is not registered. An administrator adds it to the application's redirect URIs, "
    "platform Web",
    "AADSTS9002325": "the redirect URI is registered for another platform. An administrator registers it as Web",
    "AADSTS53000": "your organisation wants a device that it manages for this. Sign in from one",
    "AADSTS53003": "a conditional access policy of your organisation does not allow it. Its administrator can tell why",
    "AADSTS50076": "your organisation wants a second factor. Sign in again, and give it",
    "AADSTS50079": "your organisation wants a second factor. Sign in again, and set it up",
    "AADSTS50057": "the account is disabled",
    "AADSTS54005": _TOO_LATE,
    "AADSTS70008": _TOO_LATE,
    "AADSTS70000": _TOO_LATE,
    "AADSTS501481": _TOO_LATE,
    "AADSTS9002313": _TOO_LATE,
}


def code_of(description: str) -> str | None:
    """The first number of Entra's in the text."""
    found = _CODE.search(description)
    return found[0] if found else None


def said(code: str | None, error: str = "") -> str:
    """One or two sentences for the person; ``error`` is the word that came instead of a number."""
    if code in _PEOPLE:
        return f"Entra ID did not let you in: {_PEOPLE[code]} ({code})."
    if code in REMEDIES:
        return f"Entra ID refuses Callkeeper itself. For its administrator: {REMEDIES[code]} ({code})."
    if code is not None:
        return f"Entra ID did not let you in ({code}). Its administrator finds this number among Entra's error codes."
    if error == "access_denied":
        return "Entra ID did not let you in, because it was not agreed to. Sign in again, and accept."
    return "Entra ID could not sign you in this time. Try again in a minute."
