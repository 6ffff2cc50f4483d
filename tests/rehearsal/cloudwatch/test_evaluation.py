"""The tables of the CloudWatch user guide on missing data (AlarmThatSendsEmail): 0 good, X bad, - missing."""

from __future__ import annotations

import pytest

from rehearsal.cloudwatch.evaluation import Missing, Rule, judge

POINTS = {"0": 0.0, "X": 1.0, "-": None}
TREATMENTS: tuple[Missing, ...] = ("missing", "ignore", "breaching", "notBreaching")
STATES = {"OK": "OK", "ALARM": "ALARM", "INSUFFICIENT": "INSUFFICIENT_DATA", "retain": None}

THREE_OF_THREE = {
    "0 - X - X": "OK OK OK OK",
    "0 - - - -": "OK OK OK OK",
    "- - - - -": "INSUFFICIENT retain ALARM OK",
    "0 X X - X": "ALARM ALARM ALARM ALARM",
    "- - - - X": "INSUFFICIENT retain ALARM OK",
    "X - - - -": "ALARM retain ALARM OK",
}
TWO_OF_THREE = {
    "0 - X - X": "ALARM ALARM ALARM ALARM",
    "0 0 X 0 X": "ALARM ALARM ALARM ALARM",
    "0 - X - -": "OK OK ALARM OK",
    "- - - - 0": "OK OK ALARM OK",
    "- - - - X": "INSUFFICIENT retain ALARM OK",
}
ROWS = [
    (datapoints, points, treatment, STATES[state])
    for datapoints, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for points, states in table.items()
    for treatment, state in zip(TREATMENTS, states.split(), strict=True)
]


@pytest.mark.parametrize(("datapoints", "points", "treatment", "state"), ROWS)
def test_missing_data_is_treated_as_the_documented_tables_say(
    datapoints: int, points: str, treatment: Missing, state: str | None
) -> None:
    rule = Rule("GreaterThanThreshold", 0.5, periods=3, datapoints=datapoints, missing=treatment)

    assert judge(rule, [POINTS[point] for point in points.split()]) == state


def test_a_point_on_the_threshold_breaches_only_if_the_comparison_includes_it() -> None:
    assert judge(Rule("GreaterThanThreshold", 1.0, 1, 1), [1.0]) == "OK"
    assert judge(Rule("GreaterThanOrEqualToThreshold", 1.0, 1, 1), [1.0]) == "ALARM"
    assert judge(Rule("LessThanThreshold", 1.0, 1, 1), [1.0]) == "OK"
    assert judge(Rule("LessThanOrEqualToThreshold", 1.0, 1, 1), [1.0]) == "ALARM"
