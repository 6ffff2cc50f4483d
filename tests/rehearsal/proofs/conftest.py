"""The scenarios, played once per session for whoever asks, and all that were asked for played at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from tests.rehearsal.proofs.rehearsals import Rehearsals


@pytest.fixture(scope="session")
def rehearsals(request: pytest.FixtureRequest) -> Iterator[Rehearsals]:
    asking = [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and "rehearsals" in item.fixturenames
    ]
    with Rehearsals(evaluate_again=any(item.get_closest_marker("conformance") for item in asking)) as found:
        for begin, harsh in ((found.begin, False), (found.begin_harshly, True)):
            begin(_scenarios(item for item in asking if (item.get_closest_marker("harsh") is not None) == harsh))
        yield found


def _scenarios(items: Iterable[pytest.Function]) -> Iterator[str]:
    calls = (item.callspec.params for item in items if hasattr(item, "callspec"))
    return (str(parameters["scenario"]) for parameters in calls if "scenario" in parameters)
