"""Reads the plan for a policy and a version: the real machines make it, in a fresh account, and nothing is touched.

The account has the group's versions up to the one asked for, all of them good models, and the alarms that the policy
names. Only `operate` in a real account can say whether that account has an objection, such as an alarm already raised
or an endpoint that somebody else changed.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from rehearsal.aws import AwsError
from rehearsal.report import timeline
from rehearsal.report.terminal import WIDTH, Screen
from rehearsal.scenario.quantities import count, duration
from rehearsal.scenario.unusable import Unusable
from rehearsal.world import ACCOUNT, REGION, ROOT, World, new_world

if TYPE_CHECKING:
    from interlock.evidence.forecast import Undecided

_LAYER = str(ROOT / "layers/interlock")
_DEMANDS = ("smoke", "evidence", "alarms")
_SETTLED = 6 * 3600.0  # virtual seconds within which a first deployment is over, whether it succeeded or not
_ANSWERED = 60.0


class UnusablePolicy(Unusable):
    """A policy file that cannot be read, or that no version can go live by."""


def dry_run(policy: Path, version: int, live: int | None = None, rate: float | None = None) -> Mapping[str, Any]:
    """The plan document, with `decision`, `reason`, `why`, `warnings`, `steps` and `restore`, and with `assumed`, a
    sentence for each assumption about the account; a refusal has no steps.

    `live` is the version that serves the endpoint already; without it there is no endpoint. With a `rate`, requests a
    second, `forecast` says a line or more about each bake. Raises UnusablePolicy.
    """
    document, text = _last_stage(*read_policy_file(policy))
    try:
        plan = _rehearsed(document, text, version, live)
        return {**plan, "forecast": forecast_lines(plan["steps"], rate)} if rate else plan
    except AwsError as refused:
        raise UnusablePolicy(f"{policy}: {refused.message}") from refused


def _last_stage(document: dict[str, Any], text: str) -> tuple[dict[str, Any], str]:
    """The policy as if it had its last stage only, as a plan is about one. What is asked before it begins is no part of
    the plan."""
    if len(document["stages"]) == 1:
        return document, text
    stage = {**document["stages"][-1]}
    approval = stage.pop("approval", None) or {}
    before = approval.get("before", [])
    steps = [each for each in (before if isinstance(before, list) else [before]) if each != "stage"]
    alone = {**document, "stages": [{**stage, "approval": {**approval, "before": steps}} if steps else stage]}
    return alone, json.dumps(alone)


def _rehearsed(document: Mapping[str, Any], text: str, version: int, live: int | None) -> dict[str, Any]:
    group, (stage,) = document["model_package_group"], document["stages"]
    keys, gates = _keys(document), _gates(stage)
    parameters = {name: ",".join(arns) for name, arns in {"KeyArns": [*keys.values()], **gates}.items() if arns}
    world = new_world(datetime(2026, 1, 5, 9, tzinfo=UTC), seed=7, parameters=parameters)
    for name, arn in keys.items():
        world.make_key(arn, name)
    for number in range(1, max(version, live or 0) + 1):
        world.register(group, "plain" if number == live else "better", "PendingManualApproval")
    assumed = [f"key {name} is one of the stack's KeyArns." for name in keys]
    assumed += [f"{arn} is one of the stack's {name}." for name, arns in gates.items() for arn in arns]
    assumed += [_assume_alarm(world, name) for name in dict.fromkeys(stage.get("alarms", ()))]
    if live is None:
        assumed.append(f"there is no endpoint {stage['endpoint']} yet.")
    else:
        assumed.append(_assume_live(world, document, live))
    world.put_policy(group, text)
    world.clock.run(until=world.clock.now + _ANSWERED)
    world.bus.disturb = lambda event: []  # an approval that nobody hears of starts no release
    world.update_package(group, version, ModelApprovalStatus="Approved")
    return {"assumed": assumed, **_plan(world, {"action": "dry_run", "group": group, "version": version})}


def read_policy_file(policy: Path) -> tuple[dict[str, Any], str]:
    """A policy as a document and as it was written, once Interlock's own reader has found nothing wrong in it.
    Raises UnusablePolicy with a line per problem that starts with `file:line:column:`."""
    if _LAYER not in sys.path:
        sys.path.append(_LAYER)
    from interlock.policy.document import read_policy
    from interlock.policy.errors import PolicyError

    try:
        text = policy.read_text(encoding="utf-8")
        read_policy(text, _group(text))
    except FileNotFoundError:
        raise UnusablePolicy(f"{policy}: no such file") from None
    except OSError as error:
        raise UnusablePolicy(f"{policy}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnusablePolicy(f"{policy}: is not text in UTF-8") from None
    except PolicyError as error:
        raise UnusablePolicy(
            "\n".join(f"{policy}:{line}:{column}: {text}" for text, line, column in error.problems)
        ) from None
    document: dict[str, Any] = yaml.safe_load(text)
    return document, text


def _group(text: str) -> str:
    """The group that a policy says it is for: here no parameter's name says it."""
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return ""  # read_policy finds the same, and says it in words
    return str(document.get("model_package_group")) if isinstance(document, dict) else ""


