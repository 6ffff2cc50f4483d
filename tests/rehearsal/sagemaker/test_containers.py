"""Containers: artifacts loaded as SageMaker's model server loads them, answering a batch as they would each."""

from __future__ import annotations

import pytest

from rehearsal import models
from rehearsal.models.packing import pack
from rehearsal.sagemaker.containers import Container, Containers, Unhealthy

SCRIPT = b"""
import pathlib
def model_fn(directory): return pathlib.Path(directory, "word").read_text()
def input_fn(body, content_type): return body.split("\\n")
def predict_fn(rows, word): return [word + row for row in rows]
def output_fn(words, accept): return "\\n".join(words), accept
"""


def started(**artifacts: bytes) -> Containers:
    return Containers(lambda bucket, key: artifacts[key])


def digits(kind: str) -> Container:
    return started(model=models.artifact(kind)).start("AllTraffic", "s3://bucket/model")


def test_inference_code_may_lie_at_the_root_or_under_code() -> None:
    containers = started(
        root=pack({"inference.py": SCRIPT, "word": b"a"}), code=pack({"code/inference.py": SCRIPT, "word": b"b"})
    )

    assert containers.start("v", "s3://bucket/root").answer(b"1").body == b"a1"
    assert containers.start("v", "s3://bucket/code").answer(b"1").body == b"b1"


def test_two_versions_of_the_same_script_do_not_share_a_module() -> None:
    other = SCRIPT.replace(b"word + row", b"row + word")
    containers = started(
        one=pack({"inference.py": SCRIPT, "word": b"a"}), two=pack({"inference.py": other, "word": b"a"})
    )
    first, second = (containers.start("v", f"s3://bucket/{key}") for key in ("one", "two"))

    assert (first.answer(b"1").body, second.answer(b"1").body) == (b"a1", b"1a")


def test_the_same_artifact_is_loaded_once() -> None:
    containers = started(one=models.artifact("plain"), two=models.artifact("plain"))

    assert containers.start("v", "s3://bucket/one") is containers.start("v", "s3://bucket/two")


@pytest.mark.parametrize("artifact", [models.artifact("crash"), pack({"model.joblib": b""}), b"not an archive"])
def test_an_artifact_that_cannot_be_loaded_is_a_container_that_crashes_again_and_again(artifact: bytes) -> None:
    with pytest.raises(Unhealthy) as reason:
        started(model=artifact).start("AllTraffic", "s3://bucket/model")

    assert reason.value.crash_loop


def test_an_artifact_that_is_not_there_fails_without_a_crash_loop() -> None:
    with pytest.raises(Unhealthy, match="s3://bucket/gone") as reason:
        started().start("AllTraffic", "s3://bucket/gone")

    assert not reason.value.crash_loop


@pytest.mark.parametrize("kind", ["plain", "better", "broken"])
def test_a_batch_gives_each_request_the_fate_it_would_have_alone(kind: str) -> None:
    container = digits(kind)
    rows = [row.body for row in models.rows()[:60]]

    together = [(reply.status, reply.status == 200 and reply.body) for reply in container.answer_rows(rows)]
    alone = [(reply.status, reply.status == 200 and reply.body) for reply in map(container.answer, rows)]
    assert together == alone


def test_the_better_model_is_better_and_the_broken_one_fails_on_the_two_digits_it_lost_only() -> None:
    rows = models.rows()
    replies = {kind: digits(kind).answer_rows([row.body for row in rows]) for kind in ("plain", "better", "broken")}
    correct = {
        kind: sum(reply.body.decode() == row.label for row, reply in zip(rows, answered, strict=True)) / len(rows)
        for kind, answered in replies.items()
    }

    assert correct["better"] > correct["plain"] + 0.03
    assert all(reply.status == 200 for kind in ("plain", "better") for reply in replies[kind])
    lost = [better.body.decode() in models.digits.LOST for better in replies["better"]]
    assert [reply.status == 500 for reply in replies["broken"]] == lost


def test_every_model_that_loads_answers_the_smoke_test() -> None:
    assert [digits(kind).answer(models.sample().body).body for kind in ("plain", "better", "broken")] == [b"0"] * 3


def test_packing_the_same_model_twice_gives_the_same_bytes() -> None:
    before = models.artifact("better")
    models.digits.artifact.cache_clear()

    assert models.artifact("better") == before
