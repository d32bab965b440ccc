"""The body that Prometheus Alertmanager posts to its webhook receivers, version 4. Pure.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from hashlib import sha256

import orjson

from app.outbound.formats import words
from app.outbound.formats.message import Message, written

_NOT_ENDED = "0001-01-01T00:00:00Z"
_RESOLVED = "alert.resolved"


def body(message: Message) -> bytes:
    """Every event is one alert; only alert.resolved ends one, that of the same fingerprint."""
    status = "resolved" if message.kind == _RESOLVED else "firing"
    labels = _labels(message)
    annotations = {"summary": words.title(message), **dict(words.facts(message))}
    fingerprint = _fingerprint(message, labels)
    alert = {
        "status": status,
        "labels": labels,
        "annotations": annotations,
        "startsAt": _starts_at(message),
        "endsAt": written(message.created_at) if status == "resolved" else _NOT_ENDED,
        "generatorURL": message.href,
        "fingerprint": fingerprint,
    }
    root = message.href.partition("/alerts?")[0] if message.kind.startswith("alert.") else message.href
    return orjson.dumps(
        {
            "version": "4",
            "groupKey": f'{{}}:{{alertname="{labels["alertname"]}", fingerprint="{fingerprint}"}}',
            "truncatedAlerts": 0,
            "status": status,
            "receiver": "callkeeper",
            "groupLabels": {"alertname": labels["alertname"]},
            "commonLabels": labels,
            "commonAnnotations": annotations,
            "externalURL": root,
            "alerts": [alert],
        }
    )


def _labels(message: Message) -> dict[str, str]:
    """What identifies the alert: equal when it fires and when it is over."""
    data = message.data
    ids = {name: str(data[name]) for name in ("tenant_id", "call_id", "subscription_id", "rule") if data.get(name)}
    dimensions = {name: str(value) for name, value in (data.get("dimensions") or {}).items()}
    name = data.get("rule") or message.kind.replace(".", "_")
    return {"alertname": str(name), "severity": words.severity(message), "source": "callkeeper", **ids, **dimensions}


def _fingerprint(message: Message, labels: dict[str, str]) -> str:
    if found := message.data.get("fingerprint"):
        return str(found)
    stable = {name: value for name, value in labels.items() if name != "severity"}
    return sha256(orjson.dumps(stable, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _starts_at(message: Message) -> str:
    return str(message.data.get("since") or written(message.created_at))