def _gates(stage: Mapping[str, Any]) -> dict[str, list[str]]:
    """The ARNs of the gates that a stage names, by the parameter of the stack that must name them, too."""
    by = {"GateFunctionArns": "function", "GateStateMachineArns": "state_machine"}
    named = stage.get("gates") or ()
    return {name: list(dict.fromkeys(gate[kind] for gate in named if gate.get(kind))) for name, kind in by.items()}


def _keys(document: Mapping[str, Any]) -> dict[str, str]:
    """The ARNs of the keys that a policy names, by what it calls them: an ARN, an id or an alias."""
    capture = document["stages"][0]["hosting"].get("data_capture") or {}
    protection = document.get("protection") or {}
    named = (protection.get("volume_key"), protection.get("output_key"), capture.get("kms_key"))
    return {
        name: name if ":key/" in name else f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{name.rpartition('/')[2]}"
        for name in dict.fromkeys(filter(None, named))
    }


def _assume_alarm(world: World, name: str) -> str:
    """One of the team's own alarms, on a metric that nothing here publishes."""
    world.ask(
        "cloudwatch",
        "PutMetricAlarm",
        AlarmName=name,
        Namespace="Assumed",
        MetricName="Assumed",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    world.ask("cloudwatch", "SetAlarmState", AlarmName=name, StateValue="OK", StateReason="assumed")
    return f"alarm {name} exists and is OK."


def _assume_live(world: World, document: Mapping[str, Any], live: int) -> str:
    """Release a version by a policy that asks nothing of it: the models here are not the ones the policy is for."""
    (stage,) = document["stages"]
    lenient = {field: said for field, said in stage.items() if field not in _DEMANDS}
    if isinstance(stage.get("strategy"), dict):
        lenient["strategy"] = {field: said for field, said in stage["strategy"].items() if field != "baseline"}
    world.put_policy(document["model_package_group"], json.dumps({**document, "stages": [lenient]}))
    world.clock.run(until=world.clock.now + _ANSWERED)
    _release(world, document["model_package_group"], live)
    return f"version {live} is live on endpoint {stage['endpoint']} and healthy."


def _release(world: World, group: str, version: int) -> None:
    world.update_package(group, version, ModelApprovalStatus="Approved")
    world.clock.run(until=world.clock.now + _SETTLED)
    ended = [each for each in world.states.executions if each.machine.arn == world.machine("deliver")]
    if not ended or ended[-1].status != "SUCCEEDED":
        why = (ended[-1].cause or ended[-1].status) if ended else "no release was started"
        raise UnusablePolicy(f"version {version} of {group} does not go live by this policy: {why}")


def _plan(world: World, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask `operate`, as a person would, and read the answer of the execution it starts."""
    before = len(world.states.executions)
    world.ask("stepfunctions", "StartExecution", stateMachineArn=world.machine("operate"), input=json.dumps(request))
    world.clock.run(until=world.clock.now + _ANSWERED)
    asked = world.states.executions[before:]
    last = next((each for each in asked if each.machine.arn == world.machine("deliver")), asked[0])
    if last.status == "SUCCEEDED" and last.output:
        plan: Mapping[str, Any] = json.loads(last.output)["plan"]
        return plan
    reason, _, sentence = (last.cause or f"{last.error}: {last.status}").partition(": ")
    return {"decision": "Refuse", "reason": reason, "why": sentence, "warnings": [], "steps": []}


def show(view: Screen, plan: Mapping[str, Any]) -> None:
    """A dry run for a person: the assumptions, the decision and its reason, each step in a line, then each request."""
    for assumption in plan["assumed"]:
        view.say(f"Assumed: {assumption}")
    proceeds = plan["decision"] == "Proceed"
    title = timeline.plan_title(plan) if proceeds else str(plan.get("reason", ""))
    view.say(f"{view.paint(str(plan['decision']), 'good' if proceeds else 'bad')}  {view.paint(title, 'strong')}")
    for line in textwrap.wrap(str(plan.get("why", "")), WIDTH - 2):
        view.say(f"  {line}")
    for warning in plan.get("warnings", ()):
        for index, line in enumerate(textwrap.wrap(str(warning), WIDTH - 4)):
            view.say(f"  {view.paint('!' if index == 0 else ' ', 'warn')} {line}")
    for line in ("", *plan["forecast"]) if plan.get("forecast") else ():
        view.say(line)
    titles = [f"{number:>2}  {step.get('note') or step['action']}" for number, step in enumerate(plan["steps"], 1)]
    for index, title in enumerate(titles):
        view.say(f"\n{title}" if index == 0 else title)
    _show_steps(view, titles, plan["steps"])
    restore = plan.get("restore") or {}
    if restore.get("request"):
        view.say("\n  What restores stable, ready from the start:")
        _show_request(view, restore["action"], restore["request"])


def forecast_lines(steps: Sequence[Mapping[str, Any]], rate: float) -> list[str]:
    """How long each bake will take at `rate` requests a second, and what that traffic is too little for."""
    from interlock.evidence.forecast import forecast

    baked = [(number, step["bake"]) for number, step in enumerate(steps, 1) if step.get("bake")]
    if not baked:
        return []
    outlooks = forecast([bake for _, bake in baked], rate)
    looks = list(zip((each for each in baked if "approval" not in each[1]), outlooks, strict=True))
    lines = [
        f"At {rate:g} requests a second, for a good candidate: it has half of what a limit allows, and is like stable."
    ]
    for (number, bake), seen in looks:
        undecided = ", ".join(f"{each.rule['title']} {each.rule['bound']}" for each in seen.undecided)
        told = f"not decided: {undecided}; then: {bake['then']}" if undecided else "decided"
        at = f"{number:>4}  at {seen.percent:g} %" if seen.percent else f"{number:>4}  shadow"
        lines.append(f"{at:<14}{duration(seen.seconds):>8}  {count(seen.requests):>9} requests a bake  {told}")
        lines += [f"{'':24}{_remedy(each)}" for each in seen.undecided]
    asks = ((number, bake["approval"]) for number, bake in baked if "approval" in bake)
    lines += [f"{number:>4}  waits at most {duration(ask['within'])} for a person's approval" for number, ask in asks]
    unknown = dict.fromkeys(title for _, seen in looks for title in seen.unknown)
    lines += [f"  Nothing can be said about {title}." for title in unknown]
    whole = duration(sum(seen.seconds for _, seen in looks))
    return [*lines, f"  All bakes together take {whole}; each change of the endpoint takes some minutes more."]


def _remedy(undecided: Undecided) -> str:
    rule, asked = undecided.rule, []
    if undecided.bake:
        asked.append(f"a bake of {duration(undecided.bake)} would do")
    if undecided.value:
        latency = rule["bound"] == "max" and rule["unit"] == "us"
        value = f"{undecided.value / 1000:g}ms" if latency else f"{undecided.value * 100:g}%"
        asked.append(f"{rule['bound']}: {value} would do")
    return f"{rule['metric']}: {', or '.join(asked) or 'no bake and no limit that was tried would do'}"


def _show_steps(view: Screen, titles: list[str], steps: list[Mapping[str, Any]]) -> None:
    """Each step's request. Bakes are much alike, so a later one shows only its differences from the first."""
    first = next((index for index, step in enumerate(steps) if step.get("bake")), None)
    for index, (title, step) in enumerate(zip(titles, steps, strict=True)):
        view.say(f"\n{view.paint(title, 'strong')}")
        bake = step.get("bake")
        if not bake or first is None or index == first:
            _show_request(view, step["action"], bake or step.get("request") or {})
            continue
        differs = {name: said for name, said in bake.items() if said != steps[first]["bake"].get(name)}
        share = f", at {differs.pop('percent')} %" if "percent" in differs else ""
        _show_request(view, f"{step['action']} as step {first + 1}{share}", differs)


def _show_request(view: Screen, action: str, request: Mapping[str, Any]) -> None:
    view.say(f"    {view.paint(action, 'soft')}")
    if request:
        for line in yaml.safe_dump(request, sort_keys=False, width=WIDTH - 8).splitlines():
            view.say(f"      {line}")
