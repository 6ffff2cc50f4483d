"""What CloudWatch's documentation leaves open, or what differs between accounts: one named choice each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Options:
    """Named answers. Times in seconds of virtual time.

    `evaluation_offset`: how long after the full minute alarms are evaluated. The documentation says "every minute",
    not when; the offset stands for the delay with which a minute's data becomes visible.
    `extra_periods`: how many periods beyond EvaluationPeriods an alarm looks at. The documentation says "a higher
    number of data points than the number specified as Evaluation Periods" and shows 5 for 3 (docs:
    AlarmThatSendsEmail, missing data tables).
    `periods_start_at`: whether GetMetricData's periods count from StartTime (boto3 #3457, where somebody of AWS says
    so) or from multiples of the period on the clock.
    `metrics_arrive`: data of a minute is there "at once", or "late": nothing of the last two minutes, of the third a
    part, and of each metric another part. The documentation promises one a minute in "near real time" and no bound on
    the delay (docs: sagemaker/latest/dg/monitoring-cloudwatch).
    `metric_data`: GetMetricData answers "whole", or in "pages": of each query first a part, with the status PartialData
    and a NextToken (botocore GetMetricData names both, and no size below which they do not come).
    `description_in_events`: an alarm's event has its description, or "null" in its place.
    `deleting_unknown_alarm`: DeleteAlarms models ResourceNotFound (botocore), while its documentation says that alarms
    with correct names are deleted even when others are incorrect.
    """

    evaluation_offset: float = 10.0
    extra_periods: int = 2
    periods_start_at: Literal["StartTime", "clock"] = "StartTime"
    metrics_arrive: Literal["at once", "late"] = "at once"
    metric_data: Literal["whole", "pages"] = "whole"
    description_in_events: Literal["as put", "null"] = "as put"
    deleting_unknown_alarm: Literal["accepted", "ResourceNotFound"] = "accepted"
