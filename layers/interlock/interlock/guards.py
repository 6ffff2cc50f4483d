"""Alarms that guard a release: one per evidence rule, a default on errors, and the veto that stops a native
deployment."""

from __future__ import annotations

from interlock.metrics import METRICS, RATES, REQUESTS, in_unit, metric_stat
from interlock.names import alarm_name
from interlock.plan import Request, Step
from interlock.policy import EvidenceRule, Stage

DEFAULT_ERROR_LIMIT = 0.05
"""Share of server errors that ends a bake when the policy has no rule about them."""

VETO_NAMESPACE = "Interlock"
"""The one namespace the deliver role may write metrics to."""


def guards(release: str, stage: Stage, dimensions: dict[str, str]) -> tuple[Step, ...]:
    """PutMetricAlarm steps that watch the candidate, told apart from stable by ``dimensions``."""
    rules = stage.evidence
    if not any(rule.metric == "error_rate" for rule in rules):
        rules = (EvidenceRule(metric="error_rate", max=DEFAULT_ERROR_LIMIT), *rules)
    return tuple(_guard(release, rule, dimensions) for rule in rules)


def _guard(release: str, rule: EvidenceRule, dimensions: dict[str, str]) -> Step:
    """An alarm for ``rule``, coarse on purpose: it ends a bake early when things are plainly bad; evidence judges the
    rest.

    A rate counts only in minutes with three errors or more, so that one error among ten requests does not end a
    release, and must be too high in two of three minutes; a latency in three of three. No traffic is no breach
    (AWS's guardrail examples: TreatMissingData notBreaching).
    """
    metric = METRICS[rule.metric]
    common: Request = {
        "AlarmName": alarm_name(release, rule.metric.replace("_", "-")),
        "AlarmDescription": f"{metric.title} of the candidate above {in_unit(rule.metric, rule.max)}",
        "ActionsEnabled": False,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": rule.max,
        "TreatMissingData": "notBreaching",
        "EvaluationPeriods": 3,
    }
    if rule.metric in RATES:
        queries = [
            {"Id": "errors", "MetricStat": metric_stat(metric, dimensions, 60), "ReturnData": False},
            {"Id": "requests", "MetricStat": metric_stat(REQUESTS, dimensions, 60), "ReturnData": False},
            {
                "Id": "rate",
                "Expression": "IF(errors >= 3, errors / requests, 0)",
                "Label": metric.title,
                "ReturnData": True,
            },
        ]
        request = {**common, "DatapointsToAlarm": 2, "Metrics": queries}
    else:
        stat = metric_stat(metric, dimensions, 60)
        statistic = "Statistic" if metric.statistic == "Average" else "ExtendedStatistic"
        request = {**common, **stat["Metric"], "Period": 60, statistic: metric.statistic, "DatapointsToAlarm": 3}
    return Step(
        "PutMetricAlarm", f"Guard: {metric.title} above {in_unit(rule.metric, rule.max)} ends the bake", request
    )


def veto_alarm(release: str) -> Step:
    """The alarm by which Interlock stops a native deployment.

    No API cancels a running UpdateEndpoint; an alarm in AutoRollbackConfiguration does. SetAlarmState is undone
    "often within seconds" (botocore SetAlarmState), so the alarm watches a metric that only Interlock writes.
    """
    request: Request = {
        "AlarmName": alarm_name(release, "veto"),
        "AlarmDescription": "Interlock stops the deployment",
        "ActionsEnabled": False,
        "Namespace": VETO_NAMESPACE,
        "MetricName": "Veto",
        "Dimensions": [{"Name": "Release", "Value": release}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 0,
        "TreatMissingData": "ignore",
    }
    return Step("PutMetricAlarm", "Veto: lets Interlock stop the deployment", request)


def veto(release: str) -> Request:
    """PutMetricData that raises the veto alarm."""
    datum = {"MetricName": "Veto", "Dimensions": [{"Name": "Release", "Value": release}], "Value": 1.0, "Unit": "Count"}
    return {"Namespace": VETO_NAMESPACE, "MetricData": [datum]}
