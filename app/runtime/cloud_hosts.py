"""The URLs of the login, of Graph and of admin consent, from the cloud or the settings."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from app.graph.clouds import CLOUDS
from app.ids import TenantId
from app.settings.environment import Settings


@dataclass(frozen=True, slots=True)
class CloudHosts:
    """Root URLs without a trailing slash."""

    login: str
    graph: str
    client_id: str

    @classmethod
    def of(cls, settings: Settings) -> "CloudHosts":
        cloud = CLOUDS[settings.graph_cloud]
        login = settings.azure_authority_host or cloud.login
        return cls(login, settings.graph_base_url or cloud.graph, settings.azure_client_id)

    @property
    def are_microsofts(self) -> bool:
        """Whether Graph is Microsoft's, which must reach PUBLIC_URL from the internet."""
        return urlsplit(self.graph).hostname in {urlsplit(cloud.graph).hostname for cloud in CLOUDS.values()}

    def consent_url(self, tenant_id: TenantId) -> str:
        """The page on which an administrator of the tenant consents to the permissions of the app registration."""
        return f"{self.login}/{tenant_id}/adminconsent?client_id={self.client_id}"
