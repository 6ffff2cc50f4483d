"""A plan can be read for any policy that is right; of one that is wrong it is said what is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rehearsal.__main__ import main

ROOT = Path(__file__).parents[3]


@pytest.fixture
def churn(tmp_path: Path) -> Path:
    """The policy that the manual shows: an alarm of the team's own, and a smoke test that no digit model can read."""
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "docs/policy.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown and "alarms:" in shown[1] and "smoke:" in shown[1]
    file = tmp_path / "churn.yaml"
    file.write_text(shown[1], encoding="utf-8")
    return file


def test_the_manuals_policy_has_a_plan(churn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["plan", str(churn), "--version", "2", "--live", "1"])

    told = capsys.readouterr().out
    assert status == 0, told
    assert told.splitlines()[:2] == [
        "Assumed: alarm churn-business-kpi exists and is OK.",
        "Assumed: version 1 is live on endpoint churn and healthy.",
    ]
    assert "Proceed  canary by variant weights" in told
    assert "- churn-business-kpi" in told and "Body: 41,0,1,220" in told


@pytest.mark.parametrize("name", ["arn:aws:kms:eu-west-1:999999999999:key/1", "alias/models", "1234abcd-12ab"])
def test_the_keys_that_a_policy_names_are_assumed(name: str, churn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    churn.write_text(f"{churn.read_text(encoding='utf-8')}protection: {{volume_key: {name}}}\n", encoding="utf-8")
    status = main(["plan", str(churn), "--version", "2", "--live", "1"])

    told = capsys.readouterr().out
    assert status == 0, told
    assert f"Assumed: key {name} is one of the stack's KeyArns." in told


def test_the_gates_that_a_policy_names_are_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    policy = Path(__file__).parents[3] / "scenarios/policies/gated.yaml"
    status = main(["plan", str(policy), "--version", "2", "--live", "1"])

    told = capsys.readouterr().out
    assert status == 0, told
    assert "function:contract-tests is one of the stack's GateFunctionArns." in told
    assert "stateMachine:fairness-review is one of the stack's GateStateMachineArns." in told
    assert "Ask the gate contract-tests, which has 10 min, before the candidate gets 50 %" in told


def test_a_first_release_is_planned_without_an_endpoint(churn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["plan", str(churn), "--version", "1"])

    told = capsys.readouterr().out
    assert status == 0, told
    assert "Assumed: there is no endpoint churn yet." in told and "CreateEndpoint\n" in told


def test_a_wrong_policy_is_refused_with_one_problem_per_line(churn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = churn.read_text(encoding="utf-8")
    churn.write_text(right.replace("bake: 30m", "bake: soon").replace("alarms:", "alarm:"), encoding="utf-8")

    status = main(["plan", str(churn), "--version", "2", "--live", "1"])

    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    assert len(said.err.splitlines()) == 2
    assert all(re.match(rf"{churn}:\d+:\d+: stages\.0\.", line) for line in said.err.splitlines())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"stages: [", "not readable as YAML or JSON"),
        (b"[]", "the document must be a mapping"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"model_package_group: 7", "model_package_group: "),
    ],
)
def test_a_file_that_is_no_policy_is_refused(
    churn: Path, capsys: pytest.CaptureFixture[str], written: bytes, said: str
) -> None:
    churn.write_bytes(written)

    assert main(["plan", str(churn), "--version", "1"]) == 2
    told = capsys.readouterr().err
    assert re.match(rf"{churn}:(\d+:\d+:)? ", told) and said in told


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(tmp_path / "churn.yaml"), "--version", "1"]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'churn.yaml'}: no such file\n"


def test_a_policy_too_long_for_its_parameter_is_refused(churn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    churn.write_text(churn.read_text(encoding="utf-8") + "#" * 5000, encoding="utf-8")

    assert main(["plan", str(churn), "--version", "1"]) == 2
    assert capsys.readouterr().err.startswith(f"{churn}: ")


@pytest.mark.parametrize("wrong", [["--version", "0"], ["--version", "1", "--live", "0"], ["--version", "two"]])
def test_a_version_is_a_number_from_1(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", "policies/digits.yaml", *wrong])

    assert ended.value.code == 2
    assert "is not a version; write its number in the group, 1 or more" in capsys.readouterr().err


def test_the_steps_are_listed_before_their_requests_and_nothing_is_told_twice(
    churn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["plan", str(churn), "--version", "2", "--live", "1"])

    overview, *details = capsys.readouterr().out.split("\n\n")[1:]
    listed = overview.splitlines()
    assert [each.splitlines()[0] for each in details[:-1]] == listed
    bakes = [each.splitlines() for each in details if " Watch the candidate at " in each]
    first = next(number for number, line in enumerate(listed, 1) if " Watch the candidate at 5 %" in line)
    assert [each[1] for each in bakes[1:]] == [f"    Bake as step {first}, at {p} %" for p in (25, 50, 100)]
    assert [each[2:] for each in bakes[1:3]] == [
        ["      split:", f"        candidate: {p}", f"        stable: {100 - p}"] for p in (25, 50)
    ]
    assert details[-1].count("UpdateEndpointWeightsAndCapacities") == 1


def test_a_policy_can_be_checked_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, wrong = ROOT / "policies/digits.yaml", tmp_path / "wrong.yaml"
    wrong.write_text(good.read_text(encoding="utf-8").replace("canary", "canarie"), encoding="utf-8")

    assert main(["check-policy", str(good)]) == 0
    assert "nothing is wrong. It releases digits to digits." in capsys.readouterr().out
    assert main(["check-policy", str(wrong)]) == 2
    told = capsys.readouterr().err
    assert re.match(rf"{wrong}:\d+:\d+: stages\.0\.strategy\.kind: ", told) and "did you mean canary?" in told


def test_a_plan_says_what_its_traffic_is_too_little_for(capsys: pytest.CaptureFixture[str]) -> None:
    digits = str(ROOT / "policies/digits.yaml")
    assert main(["plan", digits, "--version", "2", "--live", "1", "--rps", "2"]) == 0
    told = capsys.readouterr().out
    assert "not decided: server error rate max, p99 latency max; then: roll_back" in told
    assert re.search(r"p99_latency: a bake of \S+ \S+ would do, or max: \S+ms would do", told)
    assert re.search(r"All bakes together take \dh", told)

    assert main(["plan", digits, "--version", "2", "--live", "1", "--rps", "50"]) == 0
    assert "not decided" not in capsys.readouterr().out

    with pytest.raises(SystemExit):
        main(["plan", digits, "--version", "2", "--rps", "none"])
    assert "write requests a second, for example 2 or 0.5" in capsys.readouterr().err
