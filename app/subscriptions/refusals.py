"""What an administrator can do when Graph refuses a subscription; pure."""

from http import HTTPStatus

from app.graph.errors import GraphError, LoginFailed, Refused, Unavailable

_FIREWALL = "a firewall or WAF rule"
_ADDRESS = "an IP address restriction"
_SIGN_IN = "authentication in front of the service"
_REDIRECT = "a redirect to https, to another host or to a login page"
_COLD_START = "a cold start or a slow answer of over 10 seconds"
_PATH = "a path prefix that the proxy adds or removes"
_CERTIFICATE = "a certificate that is expired, incomplete or for another name"
_CAUSES = (_FIREWALL, _ADDRESS, _SIGN_IN, _REDIRECT, _COLD_START)
# Graph names the HTTP status of the answer in words, for example 'Forbidden'. The first word that fits decides which
# causes come first; the others stay on the list, because one proxy answers 403 for what another answers with a page.
_CAUSES_BY_WORD: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("timed out", (_FIREWALL, _COLD_START)),
    ("timeout", (_COLD_START, _FIREWALL)),
    ("forbidden", (_FIREWALL, _ADDRESS, _SIGN_IN)),
    ("unauthorized", (_SIGN_IN,)),
    ("proxyauthentication", (_SIGN_IN,)),
    ("redirect", (_REDIRECT,)),
    ("moved", (_REDIRECT,)),
    ("'found'", (_REDIRECT,)),
    ("notfound", (_PATH,)),
    ("methodnotallowed", (_PATH,)),
    ("content type", (_SIGN_IN, _REDIRECT)),
    ("serviceunavailable", (_COLD_START,)),
    ("badgateway", (_COLD_START,)),
    ("ssl", (_CERTIFICATE,)),
    ("certificate", (_CERTIFICATE,)),
)


def explain(error: GraphError, notification_url: str, consent_url: str) -> str:
    """What went wrong and what to do, in one line."""
    said = str(error).rstrip(".")
    text = said.lower()
    match error:
        # Graph also answers 400 with "[Status Code: Forbidden; Reason: The request is not authorized …]".
        case Refused() if error.status == HTTPStatus.FORBIDDEN or "not authorized" in text:
            return _forbidden(said, text, consent_url)
        case Refused(status=400) if "validation" in text or "endpoint" in text:
            return _handshake(said, text, notification_url)
        case LoginFailed():
            return f"{said}. Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the credential"
        case Unavailable():
            return f"{said}. Callkeeper retries automatically"
        case _:
            return said


def _handshake(said: str, text: str, notification_url: str) -> str:
    """Graph called both routes before it answered us, and something in front of the service blocked it."""
    likely = next((causes for word, causes in _CAUSES_BY_WORD if word in text), _CAUSES)
    others = [cause for cause in _CAUSES if cause not in likely]
    return (
        f"{said}. These are Microsoft Graph's own words: it must reach {notification_url} from the internet and get the"
        f" answer within 10 seconds. Likely causes: {', '.join([*likely, *others])}. Check PUBLIC_URL, its DNS name and"
        " certificate, and that `callkeeper serve` runs behind it; check PUBLIC_URL from outside your network. Allow"
        " POST with Content-Type text/plain to /graph/notifications and /graph/lifecycle, without sign-in."
        " `callkeeper doctor` asks from inside: when it succeeds, that does not prove that Microsoft can reach the"
        " address. Callkeeper retries automatically, and sweeps continue to collect calls"
    )


def _forbidden(said: str, text: str, consent_url: str) -> str:
    if any(word in text for word in ("quota", "limit", "exceed", "maximum")):
        return (
            f"{said}. An organisation may have 100 subscriptions to call records: delete one that is not needed"
            " (`callkeeper subscriptions list`)"
        )
    return (
        f"{said}. The app needs the application permission CallRecords.Read.All with admin consent; an"
        f" administrator grants it at {consent_url}"
    )
