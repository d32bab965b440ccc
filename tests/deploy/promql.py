"""What an expression of Prometheus speaks of, and what the service exports: names of series, and their labels."""

import promql_parser
from prometheus_client.parser import text_string_to_metric_families

# What Grafana puts in the place of its variables.
_FILLED = {"$__rate_interval": "5m", "$tenant": ".*"}
_SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
# Given by Prometheus itself: by what asks, or by alerting.
OF_PROMETHEUS = {"up": {"job", "instance"}, "ALERTS": {"alertname", "alertstate", "severity"}}


def spoken_of(expression):
    """(series, label) for each label that is asked for or told apart, (series, None) for the series itself.

    Raises ValueError for what Prometheus would not take.
    """
    for variable, value in _FILLED.items():
        expression = expression.replace(variable, value)
    if "$" in expression:
        raise ValueError(f"a variable that nobody fills: {expression}")
    series, labels = set(), set()

    def visit(node):
        if isinstance(node, promql_parser.VectorSelector):
            series.add((node.name, None))
            series.update((node.name, matcher.name) for matcher in node.matchers.matchers)
        modifier = getattr(node, "modifier", None)
        labels.update(getattr(modifier, "labels", []))

    promql_parser.walk(promql_parser.parse(expression), visit)
    names = {name for name, _ in series}
    return series | {(name, label) for name in names for label in labels}


def exported(text):
    """Every series in the text of /metrics, with the labels seen; None where there is no sample to see them on."""
    found = dict(OF_PROMETHEUS)
    for family in text_string_to_metric_families(text):
        for suffix in _SUFFIXES.get(family.type, [""]):
            samples = [sample for sample in family.samples if sample.name == family.name + suffix]
            labels = {label for sample in samples for label in sample.labels}
            found[family.name + suffix] = labels | {"job", "instance"} if samples else None
    return found


def unknown(expression, known):
    """What the expression speaks of that is not exported."""
    return sorted(
        name if label is None else f"{name}{{{label}}}"
        for name, label in spoken_of(expression)
        if name not in known or (label is not None and known[name] is not None and label not in known[name])
    )
