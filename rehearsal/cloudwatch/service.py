"""The CloudWatch API, as far as a release needs it: metric data in and out, metric alarms and their events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock, Timer
from rehearsal.cloudwatch import alarms
from rehearsal.cloudwatch.alarms import Alarm, Standing
from rehearsal.cloudwatch.expression import Series
from rehearsal.cloudwatch.metrics import Metric, Metrics, at_once, late
from rehearsal.cloudwatch.options import Options
from rehearsal.cloudwatch.query import Query, check, dimensions_of, period_of, series_of

Emit = Callable[[str, str, dict[str, Any], list[str]], None]
Act = Callable[[str, dict[str, Any]], None]

_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def _no_action(arn: str, message: dict[str, Any]) -> None:
    """Alarm actions are not carried out unless the account is composed with somebody who does."""


class CloudWatch:
    """The service simulator "cloudwatch".

    `emit(source, detail_type, detail, resources)` sends an event; `act(action_arn, message)` carries out an alarm
    action, the message being what CloudWatch sends to an SNS topic. Other simulated services report their metrics with
    `publish`.
    """

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        region: str,
        account: str,
        *,
        options: Options | None = None,
        act: Act = _no_action,
    ) -> None:
        self._clock, self._emit, self._act = clock, emit, act
        self._options = options or Options()
        self._region, self._account = region, account
        self._metrics = Metrics(late(lambda: clock.now) if self._options.metrics_arrive == "late" else at_once)
        self._alarms: dict[str, Alarm] = {}
        self._tags: dict[str, list[dict[str, str]]] = {}  # of alarms, by name
        self._evaluation: Timer | None = None

    def publish(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        at: float,
        values: ArrayLike,
        counts: ArrayLike | None = None,
    ) -> None:
        """A service's own metric: values at virtual epoch second `at`, each `counts[i]` times (once without counts)."""
        self._metrics.add(Metric.of(namespace, name, dimensions), at, values, counts)

    def state_of(self, alarm_name: str) -> str | None:
        """The state of an alarm, None when there is no such alarm."""
        alarm = self._alarms.get(alarm_name)
        return alarm.standing.value if alarm else None

    # The API

    def alarms_with(self, action: str) -> list[str]:
        """The names of the alarms that have an action."""
        return [name for name, alarm in self._alarms.items() if action in alarm.request.get("AlarmActions", ())]

    def put_metric_data(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        for datum in request.get("MetricData", ()):
            metric = Metric.of(request["Namespace"], datum["MetricName"], dimensions_of(datum.get("Dimensions", ())))
            at = datum["Timestamp"].timestamp() if "Timestamp" in datum else self._clock.now
            if "StatisticValues" in datum:
                known = datum["StatisticValues"]
                self._metrics.add_statistics(
                    metric, at, known["SampleCount"], known["Sum"], known["Minimum"], known["Maximum"]
                )
            elif "Values" in datum:
                self._metrics.add(metric, at, datum["Values"], datum.get("Counts"))
            elif "Value" in datum:
                self._metrics.add(metric, at, [datum["Value"]])
            else:
                raise _refused(
                    "At least one of the parameters must be specified: Value, Values or StatisticValues",
                    "MissingRequiredParameterException",
                )
        return {}

    def get_metric_data(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Periods begin at StartTime or on the clock: see Options. Newest first unless ScanBy says otherwise.

        A query has a period of its own; up to 500 metrics and 100,800 points a call (botocore GetMetricData).
        """
        begin, end = request["StartTime"].timestamp(), request["EndTime"].timestamp()
        queries: dict[str, Query] = {query["Id"]: query for query in request["MetricDataQueries"]}
        if begin >= end:
            raise _refused("The parameter StartTime must be less than the parameter EndTime.")
        if sum("MetricStat" in query for query in queries.values()) > _MOST_METRICS:
            raise _refused(f"A call may retrieve up to {_MOST_METRICS} metrics.")
        oldest_first = request.get("ScanBy", "TimestampDescending") == "TimestampAscending"
        results = []
        try:
            check(request["MetricDataQueries"])
            for query in queries.values():
                if query.get("ReturnData", True):
                    starts = self._starts(begin, end, period_of(query, queries))
                    results.append((query, starts, series_of(query, queries, self._metrics, starts)))
        except ValueError as error:
            raise _refused(str(error)) from None
        answers = [self._result(*result, oldest_first) for result in results]
        points = sum(len(answer["Values"]) for answer in answers)
        if points > _MOST_POINTS:
            raise _refused(f"{points:,} data points in pages are not simulated; up to {_MOST_POINTS:,} are")
        if self._options.metric_data == "pages":
            return _page(answers, request.get("NextToken"))
        return {"MetricDataResults": answers, "Messages": []}

    def put_metric_alarm(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """A new alarm starts in INSUFFICIENT_DATA; an alarm that exists keeps its state (B: PutMetricAlarm)."""
        if reason := alarms.refusal(request):
            raise _refused(reason)
        name, now = request["AlarmName"], self._clock.now
        arn = f"arn:aws:cloudwatch:{self._region}:{self._account}:alarm:{name}"
        before = self._alarms.get(name)
        standing = before.standing if before else Standing("INSUFFICIENT_DATA", _UNCHECKED, "", now)
        self._alarms[name] = Alarm(name, arn, dict(request), now, standing, before.transitioned if before else now)
        if before is None:
            self._tags[name] = request.get("Tags", [])
        self._announce_configuration(self._alarms[name], "update" if before else "create")
        if self._evaluation is None:
            self._evaluate_next_minute()
        return {}

    def describe_alarms(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Metric alarms by name, prefix, state; composite alarms do not exist here."""
        found = [
            alarm.describe(self._clock)
            for alarm in self._alarms.values()
            if alarm.name in request.get("AlarmNames", [alarm.name])
            and alarm.name.startswith(request.get("AlarmNamePrefix", ""))
            and alarm.standing.value == request.get("StateValue", alarm.standing.value)
            and "MetricAlarm" in request.get("AlarmTypes", ["MetricAlarm"])
        ]
        first, size = int(request.get("NextToken", 0)), int(request.get("MaxRecords", 50))
        page = {"MetricAlarms": found[first : first + size], "CompositeAlarms": []}
        return page | ({"NextToken": str(first + size)} if len(found) > first + size else {})

    def list_tags_for_resource(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Of an alarm: the tags that it was made with. An update leaves them alone (botocore PutMetricAlarm Tags)."""
        for name, tags in self._tags.items():
            if request["ResourceARN"].endswith(f":alarm:{name}") and name in self._alarms:
                return {"Tags": tags}
        raise _refused("The resource does not exist.", "ResourceNotFoundException", 404)

    def delete_alarms(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        unknown = [name for name in request["AlarmNames"] if name not in self._alarms]
        if unknown and self._options.deleting_unknown_alarm == "ResourceNotFound":
            raise _refused(f"Unknown alarm: {', '.join(unknown)}", "ResourceNotFound", 404)
        for name in request["AlarmNames"]:
            if name in self._alarms:
                self._announce_configuration(self._alarms.pop(name), "delete")
        return {}

    def set_alarm_state(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Lasts until the next evaluation (docs: AlarmThatSendsEmail, "Common features")."""
        alarm = self._alarms.get(request["AlarmName"])
        if alarm is None:
            raise _refused(f"Unknown alarm: {request['AlarmName']}", "ResourceNotFound", 404)
        data = request.get("StateReasonData", "")
        self._stand(alarm, Standing(request["StateValue"], request["StateReason"], data, self._clock.now))
        return {}

    # Evaluation

    def _evaluate_next_minute(self) -> None:
        due = (self._clock.now // 60 + 1) * 60 + self._options.evaluation_offset
        self._evaluation = self._clock.at(due, self._evaluate_all)

    def _evaluate_all(self) -> None:
        if not self._alarms:
            self._evaluation = None
            return
        self._evaluate_next_minute()
        for alarm in list(self._alarms.values()):
            standing = alarms.evaluate(alarm, self._metrics, self._clock, self._options.extra_periods)
            if standing is not None and alarm.name in self._alarms:
                self._stand(alarm, standing)

    def _stand(self, alarm: Alarm, standing: Standing) -> None:
        """Events and actions come with a change of state only (docs: AlarmThatSendsEmail)."""
        before = alarm.standing
        if standing.value == before.value:
            return
        alarm.standing, alarm.transitioned = standing, standing.since
        detail = {
            "alarmName": alarm.name,
            "configuration": self._configuration(alarm),
            "previousState": before.detail(self._clock),
            "state": standing.detail(self._clock),
        }
        self._emit("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [alarm.arn])
        if alarm.request.get("ActionsEnabled", True):
            for arn in alarm.request.get(_ACTIONS[standing.value], ()):
                self._act(arn, self._message(alarm, before))

    def _configuration(self, alarm: Alarm) -> dict[str, Any]:
        null = {"description": None} if self._options.description_in_events == "null" else {}
        return alarm.configuration() | null

    def _announce_configuration(self, alarm: Alarm, operation: str) -> None:
        detail = {
            "alarmName": alarm.name,
            "operation": operation,
            "configuration": self._configuration(alarm),
            "state": alarm.standing.detail(self._clock),
        }
        self._emit("aws.cloudwatch", "CloudWatch Alarm Configuration Change", detail, [alarm.arn])

    def _message(self, alarm: Alarm, before: Standing) -> dict[str, Any]:
        return {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.request.get("AlarmDescription"),
            "AWSAccountId": self._account,
            "NewStateValue": alarm.standing.value,
            "NewStateReason": alarm.standing.reason,
            "StateChangeTime": alarms.stamp(self._clock, alarm.standing.since),
            "Region": self._region,
            "AlarmArn": alarm.arn,
            "OldStateValue": before.value,
        }

    def _starts(self, begin: float, end: float, period: int) -> list[float]:
        """When the periods begin that have points. StartTime is rounded down, the farther it is back the more.

        Data is kept by the minute for 15 days, by 5 minutes for 63, then by the hour; of older times, a finer period
        has no points (botocore GetMetricDataInput.StartTime, MetricStat.Period).
        """
        kept = self._resolution(begin)
        grain = max(period, kept) if self._options.periods_start_at == "clock" else kept
        first = begin // grain * grain
        starts = (first + period * index for index in range(int(-(-(end - first) // period))))
        return [start for start in starts if period % self._resolution(start) == 0]

    def _resolution(self, at: float) -> int:
        """How finely, in seconds, the data of a time is kept today."""
        age = self._clock.now - at
        return next(resolution for days, resolution in _KEPT if age <= days * 86_400)

    def _result(self, query: Query, starts: Sequence[float], series: Series, oldest_first: bool) -> dict[str, Any]:
        points = [(start, value) for start, value in zip(starts, series, strict=True) if value is not None]
        if not oldest_first:
            points.reverse()
        plain = query["MetricStat"]["Metric"].get("MetricName", "") if "MetricStat" in query else query["Id"]
        return {
            "Id": query["Id"],
            "Label": query.get("Label", plain),
            "Timestamps": [self._clock.datetime(start) for start, _ in points],
            "Values": [value for _, value in points],
            "StatusCode": "Complete",
        }


_KEPT = ((15, 60), (63, 300), (float("inf"), 3600))
_MOST_METRICS, _MOST_POINTS = 500, 100_800
_UNCHECKED = "Unchecked: Initial alarm creation"


def _page(answers: list[dict[str, Any]], token: str | None) -> dict[str, Any]:
    """The first or the second half of each answer."""

    def half(answer: dict[str, Any]) -> dict[str, Any]:
        middle = (len(answer["Values"]) + 1) // 2
        part = slice(middle, None) if token else slice(middle)
        found = {name: answer[name][part] for name in ("Timestamps", "Values")}
        return {**answer, **found, "StatusCode": "Complete" if token else "PartialData"}

    page = {"MetricDataResults": [half(answer) for answer in answers], "Messages": []}
    return page if token else page | {"NextToken": "second-half"}


def _refused(message: str, code: str = "ValidationError", status: int = 400) -> AwsError:
    return AwsError("cloudwatch", code, message, status)
