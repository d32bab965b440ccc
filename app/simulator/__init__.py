"""A simulated Microsoft Graph for the demo and the tests. It speaks only HTTP and JSON and imports nothing from the
rest of the application: a simulator that shared the parser would share its mistakes.

server     one HTTPS port with login, Graph and control on it
world      the state behind the port, and the methods that change it
middleware faults, throttling, authorization and the request log, around every route
records    a_call_record: invented call records of every shape that Graph is known to return
calls      the named kinds of calls
login/     tenants, apps, secrets and certificates; tokens and managed identity
graph/     subscriptions and call records as Graph serves them, with its limits
notifications/
           change notifications and lifecycle events as Graph sends them
control/   faults on request, the request log, and the routes that control the world
samples/   the people, devices and networks of the invented calls
"""
