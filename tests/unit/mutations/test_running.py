"""What counts as the death of a defect: tests that ran with it, and failed. Nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutations.defects import Defect, DoesNotApply
from tests.mutations.running import Outcome, run_tests, run_with

RULE = "LIMIT = 3\n\ndef few(number):\n    return number < LIMIT\n"
TEST = "from rule import few\n\ndef test_two_are_few():\n    assert few(2)\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with a rule and a test of it."""
    folder = tmp_path / "clean"
    folder.mkdir()
    (folder / "rule.py").write_text(RULE)
    (folder / "test_rule.py").write_text(TEST)
    (folder / "test_nothing.py").write_text("")
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    return folder


def defect(was: str, is_: str, test: str = "test_rule.py", after: str = "") -> Defect:
    return Defect("some-defect", "core", "rule.py", was, is_, (test,), after)


@pytest.mark.parametrize(
    ("was", "is_", "test", "outcome"),
    [
        ("number < LIMIT", "number > LIMIT", "test_rule.py", Outcome.DIED),
        ("number < LIMIT", "number <= LIMIT", "test_rule.py", Outcome.ALIVE),
        ("def few", "def many", "test_rule.py", Outcome.UNTRIED),
        ("number < LIMIT", "number > LIMIT", "test_nothing.py", Outcome.UNTRIED),
        ("number < LIMIT", "number > LIMIT", "test_gone.py", Outcome.UNTRIED),
        ("number == LIMIT", "number > LIMIT", "test_rule.py", Outcome.INAPPLICABLE),
        ("LIMIT", "FLOOR", "test_rule.py", Outcome.INAPPLICABLE),
    ],
    ids=["a test fails", "no test fails", "nothing is collected", "no test", "no file", "no text", "twice the text"],
)
def test_a_defect_dies_only_of_a_test_that_ran(tree: Path, was: str, is_: str, test: str, outcome: Outcome) -> None:
    assert run_with(tree, tree.parent, defect(was, is_, test)).outcome is outcome


def test_the_test_that_saw_it_is_named(tree: Path) -> None:
    assert run_with(tree, tree.parent, defect("< LIMIT", "> LIMIT")).failed == "test_rule.py::test_two_are_few"


def test_a_defect_is_put_into_a_copy_that_is_removed(tree: Path) -> None:
    run_with(tree, tree.parent, defect("number < LIMIT", "number > LIMIT"))

    assert (tree / "rule.py").read_text() == RULE
    assert [path.name for path in tree.parent.iterdir() if path.is_dir() and path.name == "some-defect"] == []


def test_tests_that_are_red_without_a_defect_are_told_from_green_ones(tree: Path) -> None:
    assert run_tests(tree, ["test_rule.py"]).outcome is Outcome.ALIVE
    (tree / "rule.py").write_text(RULE.replace("3", "-1"))  # of another length, or Python takes what it compiled before
    assert run_tests(tree, ["test_rule.py"]).outcome is Outcome.DIED


def test_the_first_text_below_a_line_is_changed() -> None:
    text = "a:\n  time: 1\nb:\n  time: 1\n"

    assert defect("time: 1", "time: 2", after="b:").applied(text) == "a:\n  time: 1\nb:\n  time: 2\n"


def test_a_line_that_is_there_twice_or_too_far_above_says_nothing() -> None:
    with pytest.raises(DoesNotApply, match="the line 2 times"):
        defect("x", "y", after="b:").applied("b:\nb:\nx\n")
    with pytest.raises(DoesNotApply, match="0 times"):
        defect("x", "y", after="b:").applied("b:\n" + "c:\n" * 30 + "x\n")
