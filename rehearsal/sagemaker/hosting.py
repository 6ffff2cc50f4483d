"""Models and endpoint configurations: the immutable things that endpoints are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rehearsal.aws import Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker import asynchronous, multimodel, refusals, serverless, several
from rehearsal.sagemaker.containers import Containers
from rehearsal.sagemaker.listing import listed
from rehearsal.sagemaker.names import Emit, Names
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.registry import Registry
from rehearsal.sagemaker.tags import Tags


@dataclass(frozen=True)
class Made:
    """A model or configuration as it was requested, and when (virtual epoch seconds)."""

    arn: str
    request: Mapping[str, Any]
    created: float


@dataclass(frozen=True)
class Source:
    """A container of a model, and as which `role` it runs: an image and an artifact, given outright or by a registered
    version. `hostname`: by which requests and messages name it, where the model has several."""

    image: str
    image_digest: str
    model_data: str
    role: str = ""
    etag: str = ""  # that the artifact must have
    shared: bool = False  # whether `model_data` is a prefix, of which a request names one model
    keeps: bool = True  # whether such a container keeps what it has loaded
    hostname: str = ""


class Hosting:
    """Models and endpoint configurations by name."""

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        names: Names,
        options: Options,
        registry: Registry,
        containers: Containers,
        tags: Tags,
    ) -> None:
        self._clock, self._emit, self._names, self._options, self._tags = clock, emit, names, options, tags
        self._registry, self._containers = registry, containers
        self._models: dict[str, Made] = {}
        self._configs: dict[str, Made] = {}

    def config(self, name: str) -> Mapping[str, Any]:
        """An endpoint configuration as requested. Raises AwsError when it does not exist."""
        return self._found(self._configs, "endpoint configuration", "endpoint-config", name).request

    def known(self, model: str) -> bool:
        """Whether there is such a model."""
        return model in self._models

    def sources(self, model: str) -> tuple[Source, ...]:
        """What a model runs. Raises AwsError when the model, or the version it came from, does not exist."""
        return self._sources(self._found(self._models, "model", "model", model).request)

    def is_direct(self, model: str) -> bool:
        """Whether requests name one of its containers."""
        request = self._found(self._models, "model", "model", model).request
        return bool(request.get("InferenceExecutionConfig", {}).get("Mode") == "Direct")

    def create_model(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Each container by Image and ModelDataUrl, or all by ModelPackageName (docs: model-registry-deploy)."""
        name = request["ModelName"]
        arn = self._names.arn("model", name)
        if name in self._models:
            raise refusals.exists("model", arn)
        if problem := several.problem(request) or multimodel.problem(request.get("PrimaryContainer", {})):
            raise refusals.invalid(problem)
        for source in self._sources(request):
            self._check_data(source)
        self._models[name] = Made(arn, dict(request), self._clock.now)
        self._tags.made(arn, request)
        self._announce_model(name)
        return {"ModelArn": arn}

    def _check_data(self, source: Source) -> None:
        if source.shared:
            self._check_prefix(source.model_data)
        elif self._options.missing_artifact == "refused":
            try:
                self._containers.artifact(source.model_data)
            except LookupError:
                raise refusals.invalid(f"Could not find model data at {source.model_data}.") from None
        if source.etag and source.etag != (self._containers.etag(source.model_data) or source.etag):
            raise refusals.invalid(f"The ETag of the model data at {source.model_data} is not {source.etag}.")

    def _check_prefix(self, prefix: str) -> None:
        """Whether there must be a model already is not documented (option empty_prefix)."""
        if self._options.empty_prefix == "refused" and not self._containers.any_under(prefix):
            raise refusals.invalid(f"Could not find model data at {prefix}.")

    def describe_model(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        made = self._found(self._models, "model", "model", request["ModelName"])
        described = {key: value for key, value in made.request.items() if key != "Tags"}
        described.setdefault("EnableNetworkIsolation", False)  # of a Boolean the answer says always which
        return described | {"ModelArn": made.arn, "CreationTime": self._clock.datetime(made.created)}

    def list_models(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        def summary(name: str, made: Made) -> dict[str, Any]:
            return {"ModelName": name, "ModelArn": made.arn, "CreationTime": self._clock.datetime(made.created)}

        return listed(request, self._models, "Models", summary)

    def delete_model(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Deletes the entry only: what runs keeps running (botocore DeleteModel)."""
        name = request["ModelName"]
        self._found(self._models, "model", "model", name)
        self._announce_model(name)
        self._tags.gone(self._models.pop(name).arn)
        return {}

    def create_endpoint_config(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Variants of models that exist. Weights default to 1 (botocore ProductionVariant)."""
        name = request["EndpointConfigName"]
        arn = self._names.arn("endpoint-config", name)
        if name in self._configs:
            raise refusals.exists("endpoint configuration", arn)
        _check_variants(request)
        variants = request["ProductionVariants"] + request.get("ShadowProductionVariants", [])
        named = [variant["ModelName"] for variant in variants if "ModelName" in variant]
        models = [self._found(self._models, "model", "model", name).request for name in named]
        _check_network(request, bool(named))
        if (
            problem := serverless.problem(request, models)
            or asynchronous.problem(request)
            or _of_metrics(request)
            or _of_shadows(request, models)
        ):
            raise refusals.invalid(problem)
        if len({_network(model) for model in models}) > 1 and self._options.mixed_networks == "refused":
            raise refusals.invalid("All models of an endpoint configuration must have the same VpcConfig.")
        self._configs[name] = Made(arn, dict(request), self._clock.now)
        self._tags.made(arn, request)
        detail = {
            "EndpointConfigName": name,
            "EndpointConfigArn": arn,
            "ProductionVariants": request["ProductionVariants"],
            "CreationTime": int(self._clock.now * 1000),
            "Tags": {},
        }
        self._emit("aws.sagemaker", "SageMaker Endpoint Config State Change", detail, [arn])
        return {"EndpointConfigArn": arn}

    def describe_endpoint_config(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        made = self._found(self._configs, "endpoint configuration", "endpoint-config", request["EndpointConfigName"])
        described = {key: value for key, value in made.request.items() if key != "Tags"}
        return described | {"EndpointConfigArn": made.arn, "CreationTime": self._clock.datetime(made.created)}

    def list_endpoint_configs(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        def summary(name: str, made: Made) -> dict[str, Any]:
            created = self._clock.datetime(made.created)
            return {"EndpointConfigName": name, "EndpointConfigArn": made.arn, "CreationTime": created}

        return listed(request, self._configs, "EndpointConfigs", summary)

    def delete_endpoint_config(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Accepted even in use, which breaks that endpoint's next update (terraform-provider-aws #48997)."""
        name = request["EndpointConfigName"]
        self._found(self._configs, "endpoint configuration", "endpoint-config", name)
        self._tags.gone(self._configs.pop(name).arn)
        return {}

    def _found(self, held: Mapping[str, Made], kind: str, arn_kind: str, name: str) -> Made:
        if name not in held:
            raise refusals.unknown(kind, self._names.arn(arn_kind, name))
        return held[name]

    def _sources(self, request: Mapping[str, Any]) -> tuple[Source, ...]:
        containers = list(self._written(request))
        role, names = request.get("ExecutionRoleArn", ""), several.hostnames(containers)
        found = (self._source(each, role) for each in containers)
        if len(containers) < 2:
            return tuple(found)
        return tuple(replace(each, hostname=name) for each, name in zip(found, names, strict=True))

    def _written(self, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The containers of a request, with those that its model package lists."""
        for container in request.get("Containers") or [request.get("PrimaryContainer", {})]:
            if "ModelPackageName" not in container:
                yield container
                continue
            package = self._registry.find(container["ModelPackageName"])
            if package.approval != "Approved" and self._options.unapproved_package == "refused":
                raise refusals.invalid(
                    f"Cannot create a model from ModelPackage {package.arn}: "
                    f"its approval status is {package.approval}, not Approved."
                )
            more = {key: value for key, value in container.items() if key != "ModelPackageName"}
            yield from ({**each, **more} for each in package.containers)

    def _source(self, container: Mapping[str, Any], role: str) -> Source:
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        if source and "ModelDataUrl" in container:
            raise refusals.invalid("A container has a ModelDataUrl or a ModelDataSource, not both.")
        data = container.get("ModelDataUrl") or source.get("S3Uri", "")
        etag = source.get("ETag", "") if self._options.model_etag == "checked" else ""
        image, digest = container.get("Image", ""), container.get("ImageDigest", "")
        shared = container.get("Mode") == multimodel.MULTI
        return Source(image, digest, data, role, etag, shared, multimodel.keeps_models(container))

    def _announce_model(self, name: str) -> None:
        """Created and deleted send the same event (docs: automating-sagemaker-with-eventbridge, Model state change)."""
        made = self._models[name]
        kept = {key: made.request[key] for key in ("ExecutionRoleArn", "PrimaryContainer") if key in made.request}
        detail = kept | {
            "ModelName": name,
            "ModelArn": made.arn,
            "CreationTime": int(made.created * 1000),
            "Tags": {},
        }
        self._emit("aws.sagemaker", "SageMaker Model State Change", detail, [made.arn])


def _network(model: Mapping[str, Any]) -> tuple[Any, ...]:
    vpc = model.get("VpcConfig", {})
    ids = (tuple(sorted(vpc.get(name, ()))) for name in ("Subnets", "SecurityGroupIds"))
    return (*ids, bool(model.get("EnableNetworkIsolation")))


def _check_network(request: Mapping[str, Any], of_models: bool) -> None:
    """A config whose variants name models has no network of its own; only one of inference components has
    (terraform-provider-aws #48738, #48884). Messages in our words."""
    for name in ("VpcConfig", "EnableNetworkIsolation"):
        if request.get(name) and of_models:
            raise refusals.invalid(f"{name} cannot be specified where production variants have a ModelName.")


def _of_metrics(request: Mapping[str, Any]) -> str:
    """botocore MetricsConfig.MetricPublishFrequencyInSeconds, "Valid values". In our words."""
    frequency = request.get("MetricsConfig", {}).get("MetricPublishFrequencyInSeconds", 60)
    valid = frequency in _FREQUENCIES
    return "" if valid else f"MetricPublishFrequencyInSeconds {frequency} is not one of {_FREQUENCIES}."


def _of_shadows(request: Mapping[str, Any], models: list[Mapping[str, Any]]) -> str:
    """docs: shadow-tests-create, the note under Prerequisites; that it holds for plain configs is the harsher reading.
    In our words."""
    several_containers = any(len(model.get("Containers", ())) > 1 for model in models)
    shadowed = request.get("ShadowProductionVariants") and several_containers
    return "Shadow variants are not supported on multi-container endpoints." if shadowed else ""


_FREQUENCIES = (10, 30, 60, 120, 180, 240, 300)


def _check_variants(request: Mapping[str, Any]) -> None:
    """Messages in our words."""
    variants = request["ProductionVariants"]
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        raise refusals.invalid("Production variant names must be unique within an endpoint configuration.")
    hosts = [variant for variant in variants if "ModelName" not in variant]
    if hosts and (len(variants) > 1 or not request.get("ExecutionRoleArn")):
        # botocore CreateEndpointConfig.ExecutionRoleArn: "required for endpoints with inference components"
        raise refusals.invalid("A variant without ModelName is alone, and its configuration has an ExecutionRoleArn.")
    if any("ServerlessConfig" in variant for variant in hosts) or (hosts and "AsyncInferenceConfig" in request):
        raise refusals.invalid("Inference components are hosted on real-time endpoints with instances.")
    for variant in variants:
        if "ServerlessConfig" not in variant and not variant.get("InitialInstanceCount"):
            raise refusals.invalid(f"InitialInstanceCount of variant {variant['VariantName']} must be at least 1.")
    shadows = request.get("ShadowProductionVariants", [])
    if shadows and (len(shadows) > 1 or len(variants) > 1):
        # botocore CreateEndpointConfig.ShadowProductionVariants
        raise refusals.invalid("Shadow mode takes exactly one production variant and one shadow variant.")
    if any(spec["VariantName"] in names for spec in shadows):
        raise refusals.invalid("A shadow variant needs a name of its own.")
    if shadows and any(spec.get("InstanceType", "").startswith("ml.inf1.") for spec in (*variants, *shadows)):
        # docs: shadow-tests-exclusions; that it holds for plain configs is the harsher reading
        raise refusals.invalid("Shadow variants are not supported on Inf1 instances.")
