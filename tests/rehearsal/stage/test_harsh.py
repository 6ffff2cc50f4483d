"""Under the harsh answers, every open question has its harder answer, unless the scenario is about another."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import get_origin, get_type_hints

import pytest

from rehearsal.account.options import Options as AccountOptions
from rehearsal.cloudwatch.options import Options as CloudWatchOptions
from rehearsal.sagemaker.options import Options as SageMakerOptions
from rehearsal.scenario.harsh import HARSH
from rehearsal.scenario.reading import read_scenario
from rehearsal.services.options import Options as DeliveryOptions
from rehearsal.states.options import Options as StatesOptions
from tests.rehearsal.stage.test_reading import GOOD


@pytest.mark.parametrize(
    ("service", "options"),
    [
        ("account", AccountOptions),
        ("sagemaker", SageMakerOptions),
        ("cloudwatch", CloudWatchOptions),
        ("delivery", DeliveryOptions),
        ("states", StatesOptions),
    ],
)
def test_each_open_question_has_a_harsh_answer(service: str, options: type) -> None:
    hints = get_type_hints(options)
    questions = {each.name for each in fields(options) if get_origin(hints[each.name]) is not None}

    assert questions
    assert questions <= set(HARSH[service])


def test_what_a_scenario_says_itself_stays(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(GOOD + "unsure: {sagemaker: {rollback_reason: given}}\n", encoding="utf-8")

    usual, harsh = read_scenario(file).unsure, read_scenario(file, harsh=True).unsure

    assert usual.sagemaker.missing_artifact == "refused" and harsh.sagemaker.missing_artifact == "found out"
    assert usual.sagemaker.rollback_reason == harsh.sagemaker.rollback_reason == "given"
    assert harsh.cloudwatch.periods_start_at == "clock"
