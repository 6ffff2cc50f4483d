"""A short loop, played once: a person asks for a retraining, and what it made, cost and led to is told everywhere."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from rehearsal.playing import rehearse
from rehearsal.report import terminal
from rehearsal.report.pages import write_reports
from rehearsal.report.result import Result, as_json
from rehearsal.scenario.reading import read_scenario

SCENARIOS = Path(__file__).parents[3] / "scenarios"
DATA = "{bucket: models-123456789012, key: churn-train/data/customers.csv, customers: 3000"
SHORT = f"""\
scenario: short-loop
about: A person asks for a retraining soon after the first release.
start: 2026-01-05T09:00:00Z
lasts: 80m
policies: [policies/churn-loop.yaml]
traffic:
  - {{endpoint: churn, requests_per_second: 0.2, data: customers, drifts: [{{from: 30m, to: 31m, drift: prices}}]}}
timeline:
  - {{at: 1m, install_pipeline: {{}}}}
  - {{at: 2m, put_object: {DATA}}}}}
  - {{at: 3m, run_pipeline: {{}}}}
  - {{at: 24m, approve: {{group: churn, version: 1}}}}
  - {{at: 35m, put_object: {DATA}, seed: 12}}}}
  - {{at: 36m, operate: {{action: retrain, group: churn}}}}
expect:
  - {{decision: retrain, reason: RemedyChosen, group: churn, signal: person, count: 1}}
  - {{retrainings: 1, group: churn}}
  - {{monitor_runs: 0}}
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("short")
    (folder / "policies").symlink_to(SCENARIOS / "policies")
    (folder / "short-loop.yaml").write_text(SHORT, encoding="utf-8")
    return rehearse(read_scenario(folder / "short-loop.yaml"), SCENARIOS).result


def test_the_expectations_of_the_loop_hold_in_a_played_scenario(played: Result) -> None:
    assert [(each.text, each.seen) for each in played.findings if not each.held] == []


def test_a_retraining_is_gathered_with_its_decision_verdict_version_and_release(played: Result) -> None:
    (loop,) = played.loops

    assert (loop.group, loop.endpoint, loop.version, loop.champion) == ("churn", "churn", 2, 1)
    assert loop.decision is not None and loop.decision == played.decisions[-1]
    assert loop.decision.kind == "person" and loop.signal["run"] == loop.decision.run
    assert loop.verdict in ("Approve", "Leave", "Reject") and loop.reason == loop.verdict_reason
    assert loop.ended is not None and loop.started < (loop.judged or 0) < loop.ended
    (rule,) = loop.rules
    assert rule.metric == "accuracy" and rule.low is not None and rule.high is not None and rule.low < rule.high
    assert rule.champion is not None and rule.challenger is not None and rule.needed is not None
    releases = [each.id for each in played.releases if each.version == 2]
    assert loop.release == (releases[0] if releases else "")


def test_a_retraining_costs_its_jobs_the_training_among_them(played: Result) -> None:
    (loop,) = played.loops
    costs = {each.price.per: each for each in loop.costs}
    steps = {each.name: each for each in loop.steps}

    (training,) = (each for name, each in costs.items() if "for training jobs" in name)
    (processing,) = (each for name, each in costs.items() if "for processing jobs" in name)
    assert training.amount > 0 and processing.amount > 0
    assert training.dollars == pytest.approx(steps["Train"].cost_usd)
    assert processing.dollars == pytest.approx(sum(each.cost_usd for each in loop.steps) - training.dollars)
    assert "state transitions of Standard executions" in costs
    assert loop.cost_usd == pytest.approx(sum(each.dollars for each in loop.costs))


def test_the_timeline_tells_the_stations_of_the_loop_in_their_order(played: Result) -> None:
    (loop,) = played.loops
    told = [f"{each.kind}: {each.text}" for each in played.moments if each.at >= played.started + 25 * 60]

    stations = [
        r"drift: requests begin to drift \(prices\)",
        r"drift: requests drift no longer \(prices\)",
        r"decision: churn: retrain \(RemedyChosen\)\. ",
        rf"retrain: {loop.name} starts",
        r"pipeline: churn-train starts",
        r"pipeline: churn-train, step Train is done",
        r"pipeline: churn-train, step AccurateEnough: its condition is met",
        r"registry: churn version 2 is registered by churn-train",
        r"pipeline: churn-train ends Succeeded",
        r"gate: churn version 2 against version 1: ",
        rf"retrain: {loop.name} ends {loop.reason} with version 2",
    ]
    places = [next(at for at, text in enumerate(told) if re.match(station, text)) for station in stations]
    assert places == sorted(places)


@pytest.fixture(scope="module")
def drifted() -> Result:
    return rehearse(read_scenario(SCENARIOS / "drift-told.yaml"), SCENARIOS).result


def test_every_run_of_a_monitor_is_gathered_and_told_or_counted(drifted: Result) -> None:
    (monitor,) = drifted.monitors
    told = [each.text for each in drifted.moments if each.kind == "monitor" and each.text.startswith("monitor inputs")]
    counted = sum(int(number) for text in told for number in re.findall(r"(\d+) more run", text))
    at_the_end = [text for text in told if re.match(r"monitor inputs: \d+ more run", text)]

    assert {each.status for each in monitor.runs} == {"Completed", "CompletedWithViolations"}
    assert len(told) - len(at_the_end) + counted == len(monitor.runs) and at_the_end
    assert len(told) < len(monitor.runs)
    assert any("baseline for data_quality" in each.text for each in drifted.moments)


def test_what_drifted_is_known_by_window_and_its_page_draws_it(drifted: Result, tmp_path: Path) -> None:
    (monitor,) = drifted.monitors
    (drift,) = drifted.drifts
    for run in monitor.runs:
        far = [each.name for each in run.features if each.drifted]
        assert far == (["monthly_charge"] if run.begin >= drift.begin else []) and list(run.subjects) == far

    write_reports(drifted, tmp_path)
    page = (tmp_path / "monitor-churn-inputs.html").read_text("utf-8")
    assert "monthly_charge: distance from the baseline" in page and 'class="feature drifted"' in page
    decided = [each.remedy for each in drifted.decisions]
    assert decided.count("notify") == 1 and len(decided) == len(monitor.runs)


def test_json_terminal_and_pages_show_the_retraining(played: Result, tmp_path: Path) -> None:
    (loop,) = played.loops
    document = json.loads(json.dumps(as_json(played)))["loops"][0]
    out = io.StringIO()
    terminal.show_result(terminal.screen(out, {}), played)
    pages = {each.name: each.read_text("utf-8") for each in write_reports(played, tmp_path)}

    assert document["name"] == loop.name and document["cost_usd"] == round(loop.cost_usd, 6) > 0
    assert document["decision"]["remedy"] == "retrain" and document["rules"][0]["metric"] == "accuracy"
    assert f"Retraining {loop.name}" in out.getvalue() and loop.rules[0].sentence[:40] in out.getvalue()
    assert max(map(len, out.getvalue().splitlines())) <= terminal.WIDTH
    page = pages[f"loop-{loop.name}.html"]
    assert f'href="loop-{loop.name}.html"' in pages["index.html"]
    assert "Champion, version 1" in page and "Challenger, version 2" in page and 'class="between ' in page
    if loop.release:
        assert (
            f'href="{loop.release}.html"' in page and f'href="loop-{loop.name}.html"' in pages[f"{loop.release}.html"]
        )
