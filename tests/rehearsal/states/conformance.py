"""Definitions with what must come out of them: for this interpreter, and for another one where it can run them.

Each `Case` names the part of the States Language specification (states-language.net) that it is about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """`states` run on `data` end with `output`, or fail with `error`."""

    section: str
    states: dict[str, Any]
    data: Any = field(default_factory=dict)
    output: Any = None
    error: str = ""


END = {"Type": "Pass", "End": True}

CASES = {
    "pass-hands-its-input-on": Case("Pass State", {"A": END}, {"a": 1}, {"a": 1}),
    "output-replaces-it": Case(
        "Output",
        {"A": {**END, "Output": {"b": "{% $states.input.a %}", "c": ["{% $states.input.a + 1 %}", "x"]}}},
        {"a": 1},
        {"b": 1, "c": [2, "x"]},
    ),
    "a-string-without-marks-is-itself": Case("JSONata", {"A": {**END, "Output": "$states.input"}}, {}, "$states.input"),
    "null-is-a-value": Case(
        "JSONata", {"A": {**END, "Output": {"v": "{% $states.input.v %}"}}}, {"v": None}, {"v": None}
    ),
    "undefined-is-an-error": Case(
        "Appendix A: States.QueryEvaluationError",
        {"A": {**END, "Output": "{% $states.input.nothing %}"}},
        error="States.QueryEvaluationError",
    ),
    "assign-is-seen-by-later-states": Case(
        "Assigning variables",
        {
            "A": {"Type": "Pass", "Assign": {"x": 1, "y": "{% $states.input.a %}"}, "Next": "B"},
            "B": {**END, "Output": "{% $x & $y %}"},
        },
        {"a": "a"},
        "1a",
    ),
    "assign-and-output-see-the-variables-of-before": Case(
        "Evaluation order in an Assign field",
        {
            "A": {"Type": "Pass", "Assign": {"x": 1, "y": 10}, "Next": "B"},
            "B": {
                "Type": "Pass",
                "Assign": {"x": "{% $y %}", "y": "{% $x %}"},
                "Output": "{% [$x, $y] %}",
                "Next": "C",
            },
            "C": {**END, "Output": {"before": "{% $states.input %}", "after": "{% [$x, $y] %}"}},
        },
        output={"before": [1, 10], "after": [10, 1]},
    ),
    "the-first-rule-that-holds-is-taken": Case(
        "Choice State",
        {
            "A": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $states.input.n > 10 %}", "Next": "Big"},
                    {"Condition": "{% $states.input.n > 5 %}", "Next": "Middle"},
                    {"Condition": "{% $states.input.n > 1 %}", "Next": "Small"},
                ],
                "Default": "Small",
            },
            "Big": {**END, "Output": "big"},
            "Middle": {**END, "Output": "middle"},
            "Small": {**END, "Output": "small"},
        },
        {"n": 7},
        "middle",
    ),
    "a-rule-has-its-own-assign-and-output": Case(
        "Choice State",
        {
            "A": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% true %}", "Next": "B", "Assign": {"by": "rule"}, "Output": {"from": "rule"}}
                ],
                "Default": "C",
            },
            "B": {**END, "Output": "{% $merge([$states.input, {'by': $by}]) %}"},
            "C": END,
        },
        output={"from": "rule", "by": "rule"},
    ),
    "default-hands-the-input-on": Case(
        "Choice State",
        {
            "A": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% false %}", "Next": "B", "Output": "rule"}],
                "Default": "B",
            },
            "B": END,
        },
        {"a": 1},
        {"a": 1},
    ),
    "fail-names-its-error": Case(
        "Fail State", {"A": {"Type": "Fail", "Error": "{% 'Not' & 'Good' %}", "Cause": "because"}}, error="NotGood"
    ),
    "succeed-may-have-an-output": Case(
        "Succeed State", {"A": {"Type": "Succeed", "Output": "{% $states.input.a %}"}}, {"a": [1]}, [1]
    ),
    "a-map-does-its-states-for-each-item": Case(
        "Map State",
        {
            "A": {
                "Type": "Map",
                "End": True,
                "Items": "{% $states.input.items %}",
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "B",
                    "States": {"B": {**END, "Output": "{% $states.input * 2 %}"}},
                },
            }
        },
        {"items": [1, 2, 3]},
        [2, 4, 6],
    ),
    "an-item-selector-sees-item-index-and-input": Case(
        "Map State",
        {
            "A": {
                "Type": "Map",
                "End": True,
                "Items": "{% $states.input.items %}",
                "ItemSelector": {
                    "value": "{% $states.context.Map.Item.Value %}",
                    "at": "{% $states.context.Map.Item.Index %}",
                    "k": "{% $states.input.k %}",
                },
                "ItemProcessor": {"StartAt": "B", "States": {"B": END}},
            }
        },
        {"items": ["a", "b"], "k": 9},
        [{"value": "a", "at": 0, "k": 9}, {"value": "b", "at": 1, "k": 9}],
    ),
    "an-inner-scope-reads-outer-variables": Case(
        "Scope of variables",
        {
            "A": {"Type": "Pass", "Assign": {"outer": 5}, "Next": "B"},
            "B": {
                "Type": "Map",
                "End": True,
                "Items": "{% [1, 2] %}",
                "ItemProcessor": {
                    "StartAt": "C",
                    "States": {
                        "C": {"Type": "Pass", "Assign": {"inner": "{% $outer + $states.input %}"}, "Next": "D"},
                        "D": {**END, "Output": "{% $inner %}"},
                    },
                },
            },
        },
        output=[6, 7],
    ),
    "branches-run-side-by-side-on-the-same-input": Case(
        "Parallel State",
        {
            "A": {
                "Type": "Parallel",
                "End": True,
                "Branches": [
                    {"StartAt": "B", "States": {"B": {**END, "Output": "{% $states.input.a %}"}}},
                    {"StartAt": "C", "States": {"C": {**END, "Output": "c"}}},
                ],
            }
        },
        {"a": 1},
        [1, "c"],
    ),
    "a-failing-branch-is-caught-with-its-error-output": Case(
        "Fallback states",
        {
            "A": {
                "Type": "Parallel",
                "Next": "Never",
                "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Fail", "Error": "Boom", "Cause": "it broke"}}}],
                "Catch": [
                    {"ErrorEquals": ["Other"], "Next": "Never"},
                    {
                        "ErrorEquals": ["Boom"],
                        "Next": "Caught",
                        "Assign": {"why": "{% $states.errorOutput.Cause %}"},
                        "Output": "{% $states.errorOutput %}",
                    },
                ],
            },
            "Never": END,
            "Caught": {**END, "Output": "{% $merge([$states.input, {'why': $why}]) %}"},
        },
        output={"Error": "Boom", "Cause": "it broke", "why": "it broke"},
    ),
    "a-catcher-without-output-hands-on-the-error-output": Case(
        "Fallback states",
        {
            "A": {
                "Type": "Parallel",
                "End": True,
                "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Fail", "Error": "Boom", "Cause": "x"}}}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}],
            },
            "C": END,
        },
        output={"Error": "Boom", "Cause": "x"},
    ),
    "an-error-nobody-names-ends-the-execution": Case(
        "Errors",
        {
            "A": {
                "Type": "Parallel",
                "End": True,
                "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Fail", "Error": "Boom", "Cause": "x"}}}],
                "Catch": [{"ErrorEquals": ["Other"], "Next": "C"}],
            },
            "C": END,
        },
        error="Boom",
    ),
    "result-is-what-the-branches-gave": Case(
        "Output",
        {
            "A": {
                "Type": "Parallel",
                "End": True,
                "Output": {"first": "{% $states.result[0] %}"},
                "Branches": [{"StartAt": "B", "States": {"B": {**END, "Output": "b"}}}],
            }
        },
        output={"first": "b"},
    ),
    "a-wait-hands-its-input-on": Case(
        "Wait State", {"A": {"Type": "Wait", "Seconds": 0, "End": True}}, {"a": 1}, {"a": 1}
    ),
    "parse-reads-json": Case(
        "JSONata",
        {"A": {**END, "Output": "{% $parse($states.input.text) %}"}},
        {"text": '{"a": [1, null]}'},
        {"a": [1, None]},
    ),
}
