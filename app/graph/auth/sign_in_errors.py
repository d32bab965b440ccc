"""Why Entra ID refused a user's sign-in, and what the user or an administrator can do about it; pure.

Entra's own text is not repeated: it may contain the user's name, and anybody can write the text in a URL.
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import re

from app.graph.auth.login_errors import REMEDIES

_CODE = re.compile(r"AADSTS\d{4,8}(?!\d)")
_CONSENT = (
    "admin consent is missing. An administrator opens the application in the Entra admin center and grants admin "
    "consent under Permissions"
)
_ASSIGN = (
    "you are not assigned to Callkeeper. An administrator assigns you a role in the Entra admin center under "
    "Enterprise applications, Users and groups"
)
_ACCOUNT = "the account does not belong to this organisation. Sign in with another account"
_TOO_LATE = "the sign-in took too long, or the page was loaded twice. Sign in again"
_PEOPLE = {
    "AADSTS50105": _ASSIGN,
    "AADSTS50177": _ASSIGN,
    "AADSTS65001": _CONSENT,
    "AADSTS65004": "you did not accept the requested permissions. Sign in again and accept them",
    "AADSTS90094": _CONSENT,
    "AADSTS90008": _CONSENT,
    "AADSTS50020": _ACCOUNT,
    "AADSTS50034": _ACCOUNT,
    "AADSTS51004": _ACCOUNT,
    "AADSTS700016": "the application is not in your organisation's directory. An administrator checks AZURE_CLIENT_ID "
    "and, for several tenants, grants consent in each",
    "AADSTS50011": "this redirect URI is not registered. An administrator adds it to the application's redirect URIs, "
    "platform Web",
    "AADSTS500112": "this redirect URI is not registered. An administrator adds it to the application's redirect URIs, "
    "platform Web",
    "AADSTS9002325": "the redirect URI is registered for another platform. An administrator registers it as Web",
    "AADSTS53000": "your organisation requires a managed device. Sign in from one",
    "AADSTS53003": "a conditional access policy of your organisation blocks the sign-in. Ask your administrator",
    "AADSTS50076": "your organisation requires multifactor authentication. Sign in again and complete it",
    "AADSTS50079": "your organisation requires multifactor authentication. Sign in again and set it up",
    "AADSTS50057": "the account is disabled",
    "AADSTS54005": _TOO_LATE,
    "AADSTS70008": _TOO_LATE,
    "AADSTS70000": _TOO_LATE,
    "AADSTS501481": _TOO_LATE,
    "AADSTS9002313": _TOO_LATE,
}


def code_of(description: str) -> str | None:
    """The first AADSTS code in the text."""
    found = _CODE.search(description)
    return found[0] if found else None


def said(code: str | None, error: str = "") -> str:
    """One or two sentences for the user; ``error`` is the OAuth error, for answers without an AADSTS code."""
    if code in _PEOPLE:
        return f"Entra ID refused the sign-in: {_PEOPLE[code]} ({code})."
    if code in REMEDIES:
        return f"Entra ID refused the Callkeeper application. Administrator: {REMEDIES[code]} ({code})."
    if code is not None:
        return (
            f"Entra ID refused the sign-in ({code}). An administrator can look up this code in the Entra error codes."
        )
    if error == "access_denied":
        return "Entra ID refused the sign-in because the permissions were not accepted. Sign in again and accept them."
    return "Entra ID could not sign you in this time. Try again in a minute."
