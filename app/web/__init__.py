"""The web application.

webhook    Graph's two routes: read the body, authenticate each item, enqueue, answer 202
auth       access control: API keys, Entra ID tokens, sign-in sessions
api        /api
graph_api  /v1.0 in Microsoft Graph's own shape
pages      HTML pages
"""
