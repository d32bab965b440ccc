"""A Microsoft Graph of our own, for the demo and the tests; it speaks only HTTP and JSON and imports nothing
of the rest: one that shared our parsing would share our mistakes.

server     one HTTPS port with login, Graph and control on it
world      the state behind the port, and what can be made to happen in it
records    a_call_record: invented calls of every shape Graph is known to give
login/     tenants, apps, secrets and certificates; tokens and managed identity
graph/     subscriptions and call records as Graph serves them, with its limits
notices/   change notifications and lifecycle events as Graph sends them
control/   faults on request, the log of what was asked, and the routes that drive the world
fiction/   the people, devices and networks of the invented calls
"""
