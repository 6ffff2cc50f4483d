"""Four shards, each with a part of the capture and all labels: together they find what one machine finds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.problems import Problems
from monitor.reading.capture import PROBE, PROBED
from monitor.reading.labels import STRANGER
from tests.unit.monitor.captured import COLUMNS, as_csv, as_json, baseline, put, run, table, write

HOSTS = [f"algo-{number}" for number in range(1, 5)]

FACETS = {"facets": [{"name": "plan", "values": ["gold"]}, {"name": "age", "threshold": 40}], "group_variable": "plan"}
SETTINGS: dict[str, dict[str, Any]] = {
    "data_quality": {},
    "model_quality": {"problem": "binary_classification"},
    "bias": FACETS,
    "attribution": {"model_calls": 3000, "per_second": 1e9, "pairs": 2},
}


def score(fields: list[str]) -> float:
    age, spend, plan = fields
    odds = (float(age) - 40) / 10 + float(spend) / 100 + (plan == "gold")
    return float(1.0 / (1.0 + np.exp(-odds)))


def sagemaker(service: str) -> SimpleNamespace:
    """The client of an endpoint that answers a score a line."""

    def invoke_endpoint(Body: bytes, **_: Any) -> dict[str, Any]:
        lines = [line.split(",") for line in Body.decode().split("\n")]
        answer = "\n".join(f"{score(fields):.9f}" for fields in lines).encode()
        return {"Body": SimpleNamespace(read=lambda: answer)}

    return SimpleNamespace(invoke_endpoint=invoke_endpoint)


def labels(ids: list[str], frame: pd.DataFrame, wrong: float = 0.0) -> str:
    """Ground truth that the scores tell well; ``wrong``: the share of gold plans where they do not."""
    chance = np.random.default_rng(3)
    truth = [chance.random() < score([str(value) for value in row]) for row in frame.itertuples(index=False)]
    turned = (chance.random(len(frame)) < wrong) & (frame["plan"] == "gold")
    pairs = zip(ids, np.where(turned, ~np.array(truth), truth), strict=True)
    return "\n".join(json.dumps({"event_id": event_id, "label": int(said)}) for event_id, said in pairs)


def made(root: Path, kind: str) -> dict[str, Any]:
    """The files of a baseline from a capture of its own."""
    frame = table(2000, seed=1)
    scores = [f"{score([str(value) for value in row]):.9f}" for row in frame.itertuples(index=False)]
    write(root, as_csv(frame), answers=scores)
    put(root, "processing/input/labels/a.jsonl", labels([f"a-{place}" for place in range(2000)], frame))
    code, files, message = run(root, kind=kind, task="baseline", settings=SETTINGS[kind])
    assert (code, message[:10]) == (0, "Completed:")
    return {name: document for name, document in files.items() if name != "result.json"}


def requests() -> list[tuple[str, str, str, str]]:
    """Encoding, request, answer and id of each; the last ones are broken, or the monitor's own."""
    frame = table(4000, age=0.7, plans=(0.3, 0.3, 0.4))
    frame.loc[::100, "spend"] = np.nan
    filled = frame.fillna(0.0)
    answers = [f"{score([str(value) for value in row]):.9f}" for row in filled.itertuples(index=False)]
    found = [("CSV", text, answer) for text, answer in zip(as_csv(frame), answers, strict=True)]
    found += [("JSON", text, answer) for text, answer in zip(as_json(frame.head(200)), answers[:200], strict=True)]
    found += [("CSV", "1,2,a", "no score"), ("CSV", "broken", "0.1"), ("CSV", "1,2", "0.1")]
    whole = [(*request, f"e{place}") for place, request in enumerate(found)]
    return whole + [("CSV", "1,2,gold", "0.5", f"{PROBE}-reasons") for _ in range(40)]


def truth(asked: list[tuple[str, str, str, str]]) -> str:
    chance = np.random.default_rng(5)
    ids = [event_id for *_, event_id in asked if not event_id.startswith(PROBE)]
    ids[-2:] = ["stranger-1", "stranger-2"]
    lines = [json.dumps({"event_id": event_id, "label": int(chance.random() < 0.4)}) for event_id in ids]
    return "\n".join([*lines, "{", json.dumps({"event_id": "e1", "label": 2}), json.dumps({"label": 1})])


