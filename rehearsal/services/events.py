"""EventBridge's default bus: rules, matching, and delivery to targets on virtual time.

Events arrive half a second after they happen, unless the scenario disturbs them: late, twice, out of order, or not at
all, as the documentation of best-effort delivery warns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from rehearsal.account.gateway import Gateway
from rehearsal.aws import AwsError, Caller
from rehearsal.services.delivery import Courier, Failure, Parcel
from rehearsal.services.event_patterns import InvalidPattern, Matcher, compile_pattern
from rehearsal.services.schedule_expressions import next_after
from rehearsal.services.templates import target_input

# "Near real time" is all that is documented; half a second is commonly seen.
USUAL_DELAY = 0.5

Event = dict[str, Any]
Disturb = Callable[[Event], list[float]]


@dataclass(frozen=True)
class Rule:
    """A rule of the default bus: its pattern or its schedule, and its targets by id."""

    name: str
    arn: str
    enabled: bool
    matches: Matcher | None
    schedule: str
    targets: dict[str, Mapping[str, Any]] = field(default_factory=dict)


class Events:
    """EventBridge. `published` has every event that was put on the bus, `courier.attempts` what became of it.

    `disturb` says how an event arrives: one extra delay in seconds per copy that arrives; [] loses it. Copies after
    the first carry new ids, as repeated service events do.
    """

    def __init__(self, gateway: Gateway) -> None:
        self.published: list[Event] = []
        self.courier = Courier(gateway, gateway.clock.random("events"))
        self.disturb: Disturb = lambda event: [0.0]
        self.watchers: list[Callable[[Event], None]] = []
        self._gateway = gateway
        self._rules: dict[str, Rule] = {}

    def put_rule(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """PutRule with an EventPattern or a ScheduleExpression; putting it again keeps the targets."""
        name = request["Name"]
        arn = self._gateway.place.arn("events", f"rule/{name}")
        pattern, schedule = request.get("EventPattern"), request.get("ScheduleExpression", "")
        if not pattern and not schedule:
            words = "Parameter(s) EventPattern or ScheduleExpression must be specified."
            raise AwsError("events", "ValidationException", words)
        old = self._rules.get(name)
        rule = Rule(
            name=name,
            arn=arn,
            enabled=request.get("State", "ENABLED") != "DISABLED",
            matches=_matcher(pattern) if pattern else None,
            schedule=schedule,
            targets=old.targets if old else {},
        )
        self._rules[name] = rule
        if schedule and old is None:
            self._schedule(rule)
        return {"RuleArn": arn}

    def put_targets(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """PutTargets; at most five per rule (docs: EventBridge quotas)."""
        rule = self._rule(request["Rule"])
        targets = {**rule.targets, **{target["Id"]: target for target in request["Targets"]}}
        if len(targets) > 5:
            words = "The requested resource exceeds the maximum number allowed."
            raise AwsError("events", "LimitExceededException", words)
        rule.targets.update(targets)
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def enable_rule(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """EnableRule."""
        self._rules[request["Name"]] = replace(self._rule(request["Name"]), enabled=True)
        return {}

    def disable_rule(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """DisableRule: what happens meanwhile is never delivered."""
        self._rules[request["Name"]] = replace(self._rule(request["Name"]), enabled=False)
        return {}

    def put_events(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """PutEvents; a source that begins with "aws." is refused per entry (botocore PutEvents, "Source")."""
        entries: list[dict[str, Any]] = []
        for entry in request["Entries"]:
            if entry["Source"].startswith("aws."):
                words = "Not authorized for the source."
                entries.append({"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": words})
                continue
            detail = json.loads(entry["Detail"])
            event = self._event(entry["Source"], entry["DetailType"], detail, entry.get("Resources", []))
            self.publish(event)
            entries.append({"EventId": event["id"]})
        return {"FailedEntryCount": sum("ErrorCode" in entry for entry in entries), "Entries": entries}

    def emit(
        self, source: str, detail_type: str, detail: dict[str, Any], resources: list[str], **elsewhere: str
    ) -> None:
        """An AWS service tells what happened; delivered like any event. `elsewhere`: the `account` and `region` of an
        event that another bus sent on."""
        self.publish({**self._event(source, detail_type, detail, resources), **elsewhere})

    def publish(self, event: Event) -> None:
        """Put a whole event on the bus, as it stands; a scenario uses this to send malformed ones."""
        self.published.append(event)
        for watcher in self.watchers:
            watcher(event)
        for copy, delay in enumerate(self.disturb(event)):
            arriving = event if copy == 0 else {**event, "id": self._gateway.clock.uuid()}
            self._gateway.clock.after(USUAL_DELAY + delay, partial(self._arrive, arriving))

    def _event(self, source: str, detail_type: str, detail: dict[str, Any], resources: list[str]) -> Event:
        clock, place = self._gateway.clock, self._gateway.place
        return {
            "version": "0",
            "id": clock.uuid(),
            "detail-type": detail_type,
            "source": source,
            "account": place.account,
            "time": clock.iso()[:19] + "Z",  # whole seconds, as on the bus
            "region": place.region,
            "resources": resources,
            "detail": detail,
        }

    def _arrive(self, event: Event) -> None:
        for rule in list(self._rules.values()):
            if rule.enabled and rule.matches is not None and rule.matches(event):
                for target in rule.targets.values():
                    self.courier.deliver(self._parcel(rule, target, event))

    def _parcel(self, rule: Rule, target: Mapping[str, Any], event: Event) -> Parcel:
        retries = target.get("RetryPolicy", {})
        body = target_input(target, event, rule.name, rule.arn)

        def labels(failure: Failure) -> dict[str, str]:
            return {
                "RULE_ARN": rule.arn,
                "TARGET_ARN": target["Arn"],
                "ERROR_CODE": failure.code,
                "ERROR_MESSAGE": failure.message,
                "EXHAUSTED_RETRY_CONDITION": failure.exhausted,
                "RETRY_ATTEMPTS": str(failure.retries),
            }

        return Parcel(
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            target_arn=target["Arn"],
            role_arn=target.get("RoleArn", ""),
            body=lambda attempt: body,
            name=f"{event['id']}_{self._gateway.clock.uuid()}",
            dead_letters=target.get("DeadLetterConfig", {}).get("Arn", ""),
            letter=json.dumps(event),
            labels=labels,
            most_retries=retries.get("MaximumRetryAttempts", 185),
            oldest=retries.get("MaximumEventAgeInSeconds", 86_400),
        )

    def _schedule(self, rule: Rule) -> None:
        clock = self._gateway.clock
        created = clock.now

        def fire() -> None:
            current = self._rules[rule.name]
            if current.enabled:
                event = self._event("aws.events", "Scheduled Event", {}, [rule.arn])
                for target in current.targets.values():
                    self.courier.deliver(self._parcel(current, target, event))
            wait()

        def wait() -> None:
            due = next_after(rule.schedule, clock.now, created)
            if due is not None:
                clock.at(due, fire)

        wait()

    def _rule(self, name: str) -> Rule:
        if name not in self._rules:
            raise AwsError("events", "ResourceNotFoundException", f"Rule {name} does not exist on EventBus default.")
        return self._rules[name]


def _matcher(pattern: str) -> Matcher:
    try:
        return compile_pattern(pattern)
    except InvalidPattern as error:
        reason = f"Event pattern is not valid. Reason: {error}"
        raise AwsError("events", "InvalidEventPatternException", reason) from error
