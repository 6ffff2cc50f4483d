"""What a container answers with the functions of an inference.py, and with its own where there are none."""

from __future__ import annotations

import pytest

from rehearsal.models.packing import pack
from rehearsal.sagemaker.brought import ModuleLacking
from rehearsal.sagemaker.containers import Container, Containers, Unhealthy

# A model that wants two dimensions, as those of scikit-learn do.
MODEL = """
class Model:
    def predict(self, rows):
        if rows.ndim != 2: raise ValueError("Expected 2D array, got 1D array instead")
        return rows.sum(axis=1)
def model_fn(model_dir): return Model()
"""
CSV, JSON = "text/csv", "application/json"


def packed(script: str, **beside: str) -> bytes:
    files = {"code/inference.py": script} | {f"code/{name}.py": text for name, text in beside.items()}
    return pack({name: text.encode() for name, text in files.items()})


def started(script: str) -> Container:
    return Containers(lambda bucket, key: packed(script)).start("AllTraffic", "s3://bucket/model")


def test_a_model_fn_alone_answers_json_and_csv_with_what_the_container_does_itself() -> None:
    container = started(MODEL)

    assert container.answer(b"[[1, 2], [3, 4]]", JSON, JSON).body == b"[3.0, 7.0]"
    assert container.answer(b"1,2\n3,4", CSV, CSV).body == b"3.0\n7.0\n"
    assert container.answer(b"[[1, 2]]", JSON, CSV).content_type == CSV


def test_the_containers_own_input_fn_fails_on_a_single_row_of_csv_as_it_does_on_aws() -> None:
    """aws/sagemaker-containers #273, aws/sagemaker-scikit-learn-container #145"""
    container = started(MODEL)

    assert container.answer(b"1,2").status == 500
    assert [each.status for each in container.answer_rows([b"1,2", b"3,4"])] == [500, 500]


@pytest.mark.parametrize(("content_type", "accept", "status"), [("text/plain", CSV, 415), (JSON, "image/png", 406)])
def test_the_containers_own_functions_refuse_content_types_that_they_do_not_know(
    content_type: str, accept: str, status: int
) -> None:
    assert started(MODEL).answer(b"[[1, 2]]", content_type, accept).status == status


def test_text_is_handed_over_as_text_and_anything_else_as_bytes() -> None:
    container = started(MODEL + "def transform_fn(model, body, content_type, accept): return type(body).__name__")

    assert [container.answer(b"1", each).body for each in (CSV, JSON, "image/png")] == [b"str", b"str", b"bytes"]


def test_a_function_that_takes_a_context_gets_one_argument_more() -> None:
    container = started(
        "def model_fn(model_dir, context): return len(model_dir) > 0\n"
        "def transform_fn(model, body, content_type, accept, context): return str((model, context))"
    )

    assert container.answer(b"1").body == b"(True, None)"


def test_a_response_of_flask_is_answered_with_its_own_status() -> None:
    container = started(
        "import flask\ndef model_fn(model_dir): return None\n"
        "def transform_fn(*arguments): return flask.Response('too much', 413, mimetype='text/plain')",
    )

    assert container.answer(b"1").status == 413


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("x = 1", "NotImplementedError: Please provide a model_fn"),
        (
            MODEL + "def transform_fn(m, b, c, a): return b\ndef input_fn(b, c): return b",
            "ValueError: Cannot use transf",
        ),
        ("import sys\nsys.exit('no licence')", "SystemExit: no licence"),
    ],
)
def test_a_script_that_cannot_serve_is_a_container_that_crashes_and_its_log_says_why(script: str, why: str) -> None:
    told: list[str] = []
    containers = Containers(lambda bucket, key: pack({"inference.py": script.encode()}))
    containers.watchers.append(lambda url, reason: told.append(f"{url} {reason}"))
    for _ in range(2):
        with pytest.raises(Unhealthy) as died:
            containers.start("AllTraffic", "s3://bucket/model")
        assert died.value.crash_loop

    assert len(told) == 1 and told[0].startswith(f"s3://bucket/model {why}")


def test_each_archive_finds_its_own_modules_also_when_they_are_imported_late() -> None:
    script = (
        "import words\ndef model_fn(model_dir): return None\n"
        "def transform_fn(model, body, content_type, accept):\n    import late\n    return words.WORD + late.WORD"
    )
    artifacts = {
        "first": packed(script, words="WORD = 'a'", late="WORD = 'b'"),
        "second": packed(script, words="WORD = 'c'", late="WORD = 'd'"),
    }
    containers = Containers(lambda bucket, key: artifacts[key])
    first, second = (containers.start("AllTraffic", f"s3://bucket/{key}") for key in artifacts)

    assert [each.answer(b"").body for each in (first, second, first)] == [b"ab", b"cd", b"ab"]


def test_what_a_model_prints_does_not_mix_with_what_the_rehearsal_prints(capsys: pytest.CaptureFixture[str]) -> None:
    started("print('loading')\n" + MODEL)

    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "loading\n")


@pytest.mark.parametrize(
    "script",
    ["def model_fn(model_dir): import no_such_library", "try:\n    x = 1\nfinally:\n    import no_such_library"],
)
def test_a_library_that_is_not_installed_here_ends_the_rehearsal_and_blames_nobody(script: str) -> None:
    with pytest.raises(ModuleLacking, match=r"needs the module no_such_library.*install it, or pack it"):
        started(script)


def test_a_library_that_only_a_request_needs_ends_the_rehearsal_too() -> None:
    container = started(MODEL + "def input_fn(body, content_type): import no_such_library")

    with pytest.raises(ModuleLacking, match="no_such_library"):
        container.answer(b"1,2")


def test_rows_that_a_batch_answers_differently_are_answered_one_by_one() -> None:
    script = (
        "def model_fn(model_dir): return None\n"
        "def transform_fn(model, body, content_type, accept):\n"
        "    rows = body.split('\\n')\n"
        "    return '\\n'.join(row + '/' + str(len(rows)) for row in rows)"
    )

    assert [each.body for each in started(script).answer_rows([b"a", b"b"], lambda: [b"c"])] == [b"a/1", b"b/1"]


def test_requests_that_are_no_csv_are_answered_one_by_one() -> None:
    replies = started(MODEL).answer_rows([b"[[1, 2]]", b"[[3, 4]]", b"[[1, 2]]"], tuple, JSON, JSON)

    assert [each.body for each in replies] == [b"[3.0]", b"[7.0]", b"[3.0]"]
