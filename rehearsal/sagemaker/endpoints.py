"""The endpoint operations: what is refused, and what starts to happen when it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker import failures, lifecycle, refusals, serverless, strategies, views
from rehearsal.sagemaker.asynchronous import ASYNC
from rehearsal.sagemaker.containers import Containers
from rehearsal.sagemaker.fleets import BUSY, Endpoint, Fleet, Route, Variant, routes, shadowed
from rehearsal.sagemaker.hosting import Hosting, Source
from rehearsal.sagemaker.keys import Keys
from rehearsal.sagemaker.lifecycle import Life, Surroundings, Wanted
from rehearsal.sagemaker.listing import listed
from rehearsal.sagemaker.names import Emit, Names
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.rolling import rolling
from rehearsal.sagemaker.tags import Tags
from rehearsal.services.autoscaling import Autoscaling

DESCRIBE_LAG = 90.0  # seconds, where an endpoint is described late


class Endpoints:
    """Endpoints by name, each living on the clock."""

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        names: Names,
        options: Options,
        hosting: Hosting,
        containers: Containers,
        alarm_state: Callable[[str], str | None],
        autoscaling: Autoscaling,
        keys: Keys,
        tags: Tags,
    ) -> None:
        self._clock, self._emit, self._names, self._options = clock, emit, names, options
        self._hosting, self._autoscaling, self._keys, self._tags = hosting, autoscaling, keys, tags
        self._endpoints: dict[str, Endpoint] = {}
        self._watchers: list[Callable[[str], None]] = []
        self.components: Callable[[str], tuple[Route, ...]] = lambda endpoint: ()
        self.hosted: Callable[[str], bool] = lambda endpoint: False
        autoscaling.instances, autoscaling.scale = self._instances, self.autoscale
        self._told: dict[str, tuple[dict[str, Any], float]] = {}  # what is described although it changes, until when
        self._around = Surroundings(
            clock, options, containers, alarm_state, self.rerouting, self._say, self._say_stage, self._forget
        )

    # For traffic and scenarios

    def routes(self, name: str) -> tuple[Route, ...]:
        """Where the endpoint's requests can go now; empty when it does not exist or does not serve."""
        if name not in self._endpoints:
            return ()
        everybody = self._options.all_zero_weights == "everybody"
        if self.hosts(name):
            return self.components(name)
        found = routes(self._endpoints[name], all_zero_reach_everybody=everybody)
        if self._options.async_config_metrics == "published" or not any(route.asynchronous for route in found):
            return found
        return tuple(replace(route, told_apart=False) for route in found)

    def hosts(self, name: str) -> bool:
        """Whether an endpoint hosts inference components."""
        live = self._endpoints[name].live if name in self._endpoints else None
        return live is not None and live.hosts

    def hosting_variants(self, name: str) -> list[str]:
        """The variants of an endpoint that can host inference components now; LookupError if it has models of its
        own."""
        live = self._free(name).live
        if live is None or not live.hosts:
            raise LookupError(name)
        return list(live.variants)

    def shadows(self, name: str) -> tuple[Route, ...]:
        """Where copies of the endpoint's requests go now."""
        return shadowed(self._endpoints[name]) if name in self._endpoints else ()

    def watch(self, watcher: Callable[[str], None]) -> None:
        """`watcher(endpoint)` is called just before an endpoint's routes change."""
        self._watchers.append(watcher)

    def fail_next(self, name: str, kind: str, why: str = "capacity") -> None:
        """The endpoint's next "update" or "weights" change rolls back, or its next rolling deployment's "rollback"
        fails as well. `why`: a key of failures.REASONS."""
        self._find(name).faults.append((kind, failures.REASONS[why]))

    def maintain(self, name: str, seconds: float) -> None:
        """AWS maintains the endpoint: SystemUpdating for so long. Raises AwsError when it is busy."""
        self._begin(lifecycle.maintaining(self._free(name), seconds, self._around))

    def autoscale(self, name: str, variant: str, instances: int) -> None:
        """Autoscaling changes a variant's capacity; blocked while the endpoint is busy (docs: endpoint-scaling).
        Where removing instances is suspended, none is removed."""
        endpoint = self._find(name)
        if endpoint.status != "InService" or endpoint.live is None:
            return
        if instances < (self._instances(name, variant) or 0) and self._autoscaling.keeps(name, variant):
            return
        if self._options.autoscaling_status == "Updating":
            self._begin(lifecycle.changing(endpoint, {variant: Wanted(None, instances)}, self._around))
            return
        self.rerouting(name)
        scaled = endpoint.live.variants[variant]
        scaled.instances = scaled.desired_instances = instances

    # The API

    def create_endpoint(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        name, now = request["EndpointName"], self._clock.now
        arn = self._names.arn("endpoint", name)
        if name in self._endpoints:
            raise refusals.exists("endpoint", arn)
        fleet = self._fleet(request["EndpointConfigName"], from_update=False)
        self._encrypt(fleet, caller)
        endpoint = Endpoint(name, arn, fleet.config, now, now, pending=fleet)
        self._endpoints[name] = endpoint
        self._tags.made(arn, request)
        self._begin(lifecycle.creating(endpoint, self._around))
        return {"EndpointArn": arn}

    def describe_endpoint(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        endpoint = self._find(request["EndpointName"])
        told, until = self._told.get(endpoint.name, ({}, 0.0))
        return told if self._clock.now < until else self._described(endpoint)

    def list_endpoints(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        def summary(name: str, endpoint: Endpoint) -> dict[str, Any]:
            return views.summary(endpoint, self._clock)

        return listed(request, self._endpoints, "Endpoints", summary, lambda endpoint: endpoint.modified)

    def _described(self, endpoint: Endpoint) -> dict[str, Any]:
        try:
            config: Mapping[str, Any] | None = self._hosting.config(endpoint.config)
        except AwsError:
            config = None
        return views.described(endpoint, self._clock, config)

    def update_endpoint(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Live weights and counts are reset to the new configuration's unless they are retained, by variant name.

        Refused as well when the live configuration was deleted (terraform-provider-aws #48997).
        """
        endpoint = self._free(request["EndpointName"], also=("UpdateRollbackFailed",))
        fleet = self._fleet(request["EndpointConfigName"], from_update=True)
        self._encrypt(fleet, caller)
        self._hosting.config(endpoint.config)
        live = endpoint.live
        assert live is not None
        if set(live.shadows) & set(fleet.variants) and self._options.promoted_shadow == "refused":
            raise refusals.invalid("A shadow variant cannot become a production variant of the same name.")
        self._check_autoscaled(endpoint, fleet)
        if fleet.serverless and not live.serverless:
            raise refusals.converted(endpoint.arn)
        if (fleet.asynchronous is None) != (live.asynchronous is None):
            raise refusals.answers_otherwise(endpoint.arn)
        if request.get("RetainAllVariantProperties"):
            if fleet.serverless and self._options.serverless_retained == "refused":
                raise refusals.invalid("RetainAllVariantProperties is not supported for serverless endpoints.")
            excluded = {item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties", ())}
            _retain(live, fleet, excluded)
        deployment = request.get("DeploymentConfig") or (
            endpoint.last_deployment if request.get("RetainDeploymentConfig") else {}
        )
        plan = self._plan(deployment, live, fleet)
        self._lag(endpoint)
        endpoint.last_deployment = dict(deployment)
        deploying = rolling if plan.batch else lifecycle.deploying
        self._begin(deploying(endpoint, fleet, plan, self._around))
        return {"EndpointArn": endpoint.arn}

    def update_endpoint_weights_and_capacities(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Weights of several variants, or the capacity of one (botocore; more by option). Messages in our words."""
        endpoint = self._free(request["EndpointName"])
        live = endpoint.live
        assert live is not None
        wanted: dict[str, Wanted] = {}
        for change in request["DesiredWeightsAndCapacities"]:
            name = change["VariantName"]
            if name not in live.variants:  # a shadow variant neither: not documented, and Interlock does not do it
                raise refusals.invalid(f'Could not find variant "{name}" of endpoint "{endpoint.arn}".')
            if change.get("DesiredInstanceCount") == 0 and live.asynchronous is None:
                raise refusals.invalid(f"DesiredInstanceCount of variant {name} must be at least 1.")
            if not live.serverless and "ServerlessUpdateConfig" in change:
                raise refusals.invalid(f"Variant {name} is not serverless; it takes no ServerlessUpdateConfig.")
            if live.serverless and "DesiredInstanceCount" in change:
                raise refusals.invalid(f"Variant {name} is serverless; it takes no DesiredInstanceCount.")
            if problem := serverless.too_many_provisioned(live.variants[name].serverless, change):
                raise refusals.invalid(problem)
            wanted[name] = Wanted(
                change.get("DesiredWeight"), change.get("DesiredInstanceCount"), change.get("ServerlessUpdateConfig")
            )
        resized = [name for name, each in wanted.items() if each.instances is not None]
        if len(resized) > 1 and self._options.capacities_per_call == "one":
            raise refusals.invalid("The capacity of one variant can be updated per call.")
        self._lag(endpoint)
        self._begin(lifecycle.changing(endpoint, wanted, self._around))
        return {"EndpointArn": endpoint.arn}

    def delete_endpoint(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Refused while something is under way; allowed for a Failed endpoint. Its scalable targets go with it."""
        endpoint = self._find(request["EndpointName"])
        if endpoint.status in BUSY:
            raise refusals.in_progress(endpoint.arn)
        if self.hosted(endpoint.name) and self._options.endpoint_with_components == "refused":
            raise refusals.still_hosts(endpoint.arn)
        for variant in endpoint.live.variants if endpoint.live else ():
            self._autoscaling.forget(endpoint.name, variant)
        self._begin(lifecycle.deleting(endpoint, self._around))
        return {}

    # Parts

    def _instances(self, name: str, variant: str) -> int | None:
        """Of a variant that serves; None where there is none."""
        live = self._endpoints[name].live if name in self._endpoints else None
        return (live.variants[variant].instances or 0) if live and variant in live.variants else None

    def _find(self, name: str) -> Endpoint:
        if name not in self._endpoints:
            raise refusals.unknown("endpoint", self._names.arn("endpoint", name))
        return self._endpoints[name]

    def _free(self, name: str, also: tuple[str, ...] = ()) -> Endpoint:
        """An endpoint that may be changed: InService, or of a status in `also`."""
        endpoint = self._find(name)
        if endpoint.status in BUSY:
            raise refusals.in_progress(endpoint.arn)
        if endpoint.status not in ("InService", *also):
            raise refusals.failed(endpoint.arn)
        return endpoint

    def _fleet(self, config: str, *, from_update: bool) -> Fleet:
        wanted = self._hosting.config(config)
        named = {spec["VariantName"]: self._variant(spec) for spec in wanted["ProductionVariants"]}
        shadows = {spec["VariantName"]: self._variant(spec) for spec in wanted.get("ShadowProductionVariants", ())}
        return Fleet(
            config,
            named,
            self._clock.now,
            from_update,
            capture=wanted.get("DataCaptureConfig"),
            shadows=shadows,
            asynchronous=wanted.get(ASYNC),
        )

    def _encrypt(self, fleet: Fleet, caller: Caller) -> None:
        """Of the volumes of a fleet that is to come up."""
        if key := self._hosting.config(fleet.config).get("KmsKeyId"):
            self._keys.grant(caller, key)

    def _variant(self, spec: Mapping[str, Any]) -> Variant:
        model = spec.get("ModelName")
        weight = float(spec.get("InitialVariantWeight", 1.0))
        count = None if "ServerlessConfig" in spec else int(spec["InitialInstanceCount"])
        return Variant(
            name=spec["VariantName"],
            spec=spec,
            sources=self._hosting.sources(model) if model else (Source("", "", ""),),
            direct=self._hosting.is_direct(model) if model else False,
            weight=weight,
            desired_weight=weight,
            instances=count,
            desired_instances=count,
            serverless=spec.get("ServerlessConfig"),
            desired_serverless=spec.get("ServerlessConfig"),
        )

    def _plan(self, deployment: Mapping[str, Any], live: Fleet, fleet: Fleet) -> strategies.Strategy:
        if deployment and fleet.serverless:
            if self._options.serverless_guardrails == "refused":
                raise refusals.invalid("DeploymentConfig is not supported for serverless endpoints.")
            deployment = {}
        if problem := strategies.refusal(deployment, fleet):
            raise refusals.invalid(problem)
        if deployment and set(live.variants) != set(fleet.variants) and self._options.other_variant_names == "refused":
            raise refusals.invalid("A DeploymentConfig needs an endpoint config with the variant names in service.")
        plan = strategies.strategy(deployment, live, fleet, exact_percent=self._options.canary_share == "percent")
        refusals.check_alarms(plan.alarms, self._around.alarm_state, self._options)
        return plan

    def _check_autoscaled(self, endpoint: Endpoint, fleet: Fleet) -> None:
        live = endpoint.live
        assert live is not None
        stuck = [
            name
            for name, variant in live.variants.items()
            if self._autoscaling.holds(endpoint.name, name)
            and (name not in fleet.variants or _type(fleet.variants[name]) != _type(variant))
        ]
        if stuck:
            raise refusals.registered_as_scalable(stuck)

    def _lag(self, endpoint: Endpoint) -> None:
        """A change is accepted. For a while the endpoint may be described as it was before (option describe_lag)."""
        if self._options.describe_lag != "none":
            self._told[endpoint.name] = (self._described(endpoint), self._clock.now + DESCRIBE_LAG)

    def _begin(self, life: Life) -> None:
        lifecycle.drive(self._clock, life)

    def rerouting(self, name: str) -> None:
        """Tells the watchers that an endpoint's routes are about to change."""
        for watcher in self._watchers:
            watcher(name)

    def _say(self, endpoint: Endpoint) -> None:
        detail = views.state_detail(endpoint)
        if self._options.endpoint_events == "as captured":
            detail = {name: each for name, each in detail.items() if name != "EndpointConfigName"}
            detail["FailureReason"] = None
        self._emit("aws.sagemaker", "SageMaker Endpoint State Change", detail, [endpoint.arn])

    def _say_stage(self, endpoint: Endpoint) -> None:
        detail = views.deployment_detail(endpoint)
        self._emit("aws.sagemaker", "SageMaker Endpoint Deployment State Change", detail, [endpoint.arn])

    def _forget(self, endpoint: Endpoint) -> None:
        del self._endpoints[endpoint.name]
        self._tags.gone(endpoint.arn)


def _type(variant: Variant) -> str:
    return str(variant.spec.get("InstanceType", "serverless"))


def _retain(live: Fleet, fleet: Fleet, excluded: set[str]) -> None:
    """Live weights and counts survive for variants of the same name (botocore UpdateEndpoint)."""
    for name, variant in fleet.variants.items():
        before = live.variants.get(name)
        if before and "DesiredWeight" not in excluded:
            variant.weight = variant.desired_weight = before.desired_weight
        if before and "DesiredInstanceCount" not in excluded and variant.instances is not None:
            variant.instances = variant.desired_instances = before.desired_instances