def captured(root: Path, asked: list[tuple[str, str, str, str]], name: str) -> None:
    for encoding in ("CSV", "JSON"):
        mine = [request for request in asked if request[0] == encoding]
        _, texts, answers, ids = (list(part) for part in zip(*mine, strict=True))
        write(root, texts, encoding, f"{name}-{encoding}", answers=answers, ids=ids)


@pytest.mark.parametrize("kind", SETTINGS)
def test_four_shards_equal_one(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=sagemaker))
    asked, files = requests(), made(tmp_path / "base", kind)
    one, last = tmp_path / "one", tmp_path / "merge"
    given: dict[str, Any] = {"kind": kind, "settings": SETTINGS[kind]}
    for number, host in enumerate(HOSTS):
        shard = tmp_path / host
        put(shard, "config/resourceconfig.json", {"current_host": host, "hosts": HOSTS})
        put(shard, "processing/input/labels/a.jsonl", truth(asked))
        baseline(shard, files)
        for root in (one, shard):
            captured(root, asked[number::4], host)
        code, written, _ = run(shard, task="summarise", **given)
        assert code == 0 and list(written) == [f"summary-{host}.json"]
        put(last, f"processing/input/summaries/summary-{host}.json", written[f"summary-{host}.json"])
    put(one, "processing/input/labels/a.jsonl", truth(asked))
    for root in (one, last):
        baseline(root, files)
    whole, merged = run(one, **given)[1], run(last, task="merge", **given)[1]
    assert whole["result.json"]["status"] in ("Completed", "CompletedWithViolations")
    if kind in ("model_quality", "bias"):
        assert whole["result.json"]["problems"][STRANGER] == {"count": 2, "examples": ["stranger-1", "stranger-2"]}
        assert whole["constraint_violations.json"]["violations"]
    assert whole["result.json"]["notes"] == {PROBED: 40}
    for found in (whole, merged):
        del found["result.json"]["task"]
        for name in ("sent", "failed"):  # each shard asks the endpoint about rows of its own
            found["result.json"]["details"].pop(name, None)
        found["result.json"]["problems"].pop("a request to the endpoint failed", None)
        for problem in found["result.json"]["problems"].values():
            del problem["examples"]
    assert whole == merged


CLARIFY: dict[str, Any] = {"version": "1.0"}


@pytest.mark.parametrize(
    ("kind", "about"), [("data_quality", {}), ("model_quality", {}), ("bias", CLARIFY), ("attribution", CLARIFY)]
)
def test_violations_are_published_as_aws_publishes_them(
    tmp_path: Path, kind: str, about: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorded files: docs model-monitor-interpreting-violations; amazon-sagemaker-examples, of the bias monitor."""
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=sagemaker))
    asked = requests()
    baseline(tmp_path, made(tmp_path / "base", kind))
    captured(tmp_path, asked, "a")
    put(tmp_path, "processing/input/labels/a.jsonl", truth(asked))
    files = run(tmp_path, kind=kind, settings=SETTINGS[kind])[1]
    assert {**files["constraint_violations.json"], "violations": []} == {**about, "violations": []}


def broken(change: Callable[[dict[str, Any]], Any]) -> Any:
    whole = {"host": "algo-1", "hosts": ["algo-1"], "records": 1, "problems": Problems().to_json(), "summary": {}}
    return change(whole)


@pytest.mark.parametrize(
    ("summary", "sentence"),
    [
        ("{", "summary-algo-1.json is not a summary, so the window is not whole"),
        ({"records": 3}, "summary-algo-1.json is not a summary, so the window is not whole"),
        (
            broken(lambda whole: whole | {"hosts": ["algo-1", "algo-2"]}),
            "the summary of algo-2 is missing, so the window is not whole",
        ),
    ],
)
def test_a_shard_is_not_left_out_in_silence(tmp_path: Path, summary: Any, sentence: str) -> None:
    put(tmp_path, "processing/input/summaries/summary-algo-1.json", summary)
    code, _, message = run(tmp_path, task="merge", columns=list(COLUMNS))
    assert (code, message) == (1, f"Failed: {sentence}")
