"""A real login over TLS, with the two routes of Microsoft's that msal uses."""

import ssl
from urllib.parse import parse_qs

from tests.graph.graph_server import GraphServer, Reply

TENANT = "11111111-2222-3333-4444-555555555555"
APPLICATION = "99999999-8888-7777-6666-555555555555"
DISCOVERY = f"/{TENANT}/v2.0/.well-known/openid-configuration"
TOKEN = f"/{TENANT}/oauth2/v2.0/token"


def a_token(value="token-1", lifetime=3600):
    return Reply({"token_type": "Bearer", "access_token": value, "expires_in": lifetime})


def rejected(code="AADSTS7000215", description="Invalid client secret provided", status=401):
    reported = f"{code}: {description}. Trace ID: 1 Correlation ID: 2"
    return Reply({"error": "invalid_client", "error_description": reported}, status)


class LoginServer(GraphServer):
    def __init__(self, authority):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        super().__init__(context)

    async def __aenter__(self):
        await super().__aenter__()
        self.on(
            DISCOVERY,
            {
                "issuer": f"{self.root}/{TENANT}/v2.0",
                "authorization_endpoint": f"{self.root}/{TENANT}/oauth2/v2.0/authorize",
                "token_endpoint": self.root + TOKEN,
            },
        )
        self.on(TOKEN, a_token())
        return self

    @property
    def forms(self):
        """What was sent to have a token, each time."""
        return [
            {key: values[0] for key, values in parse_qs(asked.body.decode()).items()}
            for asked in self.asked
            if asked.target == TOKEN
        ]
