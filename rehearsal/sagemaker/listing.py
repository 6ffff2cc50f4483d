"""Lists of models, endpoint configurations, endpoints and inference components, in pages, as SageMaker answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

Request = Mapping[str, Any]
_PAGE = 10  # where MaxResults is not given (botocore ListEndpoints, ListInferenceComponents)


class Listed(Protocol):
    """Whatever is listed; `created` in virtual epoch seconds."""

    @property
    def created(self) -> float: ...


T = TypeVar("T", bound=Listed)


def listed(
    request: Request,
    found: Mapping[str, T],
    under: str,
    summary: Callable[[str, T], dict[str, Any]],
    modified: Callable[[T], float] = lambda each: each.created,
) -> dict[str, Any]:
    """One page of what is `found` by name, under the member `under`: newest first unless SortOrder says Ascending, by
    time of creation. Filters: CreationTimeAfter includes that moment, all others do not (botocore ListEndpoints)."""

    def fits(name: str, each: T) -> bool:
        return (
            request.get("NameContains", "") in name
            and each.created >= _epoch(request, "CreationTimeAfter", each.created)
            and each.created < _epoch(request, "CreationTimeBefore", each.created + 1)
            and modified(each) > _epoch(request, "LastModifiedTimeAfter", modified(each) - 1)
        )

    fitting = [(name, each) for name, each in found.items() if fits(name, each)]
    fitting.sort(key=lambda pair: (pair[1].created, pair[0]), reverse=request.get("SortOrder") != "Ascending")
    return paged(request, under, [summary(name, each) for name, each in fitting])


def paged(request: Request, under: str, summaries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One page, and the token of the next if there is one."""
    every = list(summaries)
    first, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", _PAGE))
    return {under: every[first : first + size]} | (
        {"NextToken": str(first + size)} if len(every) > first + size else {}
    )


def _epoch(request: Request, member: str, otherwise: float) -> float:
    return float(request[member].timestamp()) if member in request else otherwise
