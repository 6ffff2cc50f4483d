"""What serves on an endpoint after a failure, and what to do about it."""

from __future__ import annotations

from interlock.model.aws_errors import says_not_found, told
from interlock.model.observation import BATCH, COMPONENT, Endpoint, read_served
from interlock.model.reasons import Outcome, Reason
from interlock.model.request import Request

_SILENT = frozenset({"Creating", "Deleting", "Failed", "OutOfService"})
"""Statuses in which an endpoint answers no request (botocore DescribeEndpointOutput.EndpointStatus)."""


def serving(name: str, version: int, facts: Request, seen: Request) -> str:
    """Who serves now on the endpoint called ``name``, as far as ``seen``, the answer of DescribeEndpoint, says it.
    ``facts``: of the plan that released ``version``, empty if there was none."""
    if "found" not in seen:
        return _unseen(name, seen)
    endpoint = read_served(seen["found"])
    status = "" if endpoint.status == "InService" else f" (it is {endpoint.status})"
    if endpoint.kind == COMPONENT:  # whether the copies of a Failed one still answer is not documented
        return f"Now {endpoint.named}{status} has {endpoint.capacity}{_model(name, version, facts, endpoint)}."
    if endpoint.kind == BATCH:
        return (
            f"Now callers of {endpoint.named} are told model {endpoint.config}{_model(name, version, facts, endpoint)}."
        )
    if endpoint.status in _SILENT or not endpoint.variants:
        return f"Nothing serves on {endpoint.named}{status}."
    shares = ", ".join(
        f"{variant} has {share:g} % of the traffic{_model(variant, version, facts, endpoint)}"
        for variant, share in endpoint.shares().items()
    )
    return f"Now on endpoint {name}{status}: {shares}."


def serves_candidate(facts: Request, seen: Request) -> bool | None:
    """Whether the candidate has traffic, by the answer of DescribeEndpoint and the plan's facts; None if they do not
    tell."""
    endpoint = read_served(seen["found"]) if "found" in seen else None
    if endpoint is None or endpoint.status != "InService":
        return None
    if endpoint.config == facts.get("transition_config"):
        return endpoint.shares().get(facts["candidate_variant"], 0.0) > 0
    return {facts.get("stable_config"): False, facts.get("final_config"): True}.get(endpoint.config)


def delivered(which: str, endpoint: str, facts: Request) -> str:
    """That a version is live, which is named as in ``which``."""
    if "batch" in facts:
        model = facts["final_config"]
        return f"{which} is live in batch {endpoint}: callers are told to start transform jobs with {model}."
    gone = ", and the version that stood by is removed" if "standby" in facts else ""
    return f"{which} is live on {endpoint} with all traffic{gone}."


def as_before(facts: Request) -> str:
    """What a release left that was rolled back."""
    return "Callers are told the same model as before." if "batch" in facts else "The endpoint is as it was before."


def to_do(ended: str, reason: Reason, endpoint: str) -> str:
    """What a person should do about a release that ``ended`` so."""
    if ended == "Abandoned":
        return (
            f"No release of endpoint {endpoint} can begin. Put the endpoint right, then delete the attribute"
            " holder of its CONTROL item in the ledger, and release the version that should be live."
        )
    return _TO_DO.get(reason, "Send all traffic where it should go, then release the version that should be live.")


_TO_DO = {
    Reason.ENDPOINT_MOVED: "Decide what should be live, and release that version.",
    Reason.ENDPOINT_STUCK: "Open a support case with AWS; when the endpoint has settled, release the version again.",
    Reason.ENDPOINT_FAILED: "Delete the endpoint, and release the version that should be live.",
    Reason.LEASE_LOST: "See how the release that holds the endpoint now ends.",
}


def _unseen(name: str, seen: Request) -> str:
    if says_not_found(seen) and "Parameter" in seen["error"]:
        return f"Callers of batch {name} are told no model: there is no parameter."
    if says_not_found(seen):
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


def unremoved(facts: Request, outcome: Outcome, reason: Reason) -> list[str]:
    """Nothing is removed after a failure: what still serves may need it. Whoever has the lease now sees to his own."""
    made = facts.get("made", ()) if outcome is Outcome.FAILED and reason is not Reason.LEASE_LOST else ()
    names = ", ".join(f"{thing['kind']} {thing['name']}" for thing in made)
    return [f"As far as they were made: {names}. Delete what nothing uses."] if names else []
