"""Models of several containers: a request passes through all of them in order, or reaches the one that it names.

Sources: docs: inference-pipelines, inference-pipeline-real-time, multi-container-create, multi-container-direct,
multi-container-metrics; botocore ContainerDefinition.ContainerHostname, InferenceExecutionConfig, InvokeEndpoint.
Messages in our words where no source is named.

What this hides: the memory and the CPU that containers take from each other, and the metrics of each container
(dimension ContainerName) beside those of the variant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rehearsal.sagemaker.containers import Container, Reply
from rehearsal.sagemaker.handlers import CSV


class Serial(Container):
    """An inference pipeline: what one container answers is what the next is asked."""

    def __init__(self, containers: Mapping[str, Container]) -> None:
        self._containers = containers
        self._known, self._one_by_one = {}, False

    def answer(self, body: bytes, content_type: str = CSV, accept: str = CSV) -> Reply:
        """The last one's answer, or the first that is an error. Only the last is told what the caller accepts."""
        *before, last = self._containers.values()
        for container in before:
            reply = container.answer(body, content_type)
            if reply.status != 200:
                return reply
            body, content_type = reply.body, reply.content_type
        return last.answer(body, content_type, accept)


class Direct(Container):
    """Containers of which each request names one."""

    def __init__(self, containers: Mapping[str, Container]) -> None:
        self.named = containers


def hostnames(containers: list[dict[str, Any]]) -> list[str]:
    """By which messages name them: "a unique name is automatically assigned based on the position" (botocore
    ContainerHostname), container-2 for the second (aws/amazon-sagemaker-examples #1072)."""
    return [each.get("ContainerHostname") or f"container-{place}" for place, each in enumerate(containers, start=1)]


def problem(request: Mapping[str, Any]) -> str:
    """Why a CreateModel request with these containers is refused, or ""."""
    containers = request.get("Containers", [])
    names = [each["ContainerHostname"] for each in containers if each.get("ContainerHostname")]
    direct = request.get("InferenceExecutionConfig", {}).get("Mode") == "Direct"
    multi = sum(each.get("Mode") == "MultiModel" for each in containers)
    wrong = {
        "Specify either PrimaryContainer or Containers.": bool(containers) == ("PrimaryContainer" in request),
        # OElesin/sagemaker-autopilot-step-functions #10
        "More than one container in MultiModel mode is not supported with inference pipeline.": multi > 1,
        "A multi-model container beside others is not simulated.": multi == 1 and len(containers) > 1,
        "Container hostnames must be unique within a model.": any(each > 1 for each in Counter(names).values()),
        "ContainerHostname must be specified for every container, or for none.": 0 < len(names) < len(containers) > 1,
        "Direct mode takes more than one container.": direct and len(containers) < 2,
        "Direct mode needs a ContainerHostname of every container.": direct and len(names) < len(containers),
    }
    return next((said for said, stands in wrong.items() if stands), "")
