"""The addresses of Graph and its login host in each of Microsoft's clouds.

https://learn.microsoft.com/graph/deployments
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cloud:
    """`graph` and `login` are roots: https, no version, no slash at the end."""

    name: str
    graph: str
    login: str
    has_call_records: bool = True


CLOUDS: dict[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud("global", "https://graph.microsoft.com", "https://login.microsoftonline.com"),
        Cloud("usgov", "https://graph.microsoft.us", "https://login.microsoftonline.us"),
        Cloud("usgovdod", "https://dod-graph.microsoft.us", "https://login.microsoftonline.us"),
        Cloud(
            "china",
            "https://microsoftgraph.chinacloudapi.cn",
            "https://login.chinacloudapi.cn",
            has_call_records=False,
        ),
    )
}

# Microsoft's own login hosts, as in msal's list of trusted hosts.
_LOGIN_HOSTS = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoft.com",
        "login.windows.net",
        "sts.windows.net",
        "login-us.microsoftonline.com",
        "login.microsoftonline.us",
        "login.usgovcloudapi.net",
        "login.chinacloudapi.cn",
        "login.partner.microsoftonline.cn",
    }
)


def is_microsoft_login(host: str) -> bool:
    """Whether a host name (no scheme, no port) is one of Microsoft's own login hosts."""
    return host.lower() in _LOGIN_HOSTS
