"""The jobs that watch an endpoint, from the policy of its group and what the account answered."""

from __future__ import annotations

from typing import Any, TypedDict

from interlock.model.request import Request
from interlock.monitoring.jobs import Place
from interlock.monitoring.past_runs import read_runs, unheard
from interlock.monitoring.plan import Facts, Idle, MonitorPlan, nothing_to_run, plan
from interlock.monitoring.windows import moment
from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError


class MonitorsTask(TypedDict):
    """What monitors are planned from. ``now``: ISO 8601; ``document``: the policy in force; ``live``: version, since
    (ISO 8601) and config, as the ledger has them; ``endpoint_config`` and ``package``: the answers of
    DescribeEndpointConfig (of the live config) and DescribeModelPackage (of the live version); ``runs``: monitor,
    window, job, status, created_at and task of each run in the ledger; ``account``: bucket, role,
    image and region."""

    now: str
    group: str
    endpoint: str
    document: str
    live: Request
    endpoint_config: Request
    package: Request
    runs: list[Request]
    account: dict[str, str]


def plan_monitors(task: MonitorsTask) -> MonitorPlan:
    """The jobs to start now, and those whose end should be looked for. Never raises for what people or AWS wrote: the
    plan says what is wrong."""
    now, since = moment(task["now"]), moment(task["live"].get("since"))
    runs = read_runs(task["runs"])
    if now is None:
        return nothing_to_run(f"now: {task['now']!r} is not an ISO 8601 time.")
    late = unheard(runs, now, task["endpoint"], f"s3://{task['account']['bucket']}/results")
    try:
        policy = read_policy(task["document"], task["group"])
    except PolicyError as error:
        return nothing_to_run(f"The policy of {task['group']} is not valid: {error}.", late)
    monitoring, version = policy.monitoring, str(task["live"].get("version") or "")
    if not version or since is None:
        return nothing_to_run(f"No version is known to be live on endpoint {task['endpoint']}.", late)
    if monitoring is None or not monitoring.monitors:
        return nothing_to_run(f"The policy of {task['group']} names no monitors.", late)
    capture = task["endpoint_config"].get("DataCaptureConfig") or {}
    if not capture.get("EnableCapture") or not capture.get("DestinationS3Uri"):
        said = f"Endpoint {task['endpoint']} captures nothing; hosting.data_capture takes effect with the next release."
        idle: list[Idle] = [{"monitor": each.name, "sentence": said} for each in monitoring.monitors]
        return nothing_to_run(said, late) | {"idle": idle}
    place = Place(
        task["group"],
        task["endpoint"],
        version,
        task["account"],
        capture["DestinationS3Uri"],
        _variants(task["endpoint_config"]),
        policy.protection,
    )
    return plan(monitoring, Facts(now, since, runs, task["package"]), place)


def _variants(config: dict[str, Any]) -> tuple[str, ...]:
    return tuple(variant["VariantName"] for variant in config.get("ProductionVariants", ()))
