"""Microsoft Graph: requests, answers, pages, errors, login. Nothing here depends on Callkeeper's own concepts."""
