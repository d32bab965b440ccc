"""The final SIP code of a call in words, and who gave the final answer. Pure.

Names: RFC 3261 section 21 and the RFCs that add codes (3326, 4412, 4474, 6228, 6442, 8197).
Microsoft's sub code: https://learn.microsoft.com/microsoftteams/troubleshoot/phone-system/direct-routing/microsoft-sip-response-codes
"""

from typing import Literal

GaveAnswer = Literal["sbc", "microsoft", "unknown"]

_SBC = 560  # thousands of a sub code with which the SBC gave the final answer

NAMES = {
    200: "OK",
    202: "Accepted",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    417: "Unknown Resource-Priority",
    420: "Bad Extension",
    421: "Extension Required",
    423: "Interval Too Brief",
    424: "Bad Location Information",
    428: "Use Identity Header",
    433: "Anonymity Disallowed",
    436: "Bad Identity Info",
    437: "Unsupported Credential",
    438: "Invalid Identity Header",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    493: "Undecipherable",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    580: "Precondition Failure",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
    607: "Unwanted",
    608: "Rejected",
}
_CLASSES = {
    1: "provisional answer",
    2: "success",
    3: "redirected",
    4: "request failed",
    5: "server failed",
    6: "failed everywhere",
}
_KNOWN_SUB_CODES = {
    (404, 511404): "the number is not assigned",
    (404, 10202): "the call to be replaced was not found",
}


def name(code: int | None) -> str:
    """The RFC's name; the class of an unknown code."""
    if code is None:
        return "no code"
    if code == 0:
        return "normal end"
    return NAMES.get(code) or _CLASSES.get(code // 100, "unknown code")


def gave_answer(sub_code: int | None) -> GaveAnswer:
    """560xxx: the SBC gave the final answer, with the SIP code xxx; all other sub codes are Microsoft's."""
    if sub_code is None:
        return "unknown"
    return "sbc" if sub_code // 1000 == _SBC else "microsoft"


def sub_code_meaning(code: int | None, sub_code: int | None) -> str | None:
    """What Microsoft's sub code adds to the SIP code; None where nothing is documented."""
    if code is None or sub_code is None:
        return None
    if gave_answer(sub_code) == "sbc":
        return f"the SBC answered {sub_code % 1000} {name(sub_code % 1000)}"
    return _KNOWN_SUB_CODES.get((code, sub_code))
