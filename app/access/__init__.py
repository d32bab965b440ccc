"""Who may read the archive and who did: API keys, Entra ID tokens, the audit."""
