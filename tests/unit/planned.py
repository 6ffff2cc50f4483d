"""Plans as the function compiles them, and policies and endpoints of every kind to compile them for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as some

from interlock.delivery.planner import PlanTask, plan_delivery
from interlock.model.plan import PlanDocument
from tests.unit import examples


def _since(waited: int) -> str:
    """When a wait began that has lasted so many seconds; empty for none."""
    return (datetime.fromisoformat(examples.NOW) - timedelta(seconds=waited)).isoformat() if waited else ""


def asked(
    observed: dict[str, Any] | None = None, waited: int = 0, release: str = examples.RELEASE, **fields: Any
) -> PlanTask:
    """The task of planning a release under a policy whose stage has ``fields``."""
    return {
        "intent": "deliver",
        "release": release,
        "stack": examples.STACK,
        "started": examples.NOW,
        "group": examples.GROUP,
        "version": examples.NUMBER,
        "document": examples.document(**fields),
        "policy_sentence": "",
        "observed": examples.answers() if observed is None else observed,
        "role": examples.ROLE,
        "now": examples.NOW,
        "waiting_since": _since(waited),
        "decided_at": examples.NOW,
        "reason": "",
        "reached": 0,
        "since": "",
        "facts": {},
    }


def deliver(
    observed: dict[str, Any] | None = None,
    waited: int = 0,
    release: str = examples.RELEASE,
    measured: dict[str, Any] | None = None,
    bucket: str = "",
    writable: str = "s3://models/multi-model/",
    trials: str = "s3://models/batch/",
    **fields: Any,
) -> PlanDocument:
    """The plan for a version under a policy whose stage has ``fields``, in a stack that captures into ``bucket`` and
    may write models under ``writable``, and whose transform jobs write under ``trials``.

    A plan that has to measure stable first is answered ``measured``, which is 120 ms unless a test says otherwise.
    """
    task: PlanTask = {
        **asked(observed, waited, release, **fields),
        "monitoring_bucket": bucket,
        "models_prefix": writable,
        "trials_prefix": trials,
    }
    plan = plan_delivery(task)
    if plan["decision"] != "Measure":
        return plan
    names = [query["Id"] for query in plan["measure"]["queries"]]
    answer = measured or examples.found(examples.measured([110_000.0, 900_000.0, 120_000.0], *names))
    return plan_delivery({**task, "observed": task["observed"] | {"measured": answer}})


def roll_back(
    observed: dict[str, Any],
    plan: PlanDocument,
    reached: int | None = None,
    reason: str = "AlarmRaised",
    waited: int = 0,
    since: str = "",
    before: dict[str, Any] | None = None,
) -> PlanDocument:
    """The rollback of a release that went out by ``plan`` and ``reached`` a step (the last one by default)."""
    return plan_delivery(
        {
            "intent": "roll_back",
            "release": examples.RELEASE,
            "stack": examples.STACK,
            "started": examples.NOW,
            "group": examples.GROUP,
            "version": examples.NUMBER,
            "document": "",
            "policy_sentence": "",
            "observed": observed,
            "role": examples.ROLE,
            "now": examples.NOW,
            "before": before,
            "waiting_since": _since(waited),
            "decided_at": examples.NOW,
            "facts": plan["facts"],
            "reason": reason,
            "reached": len(plan["steps"]) if reached is None else reached,
            "since": since,
        }
    )


def actions(plan: PlanDocument) -> list[str]:
    return [step["action"] for step in plan["steps"]]


def request(plan: PlanDocument, action: str, index: int = 0) -> dict[str, Any]:
    """The request of the ``index``-th step with ``action``."""
    found: list[dict[str, Any]] = [step["request"] for step in plan["steps"] if step["action"] == action]
    return found[index]


def config(plan: PlanDocument, name: str) -> dict[str, Any]:
    """The request that creates the endpoint config called ``name``."""
    requests = [step["request"] for step in plan["steps"] if step["action"] == "CreateEndpointConfig"]
    return next(made for made in requests if made["EndpointConfigName"] == name)


ADOPTED = examples.answers(
    endpoint=examples.found(examples.endpoint("InService", "made-by-hand", examples.live("blue", 3.0, 7))),
    endpoint_config=examples.found(
        examples.endpoint_config(
            "made-by-hand",
            examples.production_variant(
                "blue", VolumeSizeInGB=50, ContainerStartupHealthCheckTimeoutInSeconds=900, InitialInstanceCount=2
            ),
            DataCaptureConfig={"EnableCapture": True, "DestinationS3Uri": "s3://capture"},
            KmsKeyId="arn:aws:kms:eu-west-1:111122223333:key/1",
            VpcConfig={"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        )
    ),
)
"""An endpoint that somebody else made, scaled out since, with settings of its own."""

LIKE_STABLE: dict[str, Any] = {
    "strategy": examples.CANARY,
    "evidence": [examples.ERROR_RULE, examples.ERRORS_LIKE_STABLE, examples.LATENCY_LIKE_STABLE],
}
"""A policy that compares with stable."""

WITH_BASELINE = LIKE_STABLE | {"strategy": examples.CANARY | {"steps": [5, 50, 80], "baseline": True}}
"""A policy that compares with stable over again."""

bakes = some.sampled_from(["1m", "30m", "1h", "2h"])
strategies = some.one_of(
    some.builds(
        lambda steps, bake, traffic: {"kind": "canary", "steps": sorted(steps), "bake": bake, "traffic": traffic},
        some.sets(some.integers(1, 99), min_size=1, max_size=6),
        bakes,
        some.sampled_from(["auto", "auto", "native", "weights"]),
    ),
    some.builds(
        lambda step, bake, traffic: {"kind": "linear", "step": step, "bake": bake, "traffic": traffic},
        some.integers(5, 99),
        bakes,
        some.sampled_from(["auto", "native", "weights"]),
    ),
    some.builds(
        lambda batch, back, bake: {"kind": "rolling", "batch": batch, "rollback_batch": back, "bake": bake},
        some.integers(5, 50),
        some.none() | some.integers(5, 50),
        some.sampled_from(["1m", "30m", "1h"]),
    ),
    some.builds(
        lambda sampling, bake: {"kind": "shadow", "sampling": f"{sampling}%", "bake": bake},
        some.integers(1, 100),
        bakes,
    ),
    some.builds(
        lambda step, sampling: {"kind": "linear", "step": step, "bake": "30m", "shadow": f"{sampling}%"},
        some.integers(5, 99),
        some.integers(1, 100),
    ),
    some.builds(
        lambda share, duration: {"kind": "ab_test", "share": share, "duration": duration, "winner": "person"},
        some.integers(1, 99),
        bakes,
    ),
    some.builds(
        lambda bake, traffic: {"kind": "all_at_once", "bake": bake, "traffic": traffic},
        bakes,
        some.sampled_from(["auto", "native", "weights"]),
    ),
)
comparing = some.builds(
    lambda steps, baseline, looks, relative: {
        "strategy": {"kind": "canary", "steps": sorted(steps), "bake": "30m", "looks": looks, "baseline": baseline},
        "evidence": relative,
    },
    some.sets(some.integers(1, 99), min_size=1, max_size=6),
    some.booleans(),
    some.integers(1, 20),
    some.sampled_from(
        [
            [examples.ERRORS_LIKE_STABLE],
            [examples.LATENCY_RULE, examples.LATENCY_LIKE_STABLE],
            [examples.ERROR_RULE, examples.ERRORS_LIKE_STABLE, examples.LATENCY_LIKE_STABLE],
        ]
    ),
)
"""Fields of a stage that compares, with and without a baseline."""

experimenting = some.builds(
    lambda share, looks, more: {
        "strategy": {"kind": "ab_test", "share": share, "duration": "1h", "looks": looks, **more},
        "evidence": [examples.FEWER_ERRORS, examples.LATENCY_LIKE_STABLE],
    },
    some.integers(1, 99),
    some.integers(2, 20),
    some.sampled_from([{}, {"baseline": True}, {"allocation": {"kind": "thompson"}}, {"winner": "person"}]),
)
"""Fields of a stage that is an A/B test with a goal."""

absolute = some.fixed_dictionaries(
    {
        "strategy": strategies,
        "smoke": some.sampled_from([None, {"body": "1,2"}]),
        "evidence": some.sampled_from([None, [examples.ERROR_RULE], [examples.ERROR_RULE, examples.LATENCY_RULE]]),
        "hosting": some.builds(
            lambda size, count: {"instance_type": f"ml.{size}", "instances": count},
            some.sampled_from(["m5.large", "c5.xlarge", "inf1.xlarge"]),
            some.integers(1, 4),
        ),
    }
)
"""Fields of a stage without comparison: every strategy, with and without smoke test and rules, on several machines."""

serverless = some.fixed_dictionaries(
    {
        "strategy": some.builds(lambda bake: {"kind": "all_at_once", "bake": bake}, bakes),
        "smoke": some.sampled_from([None, {"body": "1,2"}]),
        "evidence": some.sampled_from([None, [examples.ERROR_RULE], [{"metric": "cold_start", "max": "20s"}]]),
        "hosting": some.builds(
            lambda memory, most, warm: {
                "kind": "serverless",
                "memory_mb": memory * 1024,
                "max_concurrency": most,
                "provisioned_concurrency": min(warm, most) or None,
            },
            some.integers(1, 6),
            some.integers(1, 200),
            some.integers(0, 200),
        ),
    }
)
"""Fields of a stage on a serverless endpoint."""

PREFIX = "s3://models/multi-model/shop/"
MULTI_MODEL: dict[str, Any] = {
    "hosting": {"kind": "multi_model", "prefix": PREFIX, "instance_type": "ml.m5.large", "instances": 2},
    "strategy": {"kind": "all_at_once", "bake": "10m"},
    "evidence": [examples.ERROR_RULE],
}
"""Fields of a stage on a multi-model endpoint."""


def multi_model(pointer: str = "", container: dict[str, Any] | None = None, **different: Any) -> dict[str, Any]:
    """What is true of a multi-model endpoint whose callers are told to name ``pointer``, nothing if it is empty.
    ``container``: what is different about its container."""
    package = examples.package()["InferenceSpecification"]["Containers"][0]
    image = f"{package['Image'].partition(':')[0]}@{package['ImageDigest']}"
    running = {"Image": image, "Mode": "MultiModel", "ModelDataUrl": PREFIX, "Environment": package["Environment"]}
    told = {"Name": "/interlock/interlock/live/churn-live/churn", "Type": "String", "Value": pointer}
    nothing = {"error": "Ssm.ParameterNotFoundException", "cause": "Parameter not found. (Status Code: 400)"}
    return examples.answers(
        model=examples.found(examples.model(PrimaryContainer=running | (container or {}))),
        pointer=examples.found(told) if pointer else nothing,
        **different,
    )


SAMPLE = "s3://models/samples/churn.csv"
BATCH: dict[str, Any] = {
    "hosting": {"kind": "batch", "instance_type": "ml.m5.large", "sample": {"input": SAMPLE, "sha256": "0" * 64}},
    "strategy": {"kind": "all_at_once", "bake": "10m"},
    "evidence": None,
    "smoke": None,
}
"""Fields of a stage that no endpoint serves."""


def batch(pointer: str = "", **different: Any) -> dict[str, Any]:
    """What is true where callers of batch are told to name the model ``pointer``, nothing if it is empty."""
    nothing: dict[str, Any] = {key: {} for key in ("endpoint", "endpoint_config", "model", "tags", "scaling")}
    return {**multi_model(pointer), **nothing, **different}


multi_models = some.fixed_dictionaries(
    {
        "strategy": some.builds(lambda bake: {"kind": "all_at_once", "bake": bake}, bakes),
        "evidence": some.sampled_from(
            [None, [examples.ERROR_RULE], [{"metric": "model_loading_wait", "max": "20s"}], [examples.LATENCY_RULE]]
        ),
        "hosting": some.builds(
            lambda count, cache: MULTI_MODEL["hosting"] | {"instances": count, "cache": cache},
            some.integers(1, 4),
            some.booleans(),
        ),
    }
)
"""Fields of a stage on a multi-model endpoint."""

asynchronous = some.fixed_dictionaries(
    {
        "strategy": some.sampled_from(
            [
                {"kind": "all_at_once"},
                {"kind": "canary", "steps": [30], "bake": "30m"},
                {"kind": "linear", "step": 25},
                {"kind": "rolling", "batch": 50, "rollback_batch": 50},
            ]
        ),
        "smoke": some.none(),
        "evidence": some.sampled_from([None, [examples.ERROR_RULE], [{"metric": "mean_latency", "max": "2s"}]]),
        "hosting": some.builds(
            lambda size, concurrency: {
                "kind": "async",
                "instance_type": f"ml.{size}",
                "output": "s3://results/churn",
                "concurrency": concurrency,
            },
            some.sampled_from(["m5.large", "inf1.xlarge"]),
            some.none() | some.integers(1, 1000),
        ),
    }
)
"""Fields of a stage on an asynchronous endpoint."""

components = some.fixed_dictionaries(
    {
        "strategy": some.sampled_from(
            [
                {"kind": "all_at_once", "bake": "30m"},
                {"kind": "rolling", "batch": 50, "rollback_batch": 25},
                {"kind": "rolling", "batch": 5, "bake": "1m"},
            ]
        ),
        "smoke": some.sampled_from([None, {"body": "1,2"}]),
        "evidence": some.sampled_from([None, [examples.ERROR_RULE], [{"metric": "p99_latency", "max": "2s"}]]),
        "hosting": some.builds(
            lambda memory, most: {
                "kind": "inference_components",
                "component": examples.COMPONENT,
                "memory_mb": memory,
                "instance_type": "ml.g5.xlarge",
                "max_instances": most,
            },
            some.integers(128, 100_000),
            some.none() | some.integers(1, 10),
        ),
    }
)
"""Fields of a stage whose model is an inference component."""

standbys = some.sampled_from([None, None, {"standby": "2h"}, {"watch": "30m"}, {"watch": "30m", "standby": "1h"}])


def _with_standby(fields: dict[str, Any], rollback: dict[str, str] | None) -> dict[str, Any]:
    """``fields`` with a standby, where a policy may ask for one."""
    strategy = fields["strategy"]
    native = strategy["kind"] == "rolling" or strategy.get("traffic") == "native"
    return fields if native else fields | {"rollback": rollback}


stages = some.builds(
    _with_standby,
    some.one_of(absolute, some.builds(lambda fields, compares: fields | compares, absolute, comparing | experimenting)),
    standbys,
)
