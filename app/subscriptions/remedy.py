"""What a person can do about a subscription that Graph refuses: pure texts, tested as a table."""

from http import HTTPStatus

from app.graph.errors import GraphError, LoginFailed, Refused, Unavailable


def explain(error: GraphError, notification_url: str, consent_url: str) -> str:
    """What went wrong and what to do, in one line."""
    said = str(error).rstrip(".")
    text = said.lower()
    match error:
        # Graph also answers 400 with "[Status Code: Forbidden; Reason: The request is not authorized …]".
        case Refused() if error.status == HTTPStatus.FORBIDDEN or "not authorized" in text:
            return _forbidden(said, text, consent_url)
        case Refused(status=400) if "validation" in text or "endpoint" in text:
            return (
                f"{said}. Graph must reach {notification_url} from the internet and get our answer within 10 seconds:"
                " check PUBLIC_URL, its DNS name and certificate, and that `callkeeper serve` runs behind it"
            )
        case LoginFailed():
            return f"{said}. Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the credential"
        case Unavailable():
            return f"{said}. It is tried again by itself"
        case _:
            return said


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
