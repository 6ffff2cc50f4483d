"""Inference components: models with copies of their own on the instances of an endpoint that has no model.

Sources: botocore CreateInferenceComponent, UpdateInferenceComponent, DescribeInferenceComponent, and
InferenceComponentRollingUpdatePolicy; aws-samples/sagemaker-genai-hosting-examples, two notebooks on their rolling
updates: new copies come beside old ones and get their part of the requests, an alarm ends the update InService as it
was, and the specification is the new one when it has succeeded. There is no event (docs:
automating-sagemaker-with-eventbridge). Messages are AWS's words where public code quotes them, ours where none does.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker import refusals
from rehearsal.sagemaker.containers import Container, Containers, Unhealthy
from rehearsal.sagemaker.fleets import Route
from rehearsal.sagemaker.hosting import Hosting, Source
from rehearsal.sagemaker.lifecycle import Life, drive
from rehearsal.sagemaker.listing import listed
from rehearsal.sagemaker.names import Names
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.tags import Tags

KIND = "inference component"
DESCRIBE_LAG = 90.0  # seconds, where a component is described late
_DOING = {"Creating": "CREATE_IN_PROGRESS", "Updating": "UPDATE_IN_PROGRESS", "Deleting": "DELETE_IN_PROGRESS"}


@dataclass
class Copies:
    """The copies of one specification that answer requests."""

    specification: Mapping[str, Any]
    source: Source
    container: Container | None = None
    number: int = 0


@dataclass
class Component:
    """An inference component: its copies, and `coming` ones during an update."""

    name: str
    arn: str
    endpoint: str
    variant: str
    wanted: int
    copies: Copies
    created: float
    modified: float
    status: str = "Creating"
    coming: Copies | None = None
    failure: str = ""
    last_deployment: Mapping[str, Any] = field(default_factory=dict)

    @property
    def groups(self) -> list[Copies]:
        """All that may answer."""
        return [self.copies, *([self.coming] if self.coming else [])]


@dataclass(frozen=True)
class Hosts:
    """What components ask of endpoints. `variants`: of an endpoint without models, and whether it may be changed;
    LookupError for one that has models. Raises AwsError where there is none."""

    variants: Callable[[str], list[str]]
    rerouting: Callable[[str], None]


class Components:
    """Inference components by name, each living on the clock."""

    def __init__(
        self,
        clock: Clock,
        names: Names,
        options: Options,
        hosting: Hosting,
        containers: Containers,
        alarm_state: Callable[[str], str | None],
        tags: Tags,
        hosts: Hosts,
    ) -> None:
        self._clock, self._names, self._options, self._tags = clock, names, options, tags
        self._hosting, self._containers, self._alarm_state, self._hosts = hosting, containers, alarm_state, hosts
        self._components: dict[str, Component] = {}
        self._told: dict[str, tuple[dict[str, Any], float]] = {}  # what is described although it changes, until when

    def routes(self, endpoint: str) -> tuple[Route, ...]:
        """Where requests to the components of an endpoint can go; the shares are those of each component's requests."""
        return tuple(route for each in self.of(endpoint) for route in _routes(each))

    def of(self, endpoint: str) -> list[Component]:
        """The components of an endpoint."""
        return [each for each in self._components.values() if each.endpoint == endpoint]

    # The API

    def create_inference_component(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """A variant is named (terraform-provider-aws: the API rejects a standard component without one)."""
        name, now = request["InferenceComponentName"], self._clock.now
        arn = self._names.arn("inference-component", name)
        if name in self._components:
            raise refusals.exists(KIND, arn)
        try:
            variants = self._hosts.variants(request["EndpointName"])
        except LookupError:
            raise refusals.invalid(f"Endpoint {request['EndpointName']} has models of its own.") from None
        if request.get("VariantName") not in variants:
            raise refusals.invalid(f'Could not find variant "{request.get("VariantName")}".')
        specification = _specified(request.get("Specification", {}))
        copies = Copies(specification, self._hosting.sources(specification["ModelName"])[0])
        number = request.get("RuntimeConfig", {}).get("CopyCount", 1)
        component = Component(
            name, arn, request["EndpointName"], request["VariantName"], number, copies, created=now, modified=now
        )
        self._components[name] = component
        self._tags.made(arn, request)
        drive(self._clock, self._creating(component))
        return {"InferenceComponentArn": arn}

    def describe_inference_component(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        component = self._find(request["InferenceComponentName"])
        told, until = self._told.get(component.name, ({}, 0.0))
        return told if self._clock.now < until else self._described(component)

    def list_inference_components(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        def summary(name: str, component: Component) -> dict[str, Any]:
            return {
                "InferenceComponentName": name,
                "InferenceComponentArn": component.arn,
                "EndpointName": component.endpoint,
                "EndpointArn": self._names.arn("endpoint", component.endpoint),
                "VariantName": component.variant,
                "CreationTime": self._clock.datetime(component.created),
                "LastModifiedTime": self._clock.datetime(component.modified),
                "InferenceComponentStatus": component.status,
            }

        return listed(request, self._components, "InferenceComponents", summary, lambda each: each.modified)

    def update_inference_component(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """What is not named stays: the specification, or the number of copies (botocore). One of them is named
        (terraform-provider-aws: the API rejects a request with a DeploymentConfig only)."""
        component = self._free(request["InferenceComponentName"], "update")
        if "Specification" not in request and "RuntimeConfig" not in request:
            raise refusals.invalid("Specification or RuntimeConfig is required.")
        specification = _specified(request.get("Specification", component.copies.specification))
        coming = Copies(specification, self._hosting.sources(specification["ModelName"])[0])
        wanted = request.get("RuntimeConfig", {}).get("CopyCount", component.wanted)
        deployment = request.get("DeploymentConfig", {})
        policy = deployment.get("RollingUpdatePolicy", {})
        if problem := _batch_problem(policy, wanted):
            raise refusals.invalid(problem)
        alarms = self._alarms(deployment)
        if self._options.describe_lag != "none":
            self._told[component.name] = (self._described(component), self._clock.now + DESCRIBE_LAG)
        component.wanted, component.coming, component.status = wanted, coming, "Updating"
        component.failure, component.last_deployment = "", deployment
        drive(self._clock, self._updating(component, policy, alarms))
        return {"InferenceComponentArn": component.arn}

    def delete_inference_component(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        component = self._free(request["InferenceComponentName"], "delete")
        drive(self._clock, self._deleting(component))
        return {}

    # How they live

    def _creating(self, component: Component) -> Life:
        failed = yield from self._starting(component, component.copies)
        self._hosts.rerouting(component.endpoint)
        component.copies.number = 0 if failed else component.wanted
        self._settle(component, "Failed" if failed else "InService", failed)

    def _updating(self, component: Component, policy: Mapping[str, Any], alarms: tuple[str, ...]) -> Life:
        """Batch by batch, or all at once without a policy. What becomes of an update whose copies do not start is an
        open question (option failed_component); after an alarm the component is InService as it was."""
        coming, before, options = component.coming, component.copies.number, self._options
        assert coming is not None
        batch = _whole(policy["MaximumBatchSize"], component.wanted) if policy else component.wanted
        limit = self._clock.now + policy.get("MaximumExecutionTimeoutInSeconds", float("inf"))
        while coming.number < component.wanted or not coming.container:
            failed = yield from self._starting(component, coming)
            if failed:
                status = "InService" if options.failed_component == "in service" else "Failed"
                yield from self._back(component, before, status, failed)
                return
            self._hosts.rerouting(component.endpoint)
            coming.number = min(coming.number + batch, component.wanted)
            tripped = yield from self._baking(policy.get("WaitIntervalInSeconds", 0), alarms, limit)
            if tripped:
                yield from self._back(component, before, "InService", tripped)
                return
            yield options.terminate_seconds
            self._hosts.rerouting(component.endpoint)
            component.copies.number = min(component.copies.number, max(component.wanted - coming.number, 0))
        component.copies, component.coming = coming, None
        self._settle(component, "InService")

    def _starting(self, component: Component, copies: Copies) -> Generator[float, None, str]:
        """Copies start. Returns why they could not, or ""."""
        options, source = self._options, copies.source
        yield options.provision_seconds
        try:
            copies.container = self._containers.start(component.variant, source.model_data, source.etag)
        except Unhealthy as reason:
            if reason.crash_loop:
                yield max(0.0, options.crash_loop_seconds - options.provision_seconds)
            return str(reason)
        return ""

    def _baking(self, seconds: float, alarms: tuple[str, ...], limit: float) -> Generator[float, None, str]:
        """Waits, looking at the alarms. Returns why to roll back, or ""."""
        end = self._clock.now + seconds
        while seconds:
            tripped = [name for name in alarms if self._alarm_state(name) == "ALARM"]
            if tripped:
                return f"Alarm(s) {', '.join(tripped)} went into ALARM while baking; the update was rolled back."
            if self._clock.now > limit:
                return "The update took longer than MaximumExecutionTimeoutInSeconds; it was rolled back."
            if self._clock.now >= end:
                break
            yield min(self._options.alarm_poll_seconds, end - self._clock.now)
        return ""

    def _back(self, component: Component, before: int, status: str, reason: str) -> Life:
        """The copies from before come back, and then the new ones end."""
        if component.copies.number < before:
            yield self._options.provision_seconds
        self._hosts.rerouting(component.endpoint)
        component.copies.number, component.coming = before, None
        given = status == "Failed" or self._options.rollback_reason == "given"
        self._settle(component, status, reason if given else "")

    def _deleting(self, component: Component) -> Life:
        self._hosts.rerouting(component.endpoint)
        component.status, component.copies.number = "Deleting", 0
        yield self._options.delete_seconds
        del self._components[component.name]
        self._tags.gone(component.arn)

    def _settle(self, component: Component, status: str, failure: str = "") -> None:
        component.status, component.failure, component.modified = status, failure, self._clock.now

    # Parts

    def _find(self, name: str) -> Component:
        if name not in self._components:
            raise refusals.unknown(KIND, self._names.arn("inference-component", name))
        return self._components[name]

    def _free(self, name: str, verb: str) -> Component:
        """A component that nothing is under way with. That a Failed one can be updated is not documented."""
        component = self._find(name)
        if component.status in _DOING:
            raise refusals.component_busy(verb, component.arn, _DOING[component.status])
        return component

    def _alarms(self, deployment: Mapping[str, Any]) -> tuple[str, ...]:
        listed = deployment.get("AutoRollbackConfiguration", {}).get("Alarms", ())
        names = tuple(alarm["AlarmName"] for alarm in listed)
        refusals.check_alarms(names, self._alarm_state, self._options)
        return names

    def _described(self, component: Component) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "InferenceComponentName": component.name,
            "InferenceComponentArn": component.arn,
            "EndpointName": component.endpoint,
            "EndpointArn": self._names.arn("endpoint", component.endpoint),
            "VariantName": component.variant,
            "Specification": dict(component.copies.specification),
            "RuntimeConfig": {
                "DesiredCopyCount": component.wanted,
                "CurrentCopyCount": sum(group.number for group in component.groups),
            },
            "CreationTime": self._clock.datetime(component.created),
            "LastModifiedTime": self._clock.datetime(component.modified),
            "InferenceComponentStatus": component.status,
        }
        if component.failure:
            answer["FailureReason"] = component.failure
        if component.last_deployment:
            answer["LastDeploymentConfig"] = dict(component.last_deployment)
        return answer


def _routes(component: Component) -> list[Route]:
    total = sum(group.number for group in component.groups)
    return [
        Route(
            endpoint=component.endpoint,
            config=group.specification["ModelName"],
            variant=component.name,
            model=group.specification["ModelName"],
            model_data=group.source.model_data,
            share=group.number / total,
            container=group.container,
            from_update=False,
            role=group.source.role,
            component=component.name,
        )
        for group in component.groups
        if group.number and group.container
    ]


def _specified(specification: Mapping[str, Any]) -> Mapping[str, Any]:
    """botocore CreateInferenceComponent, InferenceComponentSpecification."""
    if "ModelName" not in specification:
        raise refusals.invalid("Specifications without a ModelName are not simulated.")
    if "ComputeResourceRequirements" not in specification:
        raise refusals.invalid("ComputeResourceRequirements is required for a component that is no adapter.")
    return specification


def _batch_problem(policy: Mapping[str, Any], copies: int) -> str:
    """botocore: "The value must be between 5% to 50% of the copy count of the inference component"."""
    if not policy:
        return ""
    size = policy["MaximumBatchSize"]
    percent = size["Value"] if size["Type"] == "CAPACITY_PERCENT" else 100 * size["Value"] / max(copies, 1)
    if not 5 <= percent <= 50 or copies < 2:
        return "MaximumBatchSize must be between 5% to 50% of the copy count of the inference component."
    return ""


def _whole(size: Mapping[str, Any], copies: int) -> int:
    return int(size["Value"]) if size["Type"] == "COPY_COUNT" else max(copies * size["Value"] // 100, 1)


def of_component(routes: tuple[Route, ...], component: str) -> tuple[Route, ...]:
    """Those of one component, or of the endpoint itself for ""."""
    return tuple(route for route in routes if route.component == component)


def unnamed(component: str) -> AwsError:
    """A request that names no component of the endpoint. Without a name, AWS's words are quoted by
    aws-samples/amazon-kendra-langchain-extensions #64."""
    said = (
        f"Inference component {component} was not found."
        if component
        else "Inference Component Name header is required for endpoints to which you plan to deploy inference"
        " components. Please include Inference Component Name header or consider using SageMaker models."
    )
    return AwsError("sagemaker-runtime", "ValidationError", said, 400)
