"""Where the login, Graph and the administrator's consent are, by cloud or by setting."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from app.graph.clouds import CLOUDS
from app.settings.environment import Settings


@dataclass(frozen=True, slots=True)
class Places:
    """Roots without a slash at their end."""

    login: str
    graph: str
    client_id: str

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        cloud = CLOUDS[settings.graph_cloud]
        login = settings.azure_authority_host or cloud.login
        return cls(login, settings.graph_base_url or cloud.graph, settings.azure_client_id)

    @property
    def are_microsofts(self) -> bool:
        """Whether it is Microsoft's Graph that must reach us, from the internet."""
        return urlsplit(self.graph).hostname in {urlsplit(cloud.graph).hostname for cloud in CLOUDS.values()}

    def consent_url(self, tenant_id: str) -> str:
        """Where an administrator of the tenant grants what the app registration asks for."""
        return f"{self.login}/{tenant_id}/adminconsent?client_id={self.client_id}"
