from __future__ import annotations

import pytest

from tests.unit.intake.incoming import routed


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("Create", "CheckPolicy"), ("Update", "CheckPolicy"), ("Delete", "Ignore"), ("LabelParameterVersion", "Ignore")],
)
def test_a_policy_that_was_written_is_checked(operation: str, kind: str) -> None:
    detail = {"name": "/interlock/prod/policies/churn", "operation": operation, "type": "String"}
    command = routed("aws.ssm", "Parameter Store Change", detail)
    assert command["kind"] == kind
    assert command.get("group", "churn") == "churn"
