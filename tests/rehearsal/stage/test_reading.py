"""A scenario file that is wrong says where, in which field, and what would be right."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from rehearsal.scenario.acts import Approve
from rehearsal.scenario.expectations.account import EndpointServes
from rehearsal.scenario.reading import ScenarioError, read_scenario

GOOD = """\
scenario: first
about: A model is approved and served.
start: 2026-01-05T09:00:00Z
lasts: 1h30m
timeline:
  - {at: 0m, register: {group: digits, model: plain}}
  - {at: 1m, approve: {group: digits, version: 1}}
expect:
  - {endpoint: digits, serves: 1, share: 100%}
endpoints: [{name: digits}]
"""


def problems(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "s.yaml"
    file.write_text(dedent(text), encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        read_scenario(file)
    return [problem.removeprefix(str(file)) for problem in raised.value.problems]


def test_a_good_file_is_read_with_durations_and_shares_as_numbers(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(GOOD, encoding="utf-8")

    scenario = read_scenario(file)

    assert scenario.lasts == 5400
    assert [step.at for step in scenario.timeline] == [0, 60]
    assert isinstance(scenario.timeline[1], Approve) and scenario.timeline[1].approve.version == 1
    assert isinstance(scenario.expect[0], EndpointServes) and scenario.expect[0].share == 1.0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            "lasts: 1h30m>lasts: 2 hours",
            ":4: lasts: '2 hours' is not a duration; write for example 90s, 5m, 1h30m or 2d",
        ),
        ("lasts:>last:", ":4: last: unknown field; did you mean lasts? Known: scenario, about, seed"),
        ("approve:>aprove:", ":7: timeline[1]: none of the fields at, aprove names a step; did you mean approve?"),
        (
            "version: 1}}>versoin: 1}}",
            ":7: timeline[1].approve.versoin: unknown field; did you mean version? Known: gr",
        ),
        (", version: 1}}>}}", ":7: timeline[1].approve.version: is missing"),
        ("100%>120%", ":9: expect[0].share: '120%' is not a share; write for example 25%, or a number from 0 to 1"),
        (
            "model: plain>model: plane",
            ":6: timeline[0].register.model: no model plane; did you mean plain? Known: plain, better, broken, crash",
        ),
        ("at: 1m>at: 91m", ":7: timeline[1].at: 1h 31m is after the end; the scenario lasts 1h 30m"),
        (
            "expect:>faults: [{service: sage-maker, operation: X, error: {code: X}}]\nexpect:",
            ":8: faults[0].service: AWS has no service sage-maker; did you mean sagemaker?",
        ),
        (
            "expect:>faults: [{service: sagemaker, operation: UpdateEndpiont, error: {code: X}}]\nexpect:",
            ":8: faults[0].operation: sagemaker has no operation UpdateEndpiont; did you mean UpdateEndpoint?",
        ),
        (
            "{name: digits}>{name: digits, model: nice}",
            ":10: endpoints[0].model: no model nice. Known: plain, better, broken, crash",
        ),
        ("timeline:>policies: [p/weights.yaml]\ntimeline:", ":5: policies[0]: no file p/weights.yaml beside the sc"),
        ("timeline:>policies: [{stages: []}]\ntimeline:", ":5: policies[0]: the policy names no model_package_group"),
        (
            "approve: {group: digits, version: 1}>put_policy: {group: digits, file: p.yaml}",
            ":7: timeline[1].put_policy.file: no file p.yaml beside the scenario",
        ),
        (
            "{endpoint: digits>{endpoint: digit",
            ":9: expect[0].endpoint: no endpoint digit; did you mean digits? Known: d",
        ),
        (
            "expect:>traffic: [{endpoint: churn}]\nexpect:",
            ":8: traffic[0].endpoint: no endpoint churn. Known: digits",
        ),
        ("endpoints: [{name: digits}]>", ":9: expect[0].endpoint: no endpoint digits. The scenario has none."),
        ("{at: 0m, >{at: 0m, at: 1m, ", ":6: at: written twice in one mapping"),
        ("model: plain>model: [", ":6: not valid YAML: "),
    ],
)
def test_an_error_names_line_and_field_and_what_would_be_right(tmp_path: Path, wrong: str, said: str) -> None:
    before, after = wrong.split(">")

    found = problems(tmp_path, GOOD.replace(before, after))

    assert found[0].startswith(said), found


def test_all_errors_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD.replace("1h30m", "soon").replace("100%", "all"))

    assert [each.split(" ")[0] for each in found] == [":4:", ":9:"]


def test_a_file_that_is_not_there_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read: No such file"):
        read_scenario(tmp_path / "nowhere.yaml")


def test_an_empty_file_says_what_a_scenario_is(tmp_path: Path) -> None:
    assert problems(tmp_path, "")[0].startswith(":1: a scenario is a mapping with the fields scenario, about")
