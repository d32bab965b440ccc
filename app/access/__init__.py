"""Who may read the archive, and who did: keys, Entra ID tokens, the audit."""
