"""InvokeEndpoint, really answered by the model behind it. (A scenario's traffic is served in batches instead.)"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker.capture import Asked, Capture
from rehearsal.sagemaker.components import of_component, unnamed
from rehearsal.sagemaker.containers import Unhealthy
from rehearsal.sagemaker.endpoints import Endpoints
from rehearsal.sagemaker.fleets import Route
from rehearsal.sagemaker.measurements import Publish, Served, report
from rehearsal.sagemaker.multimodel import Named, SharedContainer
from rehearsal.sagemaker.names import Names
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.several import Direct

_OVERHEAD_US = 1_500.0


class SageMakerRuntime:
    """The service simulator "sagemaker-runtime"."""

    def __init__(
        self, clock: Clock, endpoints: Endpoints, publish: Publish, names: Names, options: Options, capture: Capture
    ) -> None:
        self._capture = capture
        self._clock, self._endpoints, self._publish = clock, endpoints, publish
        self._names, self._options = names, options
        self._random = clock.random("sagemaker-runtime")

    def invoke_endpoint(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """By weight, or by TargetVariant, which reaches a variant of weight 0 too (docs: model-ab-testing).

        Errors: ValidationError when endpoint or variant is not there (aws/amazon-sagemaker-examples #293), ModelError
        when the endpoint is asynchronous (docs: async-inference; public code quotes the end of the message), ModelError
        when the container answers anything but 200 (aws/amazon-sagemaker-examples #407, #4324). A multi-model endpoint
        needs a TargetModel (aws/sagemaker-tensorflow-serving-container #166), and no other takes one
        (aws/amazon-sagemaker-examples #1026).
        """
        name, target = request["EndpointName"], request.get("TargetVariant")
        known = self._endpoints.routes(name)
        if not known:
            raise _refused("ValidationError", f"Endpoint {name} of account {self._names.account} not found.")
        known = of_component(known, request.get("InferenceComponentName", ""))
        if not known:
            raise unnamed(request.get("InferenceComponentName", ""))
        if known[0].asynchronous is not None:
            said = f"Endpoint {name} of account {self._names.account} does not support this inference type."
            raise _refused("ValidationError", said)
        self._check_named(known[0], request)
        candidates = [route for route in known if target in (None, route.variant)]
        if not candidates:
            raise _refused("ValidationError", f"Variant {target} not found for endpoint {name}.")
        if target is None and not any(route.share for route in candidates):
            raise _refused("ServiceUnavailable", f"No variant of endpoint {name} takes traffic.", 503)
        shares = [route.share for route in candidates]
        (route,) = self._random.choices(candidates, shares if any(shares) else None)
        self._check_container(route, request)
        loading: tuple[float, ...] = ()
        if isinstance(route.container, Direct):
            route = replace(route, container=route.container.named[request["TargetContainerHostname"]])
        if isinstance(route.container, SharedContainer):
            named = self._named(route.container, request["TargetModel"])
            loading = () if named.waited_us is None else (named.waited_us,)
            route = replace(route, container=named.container)
        return self._answer(route, request, loading)

    def _check_named(self, route: Route, request: dict[str, Any]) -> None:
        if route.names_models and "TargetModel" not in request:
            raise _refused("ValidationError", "The request is missing a target model header.")
        if "TargetModel" in request and not route.names_models:
            said = f"Endpoint {route.endpoint} is not a multi-model endpoint and does not support target model header."
            raise _refused("ValidationError", said)

    def _check_container(self, route: Route, request: dict[str, Any]) -> None:
        """Each of these is "a validation error" (docs: multi-container-direct); messages in our words."""
        named, asked = isinstance(route.container, Direct), request.get("TargetContainerHostname")
        if named and asked is None:
            raise _refused("ValidationError", "The request is missing a target container hostname header.")
        if asked is not None and not named:
            said = f"Endpoint {route.endpoint} does not support target container hostname header."
            raise _refused("ValidationError", said)
        if isinstance(route.container, Direct) and asked not in route.container.named:
            said = f"Container {asked} not found for endpoint {route.endpoint}."
            raise _refused("ValidationError", said)

    def _named(self, container: SharedContainer, key: str) -> Named:
        """Errors: ModelNotReadyException, and what the container says of a key that it cannot load."""
        late = self._options.first_named == "ModelNotReadyException"
        if late and not container.ready(key, self._clock.now):
            said = f"Model {key} is not ready for inference. Please try again later."
            raise _refused("ModelNotReadyException", said, 429)
        try:
            return container.named(key, self._options.model_loading_seconds)
        except Unhealthy as reason:
            if self._options.missing_named == "ValidationError":
                raise _refused("ValidationError", str(reason)) from reason
            said = f'Received client error (404) from primary with message "{reason}".'
            raise _refused("ModelError", said, 424) from reason

    def _answer(self, route: Route, request: dict[str, Any], loading: tuple[float, ...]) -> dict[str, Any]:
        content_type = request.get("ContentType", "text/csv")
        reply = route.container.answer(request["Body"], content_type, request.get("Accept", "text/csv"))
        served = Served(
            requests=1,
            client_errors=int(400 <= reply.status < 500),
            server_errors=int(reply.status >= 500),
            model_us=[self._options.invocation_latency_us],
            overhead_us=[_OVERHEAD_US],
            loading_us=loading,
        )
        asked, now = Asked(request["Body"], content_type, request.get("InferenceId", "")), self._clock.now
        self._capture.keep(route, now, now, [asked], [reply])
        every_fleet = self._options.config_metrics == "every fleet"
        report(self._publish, route, now, served, every_fleet=every_fleet)
        if reply.status != 200:
            side, region = ("client" if reply.status < 500 else "server"), self._names.region
            raise _refused(
                "ModelError",
                f'Received {side} error ({reply.status}) from primary with message "{reply.body.decode()}". See '
                f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group="
                f"/aws/sagemaker/Endpoints/{route.endpoint} in account {self._names.account} for more information.",
                424,
            )
        return {"Body": reply.body, "ContentType": reply.content_type, "InvokedProductionVariant": route.variant}


def _refused(code: str, message: str, status: int = 400) -> AwsError:
    return AwsError("sagemaker-runtime", code, message, status)
