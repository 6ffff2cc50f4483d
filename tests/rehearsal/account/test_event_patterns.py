"""Event patterns match what EventBridge matches, and are refused where it refuses them.

Each case takes its fact from a recording of TestEventPattern on AWS, named by its label in localstack/localstack:
tests/aws/services/events/event_pattern_templates/ (`_NEG`: no match, `_EXC`: refused; the words of a refusal are in
tests/aws/services/events/test_events_patterns.snapshot.json). Patterns and events are our own.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.account.gateway import NotSimulated
from rehearsal.aws import AwsError
from rehearsal.services.event_patterns import InvalidPattern, compile_pattern
from tests.rehearsal.account.conftest import Account

BUT_SEA = {"anything-but": "sea"}
NO_SEA = {"anything-but": {"equals-ignore-case": "sea"}}
NO_SEA_NO_BAY = {"anything-but": {"equals-ignore-case": ["sea", "bay"]}}
FAST_OR_IN_THE_BAY = {"d": {"$or": [{"kn": [{"numeric": [">", 9]}]}, {"at": ["bay"]}]}}

MATCHES: list[tuple[str, Any, Any, bool]] = [
    ("sample1", {"source": ["fleet"], "kind": ["docked"]}, {"source": "fleet", "kind": "docked"}, True),
    ("minimal", {"source": ["fleet"]}, {"source": "fleet", "kind": "docked"}, True),
    ("key_case_sensitive_NEG", {"Berth": ["b4"]}, {"berth": "b4"}, False),
    ("string", {"name": ["Mary ⚓ Rose "]}, {"name": "Mary ⚓ Rose "}, True),
    ("string_empty", {"flag": [""]}, {"flag": ""}, True),
    ("boolean", {"laden": [False]}, {"laden": False}, True),
    ("boolean_NEG", {"laden": [False]}, {"laden": True}, False),
    ("null_value", {"pilot": [None]}, {"pilot": None}, True),
    ("null_value_NEG", {"pilot": [None]}, {"pilot": "null"}, False),
    ("number_comparison_float", {"draught": [7]}, {"draught": 7.0}, True),
    ("arrays", {"ports": ["Oslo", "Riga"]}, {"ports": ["Kiel", "Riga"]}, True),
    ("arrays_NEG", {"ports": ["Oslo", "Riga"]}, {"ports": ["Kiel"]}, False),
    ("arrays_empty_null_NEG", {"ports": [None]}, {"ports": []}, False),
    ("list_within_dict", {"holds": {"cargo": [{"exists": True}]}}, {"holds": [{"no": 1}, {"cargo": "tea"}]}, True),
    ("nested_json_NEG", {"hull": {"mark": ["x"]}}, {"hull": '{"mark": "x"}'}, False),
    ("dynamodb", {"a": {"b": {"c": {"N": ["12"]}}}}, {"a": {"b": {"c": {"S": "x", "N": "12"}}}}, True),
    ("dot_joining_event", {"hull": {"mark": ["x"]}}, {"hull.mark": "x"}, True),
    ("dot_joining_event_NEG", {"hull": {"mark": ["x"]}}, {"hull.mark": {"mark": "x"}}, False),
    ("dot_joining_pattern", {"hull.mark": ["x"]}, {"hull": {"mark": "x"}}, True),
    ("dot_joining_pattern_NEG", {"hull.mark": {"mark": ["x"]}}, {"hull": {"mark": "x"}}, False),
    ("operator_multiple_list", {"flag": [{"exists": True}, {"prefix": "Z"}]}, {"flag": "NO"}, True),
    # prefix, suffix
    ("content_prefix", {"eta": [{"prefix": "2026-01"}]}, {"eta": "2026-01-31"}, True),
    ("content_prefix_NEG", {"eta": [{"prefix": "2026-02"}]}, {"eta": "2026-01-31"}, False),
    ("content_prefix_empty", {"flag": [{"prefix": ""}]}, {"flag": "NO"}, True),
    ("content_prefix_ignorecase", {"name": [{"prefix": {"equals-ignore-case": "mary"}}]}, {"name": "MARY ROSE"}, True),
    ("content_suffix", {"chart": [{"suffix": ".kap"}]}, {"chart": "kattegat.kap"}, True),
    ("content_suffix_NEG", {"chart": [{"suffix": ".KAP"}]}, {"chart": "kattegat.kap"}, False),
    ("content_suffix_empty", {"flag": [{"suffix": ""}]}, {"flag": "NO"}, True),
    ("content_suffix_ignorecase", {"chart": [{"suffix": {"equals-ignore-case": ".kap"}}]}, {"chart": "a.KAP"}, True),
    ("content_suffix_ignorecase_NEG", {"c": [{"suffix": {"equals-ignore-case": ".kap"}}]}, {"c": "a.bsb"}, False),
    # equals-ignore-case
    ("content_ignorecase", {"flag": [{"equals-ignore-case": "no"}]}, {"flag": ["NO"]}, True),
    ("content_ignorecase_NEG", {"flag": [{"equals-ignore-case": "se"}]}, {"flag": ["NO"]}, False),
    ("content_ignorecase_empty", {"flag": [{"equals-ignore-case": ""}]}, {"flag": ""}, True),
    ("content_ignorecase_empty_NEG", {"flag": [{"equals-ignore-case": ""}]}, {"flag": "NO"}, False),
    # wildcard
    ("content_wildcard_simplified", {"arn": [{"wildcard": "arn:sea:*:buoy/*"}]}, {"arn": "arn:sea:north:buoy/7"}, True),
    ("content_wildcard_nonrepeating", {"p": [{"wildcard": "/log/*/day"}]}, {"p": "/log/1/2/day"}, True),
    ("content_wildcard_nonrepeating_NEG", {"p": [{"wildcard": "/log/*/day"}]}, {"p": "/log/1/2/someday"}, False),
    ("content_wildcard_repeating", {"p": [{"wildcard": "/l/*/d/d/d"}]}, {"p": "/l/x/d/d/d/d"}, True),
    ("content_wildcard_repeating_NEG", {"p": [{"wildcard": "/l/*/d/d/d"}]}, {"p": "/l/x/d/od/d"}, False),
    ("content_wildcard_empty_NEG", {"p": [{"wildcard": ""}]}, {"p": "/l"}, False),
    # numeric
    ("content_numeric_and", {"kn": [{"numeric": [">", 0, "<=", 14]}]}, {"kn": 14}, True),
    ("content_numeric_and", {"kn": [{"numeric": ["=", 1.25e1]}]}, {"kn": 12.5}, True),
    ("content_numeric_and_NEG", {"kn": [{"numeric": [">", 0, "<=", 14]}]}, {"kn": 15}, False),
    ("complex_many_rules", {"kn": [{"numeric": [">=", 5, "<", 14]}]}, {"kn": 5}, True),
    ("numeric-int-float", {"kn": [{"numeric": [">", 12]}]}, {"kn": 13.0}, True),
    ("numeric-null_NEG", {"kn": [{"numeric": [">", 12]}]}, {"kn": None}, False),
    ("numeric-string_NEG", {"kn": [{"numeric": [">", 12]}]}, {"kn": "13"}, False),
    # exists: of values, not of objects
    ("content_exists", {"hull": {"mark": [{"exists": True}]}}, {"hull": {"mark": "x", "paint": "red"}}, True),
    ("content_exists_NEG", {"hull": {"mark": [{"exists": True}]}}, {"hull": {"paint": "red"}}, False),
    ("content_exists_false", {"hull": {"a": {"b": [{"exists": False}]}}}, {"hull": {"a": "flat"}}, True),
    ("content_exists_false_NEG", {"hull": {"a": {"b": [{"exists": False}]}}}, {"hull": {"a": {"b": 1}}}, False),
    ("exists_dynamodb", {"crew": {"N": [{"exists": True}]}}, {"crew": {"N": "12"}}, True),
    ("exists_dynamodb_NEG", {"crew": [{"exists": True}]}, {"crew": {"N": "12"}}, False),
    ("exists_list_empty_NEG", {"ports": [{"exists": True}]}, {"ports": []}, False),
    # anything-but: null is something else, nothing is not
    ("content_anything_but_string", {"at": [{"anything-but": "sea"}]}, {"at": "quay"}, True),
    ("content_anything_but_string_NEG", {"at": [{"anything-but": "sea"}]}, {"at": "sea"}, False),
    ("content_anything_but_string_null", {"at": [{"anything-but": "sea"}]}, {"at": None}, True),
    ("content_anything_but_string_missing_NEG", {"at": [{"anything-but": "sea"}]}, {"kn": 1}, False),
    ("content_anything_but_string_list", {"at": [{"anything-but": ["sea", "lock"]}]}, {"at": "quay"}, True),
    ("content_anything_but_string_list_NEG", {"at": [{"anything-but": ["sea", "lock"]}]}, {"at": "lock"}, False),
    ("content_anything_but_string_list_null", {"at": [{"anything-but": ["sea", "lock"]}]}, {"at": None}, True),
    ("content_anything_but_string_list_missing_NEG", {"at": [{"anything-but": ["sea", "lock"]}]}, {}, False),
    ("content_anything_but_number", {"kn": [{"anything-but": 12}]}, {"kn": 13}, True),
    ("content_anything_but_number_NEG", {"kn": [{"anything-but": 12}]}, {"kn": 12}, False),
    ("content_anything_but_number_zero", {"kn": [{"anything-but": 0}]}, {"kn": 13}, True),
    ("content_anything_but_number_list", {"kn": [{"anything-but": [1, 2]}]}, {"kn": 3}, True),
    ("content_anything_but_number_list_NEG", {"kn": [{"anything-but": [1, 2]}]}, {"kn": 2}, False),
    ("content_anything_but_ignorecase", {"at": [NO_SEA]}, {"at": "x"}, True),
    ("content_anything_but_ignorecase_NEG", {"a": [NO_SEA]}, {"a": "SEA"}, False),
    ("content_anything_but_ignorecase_list_NEG", {"a": [NO_SEA_NO_BAY]}, {"a": "Bay"}, False),
    ("content_anything_but_ignorecase_null", {"a": [NO_SEA]}, {"a": None}, True),
    ("content_anything_but_ignorecase_missing_NEG", {"a": [NO_SEA]}, {}, False),
    ("content_anything_prefix", {"n": [{"anything-but": {"prefix": "SS"}}]}, {"n": "MSS"}, True),
    ("content_anything_prefix_NEG", {"n": [{"anything-but": {"prefix": "SS"}}]}, {"n": "SSM"}, False),
    ("content_anything_prefix_null", {"n": [{"anything-but": {"prefix": "SS"}}]}, {"n": None}, True),
    ("content_anything_prefix_int_value", {"n": [{"anything-but": {"prefix": "SS"}}]}, {"n": 12}, True),
    ("content_anything_prefix_missing_NEG", {"n": [{"anything-but": {"prefix": "SS"}}]}, {}, False),
    ("content_anything_prefix_list_NEG", {"n": [{"anything-but": {"prefix": ["SS", "MV"]}}]}, {"n": "MV x"}, False),
    ("content_anything_suffix_NEG", {"n": [{"anything-but": {"suffix": ".kap"}}]}, {"n": "a.kap"}, False),
    ("content_anything_suffix_list", {"n": [{"anything-but": {"suffix": [".kap", ".bsb"]}}]}, {"n": "a.kap.old"}, True),
    ("content_anything_wildcard", {"p": [{"anything-but": {"wildcard": "*/b/*"}}]}, {"p": "b/a/c"}, True),
    ("content_anything_wildcard_NEG", {"p": [{"anything-but": {"wildcard": "*/b/*"}}]}, {"p": "a/b/c"}, False),
    ("content_anything_wildcard_empty", {"p": [{"anything-but": {"wildcard": ""}}]}, {"p": "a"}, True),
    ("content_anything_wildcard_list_NEG", {"p": [{"anything-but": {"wildcard": ["*/b/*", "c*"]}}]}, {"p": "c"}, False),
    # several conditions, and $or
    ("complex_multi_match", {"at": [BUT_SEA], "kn": [{"numeric": ["<", 5]}]}, {"at": "bay", "kn": 4}, True),
    ("complex_multi_match_NEG", {"at": [BUT_SEA], "kn": [{"anything-but": [4]}]}, {"at": "bay", "kn": 4}, False),
    ("complex_or", FAST_OR_IN_THE_BAY, {"d": {"kn": 4, "at": "bay"}}, True),
    ("complex_or_NEG", FAST_OR_IN_THE_BAY, {"d": {"kn": 4, "at": "x"}}, False),
    ("or-exists", {"c": {"d": {"S": [{"anything-but": ["x"]}, {"exists": False}]}}}, {"c": {"d": {"N": "7"}}}, True),
    ("or-exists-parent", {"c": {"d": {"S": [{"anything-but": ["x"]}, {"exists": False}]}}}, {"c": {"e": 7}}, True),
    ("or-numeric-anything-but", {"n": [{"numeric": [">", 9]}, {"anything-but": "10"}]}, {"n": "4"}, True),
    ("or-numeric-anything-but_NEG", {"n": [{"numeric": [">", 9]}, {"anything-but": "10"}]}, {"n": "10"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("recording", "pattern", "event", "matches"), MATCHES, ids=[row[0] for row in MATCHES])
def test_it_matches_as_it_did_on_aws(recording: str, pattern: Any, event: Any, matches: bool) -> None:
    assert compile_pattern(json.dumps(pattern))(event) is matches


STRING = "match pattern must be a string"
LISTED = "Inside anything but list, start|null|boolean is not supported."
ALONE = "Value of anything-but must be an array or single string/number value."
AFFIX = f"prefix/suffix {STRING}"
NO_CASE = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."

REFUSED: list[tuple[str, Any, str]] = [
    ("string_nolist_EXC", {"berth": "b4"}, '"berth" must be an object or an array'),
    ("int_nolist_EXC", {"berth": 4}, '"berth" must be an object or an array'),
    ("arrays_empty_EXC", {"berth": []}, "Empty arrays are not allowed"),
    ("test_invalid_json_event_pattern", ["berth"], "Filter is not an object"),
    ("operator_case_sensitive_EXC", {"berth": [{"Prefix": "b"}]}, "Unrecognized match type Prefix"),
    ("content_prefix_int_EXC", {"berth": [{"prefix": 4}]}, f"prefix {STRING}"),
    ("content_prefix_list_EXC", {"berth": [{"prefix": ["b", "c"]}]}, f"prefix {STRING}"),
    ("content_suffix_int_EXC", {"berth": [{"suffix": 4}]}, f"suffix {STRING}"),
    ("content_suffix_list_EXC", {"berth": [{"suffix": ["b", "c"]}]}, f"suffix {STRING}"),
    ("content_ignorecase_EXC", {"berth": [{"equals-ignore-case": ["b4"]}]}, f"equals-ignore-case {STRING}"),
    ("content_ignorecase_list_EXC", {"b": [{"equals-ignore-case": {"suffix": "4"}}]}, f"equals-ignore-case {STRING}"),
    ("content_wildcard_int_EXC", {"berth": [{"wildcard": 4}]}, f"wildcard {STRING}"),
    ("content_wildcard_list_EXC", {"berth": [{"wildcard": ["b*"]}]}, f"wildcard {STRING}"),
    ("content_wildcard_repeating_star_EXC", {"b": [{"wildcard": "a**"}]}, "Consecutive wildcard characters at pos 2"),
    ("content_numeric_number_EXC", {"kn": [{"numeric": 9}]}, "Value of numeric must be an array."),
    ("content_numeric_EXC", {"kn": [{"numeric": [">=", 0, ">=", 5]}]}, "Bad numeric range operator: >="),
    ("content_numeric_syntax_EXC", {"kn": [{"numeric": [">", 0, "<="]}]}, "Value of <= must be numeric"),
    ("content_numeric_operatorcasing_EXC", {"kn": [{"Numeric": ["=", 5]}]}, "Unrecognized match type Numeric"),
    ("content_anything_but_string_null_type_EXC", {"at": [{"anything-but": None}]}, ALONE),
    ("content_anything_but_string_list_null_type_EXC", {"at": [{"anything-but": ["sea", None]}]}, LISTED),
    ("content_anything_prefix_ignorecase_EXC", {"at": [{"anything-but": {"prefix": NO_SEA["anything-but"]}}]}, ALONE),
    ("content_anything_prefix_empty_EXC", {"at": [{"anything-but": {"prefix": ""}}]}, "Null prefix/suffix not allowed"),
    ("content_anything_suffix_empty_EXC", {"at": [{"anything-but": {"suffix": ""}}]}, "Null prefix/suffix not allowed"),
    ("content_anything_prefix_int_EXC", {"at": [{"anything-but": {"prefix": 4}}]}, AFFIX),
    ("content_anything_prefix_list_type_EXC", {"a": [{"anything-but": {"prefix": ["s", 4]}}]}, AFFIX),
    ("content_anything_suffix_list_null_type_EXC", {"a": [{"anything-but": {"suffix": [None]}}]}, AFFIX),
    ("content_anything_wildcard_type_EXC", {"at": [{"anything-but": {"wildcard": 4}}]}, f"wildcard {STRING}"),
    ("content_anything_wildcard_list_type_EXC", {"at": [{"anything-but": {"wildcard": [4]}}]}, f"wildcard {STRING}"),
    ("content_anything_but_ignorecase_EXC", {"at": [{"anything-but": {"equals-ignore-case": 4}}]}, NO_CASE),
    ("content_anything_but_ignorecase_list_EXC", {"at": [{"anything-but": {"equals-ignore-case": [4]}}]}, NO_CASE),
]  # fmt: skip


@pytest.mark.parametrize(("recording", "pattern", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_rule_is_refused_in_the_words_of_aws(account: Account, recording: str, pattern: Any, reason: str) -> None:
    with pytest.raises(AwsError) as refused:
        account.ask("events", "PutRule", Name="rule", EventPattern=json.dumps(pattern))
    assert refused.value.code == "InvalidEventPatternException"
    assert refused.value.message == f"Event pattern is not valid. Reason: {reason}"


@pytest.mark.parametrize("text", ["berth four", "{'berth': ['b4']}", '{"berth": four}'])
def test_text_that_is_no_json_is_refused(text: str) -> None:
    """test_events_patterns.py, test_invalid_json_event_pattern; the words are those of AWS's parser, not ours."""
    with pytest.raises(InvalidPattern):
        compile_pattern(text)


def test_of_a_key_that_is_there_twice_the_last_counts() -> None:
    """test_events_patterns.py, test_event_pattern_with_multi_key."""
    assert compile_pattern('{"at": ["sea"], "at": ["bay"]}')({"at": "bay"})


NOT_OFFERED: list[tuple[str, Any]] = [
    ("content_ip_address", [{"cidr": "10.1.0.0/16"}]),
    ("content_wildcard_complex_EXC", [{"wildcard": "*/*/buoy/*"}]),
    ("test_event_pattern_with_escape_characters", [{"wildcard": "\\*"}]),
]


@pytest.mark.parametrize(("recording", "wanted"), NOT_OFFERED, ids=[row[0] for row in NOT_OFFERED])
def test_what_is_not_offered_is_not_guessed(recording: str, wanted: Any) -> None:
    with pytest.raises(NotSimulated):
        compile_pattern(json.dumps({"at": wanted}))


def test_absence_in_an_array_of_objects_is_not_guessed() -> None:
    matches = compile_pattern('{"holds": {"cargo": [{"exists": false}]}}')
    with pytest.raises(NotSimulated):
        matches({"holds": [{"no": 1}, {"cargo": "tea"}]})
