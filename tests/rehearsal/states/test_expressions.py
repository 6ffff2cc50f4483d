"""JSONata in fields: what is undefined, what is null, and that the short way along a path is no other way."""

from __future__ import annotations

import pytest

from rehearsal.states import Evaluation
from rehearsal.states.expressions import QueryFailed, compile_field
from rehearsal.states.shortcut_functions import UNDEFINED
from tests.rehearsal.states.account import INVOKE, Account, machine, output, run
from tests.rehearsal.states.conformance import CASES, END
from tests.rehearsal.states.reference_implementation import disagreements

STATES = {
    "input": {
        "name": "v2",
        "none": None,
        "n": 3,
        "x": 1.5,
        "whole": 2.0,
        "yes": True,
        "list": [{"k": "a", "v": 1}, {"k": "b", "v": 2}, {"k": "c"}],
        "one": [{"k": "a", "v": [1]}],
        "empty": [],
        "nested": [[1, 2], [3]],
        "text": '{"a": [1, null]}',
        "ümlaut": "ü",
    },
    "context": {"Execution": {"Id": "arn", "Name": "r"}},
}

EXPRESSIONS = """
$states.input.name
$states.input.none
$states.input.none.further
$states.input.absent
$states.input.list
$states.input.list.k
$states.input.list.v
$states.input.list[0]
$states.input.list[-1].k
$states.input.list[9]
$states.input.list[k = 'b']
$states.input.list[k = 'b'].v
$states.input.list[v > 0].k
$states.input.list[$i]
$states.input.list[$i].v
$states.input.one
$states.input.one.v
$states.input.one.k
$states.input.one[0]
$states.input.empty
$states.input.empty[0]
$states.input.nested
$states.input.nested[0]
$states.input.`ümlaut`
$states.input.name & '-' & $states.input.n
'a' & $states.input.absent & 'b'
'x' & $states.input.none
'is ' & $states.input.x & $states.input.whole & $states.input.yes
$states.input.n + 1
$states.input.n - $i
$states.input.n = 3
$states.input.n != 3
$states.input.n >= 3 and $states.input.yes
$states.input.absent = 1
$states.input.absent = $alsoabsent
$states.input.none = null
$states.input.absent = null
$states.input.name in ['v1', 'v2']
$states.input.yes or $states.input.absent
$not($states.input.absent)
$not($states.input.empty)
$exists($states.input.absent)
$exists($states.input.none)
$exists($states.input.empty)
$exists($states.input.list[k = 'z'])
$boolean($states.input.absent)
$count($states.input.list)
$count($states.input.empty)
$count($states.input.absent)
$count($states.input.name)
$string($states.input.list)
$string($states.input.x)
$string($states.input.whole)
$string($states.input.absent)
$string({'b': 1, 'a': null})
$string({'long': 24602.983146067414, 'ü': ['ü', 0.00001, 1e-7, true, null, {}, []]})
$string([0.1 + 0.2, 100 / 3])
$string(0.1 + 0.2)
$string('ü')
$string($sum)
$string([$states.input.list.v])
$string($states.input.one)
$string({'a': $sum})
$string({'a': [1]}, true)
$map($states.input.list, $string)
$states.input.list.$string(v)
$number('42')
$number('1e3')
$number($states.input.absent)
$parse($states.input.text)
$parse($states.input.text).a
$merge([{'a': 1}, {'b': 2}, {'a': 3}])
$merge([$states.input.list[0], {'v': null}])
$append([], {'a': 1})
$append($states.input.empty, $states.input.list)
$append($states.input.absent, [1])
$append([1], $states.input.absent)
$append([1], [[2]])
$map($states.input.list, function($x) {$x.k})
$map($states.input.list, function($x, $n) {$x.k & $n})
$map($states.input.one, function($x) {$x.k})
$map($states.input.empty, function($x) {$x.k})
$filter($states.input.list, function($x) {$x.v > 1})
$filter($states.input.list, function($x) {$x.v > 9})
$filter($states.input.list, function($x) {$exists($x.v)})
[$map($states.input.one, function($x) {$x.k})]
[$filter($states.input.list, function($x) {$x.v > 1})]
[$states.input.list.k]
[$states.input.absent]
[$states.input.none]
[1, [2, 3]]
[[$states.input.empty]]
{'a': $states.input.absent, 'b': $states.input.none, 'c': $states.input.empty}
{'a': {'b': [$states.input.n]}}
{$states.input.name: 1}
$states.input.yes ? 'y' : 'n'
$states.input.absent ? 'y' : 'n'
$states.input.absent ? 'y'
($a := 2; $a * 3)
$lookup($states.input, 'n')
$lookup($states.input, 'absent')
$keys($states.input.list[0])
$keys({'a': 1})
$split('a/b/c', '/')[1]
$join(['a', 'b'], ',')
$substringBefore('a-b', '-')
$contains('abc', 'b')
$type($states.input.none)
$type($states.input.absent)
$max([1, 5, 2])
$sum($states.input.list.v)
$round(2.5)
$states.input.list^(>k).k
$partition([1, 2, 3], 2)
$range(1, 7, 3)
1 / 0
$states.input.name + 1
$number('x')
$sum
$nothing()
""".strip().splitlines()


def evaluated(expression: str) -> Evaluation:
    seen: list[Evaluation] = []
    variables = {"states": STATES, "i": 1, "plan": {"steps": [{"action": "a"}]}}
    try:
        compile_field(f"{{% {expression} %}}", "Output").evaluate(variables, seen.append)
    except QueryFailed:
        assert seen[0].failed or seen[0].result is UNDEFINED
    return seen[0]


@pytest.mark.conformance
def test_expressions_give_what_the_reference_implementation_gives() -> None:
    assert disagreements(map(evaluated, EXPRESSIONS)) == []


@pytest.mark.conformance
def test_the_conformance_definitions_evaluate_as_with_the_reference_implementation() -> None:
    account = Account()
    for case in CASES.values():
        account.start(account.create(machine(next(iter(case.states)), case.states)), case.data)
        account.pass_time(60)
    assert len(account.evaluations) > 20
    assert disagreements(account.evaluations) == []


def test_what_an_expression_gives_is_not_changed_by_what_is_done_next() -> None:
    before = repr(STATES)
    for expression in EXPRESSIONS:
        evaluated(expression)
    assert repr(STATES) == before


def test_a_whole_number_is_the_same_however_it_was_written() -> None:
    """The reference implementation knows one kind of number: JSON.parse("2.0") is 2."""
    answer = {"StatusCode": 200, "Payload": b'{"n": 2.0}'}
    account = Account({("lambda", "Invoke"): lambda request: answer})
    states = {
        "A": {"Type": "Task", "Resource": INVOKE, "Arguments": {"FunctionName": "f"}, "Next": "B"},
        "B": {
            **END,
            "Output": "{% $string([$states.input.Payload, $parse('3.0'), $states.context.Execution.Input]) %}",
        },
    }
    assert output(run(states, {"m": 1.0}, account)) == '[{"n":2},3,{"m":1}]'


def test_a_field_without_expressions_is_itself() -> None:
    field = {"a": [1, None, "x"], "b": {"c": "{% not at both ends"}}
    assert compile_field(field, "Output").evaluate({}, None) == field
