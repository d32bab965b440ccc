"""Microsoft Graph as it is: requests, answers, pages, errors, login. It imports nothing of ours."""
