"""What serves on an endpoint, in a sentence."""

from __future__ import annotations

from interlock.model.aws_errors import NOT_FOUND, told
from interlock.model.observation import Endpoint, read_endpoint
from interlock.model.request import Request

_SILENT = frozenset({"Creating", "Deleting", "Failed", "OutOfService"})
"""Statuses in which an endpoint answers no request (botocore DescribeEndpointOutput.EndpointStatus)."""


def serving(name: str, version: int, facts: Request, seen: Request) -> str:
    """Who serves now on the endpoint called ``name``, as far as ``seen``, the answer of DescribeEndpoint, says it.
    ``facts``: of the plan that released ``version``, empty if there was none."""
    if "found" not in seen:
        return _unseen(name, seen)
    endpoint = read_endpoint(seen["found"])
    status = "" if endpoint.status == "InService" else f" (it is {endpoint.status})"
    if endpoint.status in _SILENT or not endpoint.variants:
        return f"Nothing serves on endpoint {name}{status}."
    shares = ", ".join(
        f"{variant} has {share:g} % of the traffic{_model(variant, version, facts, endpoint)}"
        for variant, share in endpoint.shares().items()
    )
    return f"Now on endpoint {name}{status}: {shares}."


def _unseen(name: str, seen: Request) -> str:
    if NOT_FOUND.search(f"{seen.get('error', '')} {seen.get('cause', '')}"):
        return f"Nothing serves: there is no endpoint {name}."
    why = f" ({told(seen['error'], seen['cause'])})" if "error" in seen else ""
    return f"What serves now on endpoint {name} could not be read{why}."


def _model(variant: str, version: int, facts: Request, endpoint: Endpoint) -> str:
    """Which model a variant runs, where the plan's facts tell it."""
    stable, candidate = f" with the model from before version {version}", f" with version {version}"
    if endpoint.config == facts.get("final_config"):
        return candidate
    if endpoint.config in (facts.get("stable_config"), facts.get("shadow_config")):
        return stable
    if endpoint.config == facts.get("transition_config"):
        return candidate if variant == facts.get("candidate_variant") else stable
    return ""
