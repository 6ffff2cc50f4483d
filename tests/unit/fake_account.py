"""The few things SageMaker does with the steps of a plan, and nothing else: enough to see where a plan ends."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from interlock.execution.failures import FailedStep, interpret_failure
from interlock.execution.verification import Verification, verify_endpoint
from interlock.model.plan import PlanDocument
from interlock.model.registration import of_variant
from interlock.model.step_policies import is_own, starting_alarm
from interlock.model.traffic import shares
from tests.unit import examples

Request = dict[str, Any]
WHEN = "2026-01-05T09:00:00Z"


class RefusedError(Exception):
    """What AWS says when it does not do as it is told."""


class Account:
    """Models, configs, alarms and one endpoint. Changes are done at once; a change that is refused changes nothing."""

    def __init__(
        self,
        *,
        exists: bool = True,
        status: str = "InService",
        instances: int = 2,
        stable: Request | None = None,
    ) -> None:
        stable = stable or examples.production_variant()
        self.models = {"churn-6"}
        self.configs: dict[str, Request] = {
            examples.STABLE_CONFIG: examples.endpoint_config(examples.STABLE_CONFIG, stable)
        }
        self.alarms: set[str] = set()
        self.status = status if exists else ""
        self.config = examples.STABLE_CONFIG if exists else ""
        self.weights: dict[str, float] = {stable["VariantName"]: 1.0} if exists else {}
        self.instances: dict[str, int] = {stable["VariantName"]: instances} if exists else {}
        self.lost_capacity = False
        self.registered: dict[str, Request] = {}  # variant: its registration

    def register(self, variant: str, registration: Request) -> None:
        """Somebody has registered a variant with Application Auto Scaling."""
        self.registered[variant] = deepcopy(registration)
        own = [policy for policy in registration["policies"] if is_own(policy)]
        self.alarms |= {starting_alarm(examples.ENDPOINT, variant, policy)["AlarmName"] for policy in own}

    def answers(self) -> dict[str, Request]:
        """What a state machine would collect now."""
        if not self.status:
            return examples.answers(**examples.NOTHING_YET)
        return examples.answers(
            endpoint=examples.found(self.endpoint()),
            endpoint_config=examples.found(self.configs[self.config]),
            scaling=self.scaling(),
        )

    def scaling(self) -> Request:
        """What Application Auto Scaling tells of all variants."""
        told: Request = {"ScalableTargets": [], "ScalingPolicies": [], "ScheduledActions": []}
        for variant, each in self.registered.items():
            of = of_variant(examples.ENDPOINT, variant)
            told["ScalableTargets"].append(of | each["target"])
            told["ScalingPolicies"] += [of | policy for policy in each["policies"]]
            told["ScheduledActions"] += [of | action for action in each["schedules"]]
        return examples.found(told)

    def endpoint(self) -> Request:
        variants = [self._live(name) for name in self.weights]
        return examples.endpoint(self.status, self.config, *variants)

    def _live(self, name: str) -> Request:
        """A variant as it serves. Of a serverless one, ``instances`` is the concurrency."""
        configured = self.configs[self.config]["ProductionVariants"]
        serverless = next(each.get("ServerlessConfig") for each in configured if each["VariantName"] == name)
        if serverless is None:
            return examples.live(name, self.weights[name], self.instances[name])
        current = {**serverless, "MaxConcurrency": self.instances[name]}
        return {"VariantName": name, "CurrentWeight": self.weights[name], "CurrentServerlessConfig": current}

    def shares(self) -> dict[str, float]:
        return shares(self.weights)

    def snapshot(self) -> Request:
        """Everything, to be compared."""
        return deepcopy(vars(self))

    def do(self, step: Request) -> None:
        """Carry out ``step``; RefusedError where AWS would say no. What is checked holds after every step."""
        before = sum(self.shares().values())
        _ACTIONS[step["action"]](self, step["request"])
        if self.status:
            assert self.config in self.configs, "the config in force was deleted"
            models = {variant["ModelName"] for variant in self.configs[self.config]["ProductionVariants"]}
            assert models <= self.models, "a model in service was deleted"
            assert sum(self.shares().values()) in (100, before), "no variant has traffic"
            assert self.registered.keys() <= self.weights.keys(), "a variant that is gone is registered"
            for name, each in self.registered.items():
                assert self.instances[name] <= each["target"]["MaxCapacity"], "autoscaling removes what serves"

    def verified(self, expect: Request | None) -> str:
        """What verify_endpoint says of the endpoint as it is."""
        described = examples.found(self.endpoint()) if self.status else examples.NO_ENDPOINT
        task: Verification = {
            "expect": expect,
            "endpoint": described,
            "since": WHEN,
            "now": WHEN,
            "mode": "deliver",
            "patience": 1800,
            "artifacts": [examples.found(examples.ARTIFACT)],
            "scaling": self.scaling(),
        }
        return str(verify_endpoint(task)["status"])


def _create_model(account: Account, request: Request) -> None:
    _refuse(request["ModelName"] in account.models, "Cannot create already existing model")
    account.models.add(request["ModelName"])


def _create_config(account: Account, request: Request) -> None:
    name = request["EndpointConfigName"]
    _refuse(name in account.configs, "Cannot create already existing endpoint configuration")
    for variant in request["ProductionVariants"]:
        _refuse(variant["ModelName"] not in account.models, f"Could not find model {variant['ModelName']}")
    account.configs[name] = request


def _create_endpoint(account: Account, request: Request) -> None:
    _refuse(bool(account.status), "Cannot create already existing endpoint")
    _bring_up(account, request["EndpointConfigName"])


def _update_endpoint(account: Account, request: Request) -> None:
    _refuse(account.status not in ("InService", "UpdateRollbackFailed"), "Cannot update in-progress endpoint")
    stay = {variant["VariantName"] for variant in account.configs[request["EndpointConfigName"]]["ProductionVariants"]}
    _refuse(not account.registered.keys() <= stay, "The variant(s) must be deregistered as scalable targets")
    kept = request.get("RetainAllVariantProperties", False)
    serverless = any("ServerlessConfig" in each for each in _configured(account, request))
    _refuse(serverless and ("DeploymentConfig" in request or kept), "not supported for serverless endpoints")
    excluded = {item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties", ())}
    weights, instances = account.weights, account.instances
    _bring_up(account, request["EndpointConfigName"])
    for name in account.weights.keys() & weights.keys():
        if kept and "DesiredWeight" not in excluded:
            account.weights[name] = weights[name]
        if kept and "DesiredInstanceCount" not in excluded:
            account.instances[name] = instances[name]
    stay = account.instances.keys() & instances.keys()
    account.lost_capacity |= any(account.instances[name] < instances[name] for name in stay)
    account.lost_capacity |= not stay and max(account.instances.values()) < max(instances.values())


def _bring_up(account: Account, config: str) -> None:
    _refuse(config not in account.configs, f"Could not find endpoint configuration {config}")
    variants = account.configs[config]["ProductionVariants"]
    account.status, account.config = "InService", config
    account.weights = {variant["VariantName"]: variant["InitialVariantWeight"] for variant in variants}
    account.instances = {variant["VariantName"]: _capacity(variant) for variant in variants}


def _capacity(variant: Request) -> int:
    found: int = variant.get("InitialInstanceCount") or variant["ServerlessConfig"]["MaxConcurrency"]
    return found


def _configured(account: Account, request: Request) -> list[Request]:
    found: list[Request] = account.configs.get(request["EndpointConfigName"], {}).get("ProductionVariants", [])
    return found


def _set_weights(account: Account, request: Request) -> None:
    _refuse(account.status != "InService", "Cannot update in-progress endpoint")
    wanted = {item["VariantName"]: item for item in request["DesiredWeightsAndCapacities"]}
    _refuse(not wanted.keys() <= account.weights.keys(), "Could not find variant")
    for name, item in wanted.items():
        account.weights[name] = item.get("DesiredWeight", account.weights[name])
        account.instances[name] = item.get("DesiredInstanceCount", account.instances[name])


def _invoke(account: Account, request: Request) -> None:
    _refuse(request.get("TargetVariant", next(iter(account.weights))) not in account.weights, "Variant not found")


def _delete_endpoint(account: Account, request: Request) -> None:
    _refuse(not account.status, "Could not find endpoint")
    account.status, account.config, account.weights, account.instances = "", "", {}, {}
    account.registered = {}


def _variant(request: Request) -> str:
    return str(request["ResourceId"].rpartition("/")[2])


def _register(account: Account, request: Request) -> None:
    variant = _variant(request)
    _refuse(variant not in account.weights, "SageMaker variant doesn't exist")
    empty: Request = {"target": {}, "policies": [], "schedules": []}
    target = {name: request[name] for name in ("MinCapacity", "MaxCapacity", "SuspendedState") if name in request}
    _refuse(variant not in account.registered and len(target) < 3, "MinCapacity and MaxCapacity are required")
    account.registered.setdefault(variant, empty)["target"] |= target


def _put(kind: str, name: str) -> Callable[[Account, Request], None]:
    def put(account: Account, request: Request) -> None:
        _refuse(_variant(request) not in account.registered, "ObjectNotFoundException: No scalable target registered")
        kept = account.registered[_variant(request)]
        of = of_variant(examples.ENDPOINT, _variant(request))
        own = {key: value for key, value in request.items() if key not in of}
        kept[kind] = [*(each for each in kept[kind] if each[name] != own[name]), own]

    return put


def _put_with_alarm(account: Account, request: Request) -> None:
    _put("policies", "PolicyName")(account, request["Policy"])
    account.alarms.add(request["Alarm"]["AlarmName"])


def _delete_policy(account: Account, request: Request) -> None:
    policies = account.registered.get(_variant(request), {}).get("policies", [])
    left = [each for each in policies if each["PolicyName"] != request["PolicyName"]]
    _refuse(left == policies, "ObjectNotFoundException: No scaling policy found")
    account.registered[_variant(request)]["policies"] = left


def _deregister(account: Account, request: Request) -> None:
    _refuse(_variant(request) not in account.registered, "ObjectNotFoundException: No scalable target found")
    del account.registered[_variant(request)]


def _delete_config(account: Account, request: Request) -> None:
    _refuse(request["EndpointConfigName"] not in account.configs, "Could not find endpoint configuration")
    del account.configs[request["EndpointConfigName"]]


def _delete_model(account: Account, request: Request) -> None:
    _refuse(request["ModelName"] not in account.models, "Could not find model")
    account.models.remove(request["ModelName"])


def _refuse(wrong: bool, words: str) -> None:
    if wrong:
        raise RefusedError(words)


_ACTIONS: dict[str, Callable[[Account, Request], object]] = {
    "CreateModel": _create_model,
    "CreateEndpointConfig": _create_config,
    "CreateEndpoint": _create_endpoint,
    "UpdateEndpoint": _update_endpoint,
    "UpdateEndpointWeightsAndCapacities": _set_weights,
    "InvokeEndpoint": _invoke,
    "DeleteEndpoint": _delete_endpoint,
    "DeleteEndpointConfig": _delete_config,
    "DeleteModel": _delete_model,
    "RegisterScalableTarget": _register,
    "PutScalingPolicy": _put("policies", "PolicyName"),
    "PutStepScalingPolicy": _put_with_alarm,
    "PutScheduledAction": _put("schedules", "ScheduledActionName"),
    "DeleteScalingPolicy": _delete_policy,
    "DeregisterScalableTarget": _deregister,
    "PutMetricAlarm": lambda account, request: account.alarms.add(request["AlarmName"]),
    "DeleteAlarms": lambda account, request: account.alarms.difference_update(request["AlarmNames"]),
    "Bake": lambda account, request: None,
    "None": lambda account, request: None,
}


def walk(account: Account, plan: PlanDocument, mode: str, steps: int | None = None) -> str:
    """Carry out the first ``steps`` of ``plan`` (all of them by default) as the state machine does.

    Answers how it ended: Done, or what interpret_failure or verify_endpoint made of the step that did not go well.
    """
    for step in plan["steps"][:steps]:
        try:
            account.do(step)
        except RefusedError as refused:
            following = _interpreted(account, step, mode, str(refused))
            if following != "Accept":
                return following
            continue
        if step["awaits"] and account.verified(step["expect"]) != "Reached":
            return account.verified(step["expect"])
    return "Done"


def _interpreted(account: Account, step: Request, mode: str, words: str) -> str:
    failed: FailedStep = {
        "action": step["action"],
        "request": step["request"],
        "error": "SageMaker.SageMakerException",
        "cause": words,
        "existing": {},
        "mode": mode,
        "since": "2026-01-05T09:00:00Z",
        "now": "2026-01-05T09:00:00Z",
    }
    seen = interpret_failure(failed)
    if seen["next"] == "Compare":
        seen = interpret_failure({**failed, "existing": _existing(account, seen["ask"], step["request"])})
    return str(seen["next"])


def _existing(account: Account, ask: Request, request: Request) -> Request:
    """What ``observe`` answers to ``ask``. Of a model only the name is kept, so it is as asked for."""
    if "config" in ask:
        return {"endpoint_config": examples.found(account.configs[ask["config"]])}
    assert ask["model"] in account.models
    return {"model": examples.found(request)}
