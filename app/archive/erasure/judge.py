"""Who of a call is erased, by the pseudonyms of that call. Without I/O."""

from dataclasses import dataclass

from app.archive.erasure.digests import Erased
from app.ids import CallId, TenantId


@dataclass(frozen=True, slots=True)
class Judge:
    """Answers with the pseudonym of an erased person, and None for anybody else."""

    erased: Erased
    tenant_id: TenantId
    call_id: CallId

    @property
    def knows_names(self) -> bool:
        return bool(self.erased.names_without_id)

    def identity(self, an_id: str | None, principal_name: str | None) -> str | None:
        """Whose identity that is."""
        return self._pseudonym(self.erased.person(an_id, principal_name))

    def mention(self, text: str) -> str | None:
        """Whose id, address or number a text mentions."""
        return self._pseudonym(self.erased.mentioned(text))

    def name(self, name: str) -> str | None:
        """Who was called so where an erased person was seen."""
        return self._pseudonym(self.erased.named(name))

    def _pseudonym(self, person: str | None) -> str | None:
        return self.erased.pseudonym(person, self.tenant_id, self.call_id) if person else None
