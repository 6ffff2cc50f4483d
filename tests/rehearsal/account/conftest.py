"""A whole account with the small template deployed: what a composition root puts together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rehearsal.account.gateway import Gateway
from rehearsal.account.iam import Iam
from rehearsal.aws import Caller
from rehearsal.clock import Clock
from rehearsal.services import stores
from rehearsal.services.dynamodb import DynamoDb
from rehearsal.services.events import Events
from rehearsal.services.functions import Lambda
from rehearsal.services.queues import Sqs
from rehearsal.services.s3 import S3
from rehearsal.services.scheduler import Scheduler
from rehearsal.services.ssm import Ssm
from rehearsal.stack import Stack, deploy
from rehearsal.states import StepFunctions

REGION, ACCOUNT = "eu-west-1", "123456789012"
TEMPLATE = Path(__file__).parent / "app" / "template.yaml"
PERSON = Caller("person")


class Alarms:
    """Stands for CloudWatch where only the template's alarms have to be taken."""

    def put_metric_alarm(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Account:
    """One simulated account and its parts."""

    clock: Clock
    gateway: Gateway
    iam: Iam
    events: Events
    scheduler: Scheduler
    functions: Lambda
    states: StepFunctions
    tables: DynamoDb

    def ask(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        """Call as a person."""
        return self.gateway.call(PERSON, service, operation, request)

    def let_pass(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.clock.run(self.clock.now + seconds)

    def deploy(self, template: Path = TEMPLATE, parameters: Mapping[str, str] | None = None) -> Stack:
        """Deploy a template, the small one when none is named."""
        return deploy(template, self.gateway, self.functions, "shop", parameters)


def build(seed: int = 7) -> Account:
    """Put an account together; it starts on a Monday at nine."""
    clock = Clock(datetime(2026, 1, 5, 9, tzinfo=UTC), seed)
    stores.fresh(clock)
    iam = Iam(ACCOUNT)
    gateway = Gateway(clock, REGION, ACCOUNT, iam)
    events, functions, scheduler = Events(gateway), Lambda(gateway), Scheduler(gateway)
    tables = DynamoDb(gateway.place)
    states = StepFunctions(clock, gateway, REGION, ACCOUNT, events.emit)
    services = {
        "cloudwatch": Alarms(),
        "dynamodb": tables,
        "events": events,
        "lambda": functions,
        "s3": S3(gateway.place, iam, events.emit),
        "scheduler": scheduler,
        "sns": stores.Sns(gateway.place),
        "sqs": Sqs(gateway.place, clock),
        "ssm": Ssm(clock, gateway.place, events.emit),
        "stepfunctions": states,
    }
    for name, simulator in services.items():
        gateway.register(name, simulator)
    return Account(clock, gateway, iam, events, scheduler, functions, states, tables)


@pytest.fixture
def account() -> Account:
    return build()


@pytest.fixture
def another() -> Callable[[int], Account]:
    """Builds further accounts, each emptying the one before."""
    return build


@pytest.fixture
def template() -> Path:
    return TEMPLATE
