"""The prices of everything that a release uses: list prices, without a free tier, all in this one place."""

from __future__ import annotations

from dataclasses import dataclass

READ_ON = "2026-11-21"
REGION = "us-east-1"
HOURS_OF_A_MONTH = 730  # as AWS's own calculator has it
LIST_PRICES = f"list prices of {READ_ON}, {REGION}"


@dataclass(frozen=True)
class Price:
    """`dollars` for one unit, which `per` names. `source` has the price. Some of AWS's pages fill in their numbers by
    script, and a stored copy has none; `source` then also names a page that quotes them."""

    per: str
    dollars: float
    source: str


_STATES = "https://aws.amazon.com/step-functions/pricing/"
_LAMBDA = "https://aws.amazon.com/lambda/pricing/, quoted by https://cloudchipr.com/blog/aws-lambda-pricing"
_DYNAMODB = (
    "https://aws.amazon.com/dynamodb/pricing/on-demand/, "
    "quoted by https://airbyte.com/data-engineering-resources/dynamodb-pricing"
)
_SNS = (
    "https://aws.amazon.com/sns/pricing/, "
    "quoted by https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/"
)
_CLOUDWATCH = (
    "https://aws.amazon.com/cloudwatch/pricing/, quoted by https://github.com/nishinoshake/aws-rough/issues/37 "
    "and, for alarms, https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm"
)

TRANSITION = Price("state transitions of Standard executions", 0.025 / 1_000, _STATES)
EXPRESS_REQUEST = Price("Express executions", 1.00 / 1_000_000, _STATES)
EXPRESS_GB_SECOND = Price("GB-seconds of Express executions", 0.06 / 3_600, _STATES)  # the first 1,000 GB-hours
FUNCTION_REQUEST = Price("function calls", 0.20 / 1_000_000, _LAMBDA)
FUNCTION_GB_SECOND = Price("GB-seconds of functions (arm64)", 0.0000133334, _LAMBDA)
WRITE_UNIT = Price("write units of the ledger", 0.625 / 1_000_000, _DYNAMODB)
READ_UNIT = Price("read units of the ledger", 0.125 / 1_000_000, _DYNAMODB)
NOTICE = Price("notices published", 0.50 / 1_000_000, _SNS)
METRIC_READ = Price("metrics read", 0.01 / 1_000, _CLOUDWATCH)
METRIC_REQUEST = Price("requests that write metrics", 0.01 / 1_000, _CLOUDWATCH)
METRIC_HOUR = Price("hours of metrics written", 0.30 / HOURS_OF_A_MONTH, _CLOUDWATCH)
ALARM_HOUR = Price("hours of metrics under alarm", 0.10 / HOURS_OF_A_MONTH, _CLOUDWATCH)

# The page fills its numbers in by script; these are as public code that names the page quotes them, which agrees about
# the m5 family. Processing and training cost alike. Not read on the page itself.
_SAGEMAKER = (
    "https://aws.amazon.com/sagemaker/pricing/, quoted by public repositories (ml.m5.large 0.115, ml.m5.xlarge 0.23)"
)
INSTANCE_HOURS = {
    "ml.t3.medium": 0.05,
    "ml.t3.large": 0.10,
    "ml.t3.xlarge": 0.20,
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.m5.4xlarge": 0.922,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
    "ml.c5.4xlarge": 0.816,
}

DURATIONS = "A function (256 MB) and an Express execution take as long as the rehearsal makes them take."
NOT_COUNTED = (
    "Not counted: the endpoints, the machines that wake and recover releases (intake, steward), logs, keys, requests "
    "to S3, and the delivery of notices. AWS's own events, calls to SageMaker's control plane and standard parameters "
    "are free."
)


@dataclass(frozen=True)
class Cost:
    """`amount` units at a price."""

    price: Price
    amount: float

    @property
    def dollars(self) -> float:
        return self.amount * self.price.dollars


def instance_hour(kind: str, instance_type: str) -> Price:
    """An hour of an instance for a `kind` of job ("processing", "training"). A type without a price here costs nothing
    and says so."""
    if instance_type not in INSTANCE_HOURS:
        return Price(f"hours of {instance_type} for {kind} jobs (its price is not known here)", 0.0, "")
    return Price(f"hours of {instance_type} for {kind} jobs", INSTANCE_HOURS[instance_type], _SAGEMAKER)
