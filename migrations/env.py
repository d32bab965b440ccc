"""What alembic runs: always on a connection that app.schema gives it."""

from alembic import context

from app.access import tables as _access  # noqa: F401
from app.alerts import tables as _alerts_tables  # noqa: F401
from app.archive.detail import changes as _detail_changes  # noqa: F401
from app.archive.erasure import digests as _erasures  # noqa: F401
from app.archive.erasure.requests import table as _erasure_requests  # noqa: F401
from app.archive.schema import call_log_tables as _call_logs  # noqa: F401
from app.archive.schema import count_tables as _counts  # noqa: F401
from app.archive.schema import daily_tables as _tallies  # noqa: F401
from app.archive.schema import department_tables as _departments  # noqa: F401
from app.archive.schema import directory_table as _directory  # noqa: F401
from app.archive.schema import outcome_tables as _outcomes  # noqa: F401
from app.archive.schema import tables as _archive  # noqa: F401 -- their tables are in the metadata once imported
from app.archive.upgrade import reclassifications as _reclassifications  # noqa: F401
from app.db import UtcDateTime, metadata
from app.db.lease import leases as _leases  # noqa: F401
from app.db.outage import write_probe as _probe  # noqa: F401
from app.db.secrets import shared_secret as _secret  # noqa: F401
from app.export import known_folders as _exports  # noqa: F401
from app.fetch.reconciliation import progress as _sweeps  # noqa: F401
from app.inbox import deferred as _deferred  # noqa: F401
from app.inbox import model as _inbox  # noqa: F401
from app.inbox import tenant_state as _tenants  # noqa: F401
from app.outbox import tables as _outbound_tables  # noqa: F401
from app.subscriptions import model as _subscriptions  # noqa: F401


def _render(kind, item, autogen_context):
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen_context.imports.add("from app.db import UtcDateTime")
        return "UtcDateTime()"
    return False


def _is_of_this_database(found, _name, _kind, _reflected, _compared):
    only_on = found.info.get("only_on")
    return only_on in (None, context.config.attributes["connection"].dialect.name)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=_render,
    include_object=_is_of_this_database,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
