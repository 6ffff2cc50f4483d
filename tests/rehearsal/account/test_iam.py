from __future__ import annotations

from typing import Any

import pytest

from rehearsal.account import policies
from rehearsal.account.iam import Denied, Iam

ACCOUNT = "123456789012"
TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}}
ENDPOINT = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/k"


def iam_with(*statements: dict[str, Any]) -> tuple[Iam, str]:
    iam = Iam(ACCOUNT)
    role = iam.put_role("deliver", TRUST)
    iam.put_policy(role.arn, "act", {"Statement": list(statements)})
    return iam, role.arn


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def test_what_no_statement_allows_is_denied_in_the_words_of_aws() -> None:
    iam, role = iam_with(allow("sagemaker:DescribeEndpoint"))
    with pytest.raises(Denied) as denied:
        iam.check_role(role, "sagemaker:DeleteEndpoint", ENDPOINT, {}, "release-1")
    assert str(denied.value) == (
        "User: arn:aws:sts::123456789012:assumed-role/deliver/release-1 is not authorized to perform: "
        f"sagemaker:DeleteEndpoint on resource: {ENDPOINT} "
        "because no identity-based policy allows the sagemaker:DeleteEndpoint action"
    )


def test_a_deny_wins_over_an_allow() -> None:
    deny = {"Effect": "Deny", "Action": "sagemaker:Delete*", "Resource": "*"}
    iam, role = iam_with(allow("sagemaker:*"), deny)
    iam.check_role(role, "sagemaker:UpdateEndpoint", ENDPOINT, {})
    with pytest.raises(Denied, match="with an explicit deny in an identity-based policy"):
        iam.check_role(role, "sagemaker:DeleteEndpoint", ENDPOINT, {})


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        ("arn:aws:s3:::models/*", "arn:aws:s3:::models/a/b/model.tar.gz", True),
        ("arn:aws:s3:::models/*", "arn:aws:s3:::models-other/a", False),
        ("arn:aws:s3:::mode?s/*", "arn:aws:s3:::models/a", True),
        ("arn:aws:s3:::models/a", "arn:aws:s3:::models/A", False),  # resources keep their case, actions do not
        ("*", "arn:aws:s3:::anything", True),
    ],
)
def test_wildcards_in_resources(pattern: str, resource: str, matches: bool) -> None:
    iam, role = iam_with(allow("S3:getobject", pattern))
    if matches:
        iam.check_role(role, "s3:GetObject", resource, {})
    else:
        with pytest.raises(Denied):
            iam.check_role(role, "s3:GetObject", resource, {})


@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        ({"StringEquals": {"k": "a"}}, {"k": "a"}, True),
        ({"StringEquals": {"k": ["a", "b"]}}, {"k": "b"}, True),
        ({"StringEquals": {"k": "a"}}, {}, False),
        ({"StringEqualsIfExists": {"k": "a"}}, {}, True),
        ({"StringNotEquals": {"k": "a"}}, {"k": "b"}, True),
        ({"StringNotEquals": {"k": "a"}}, {"k": "a"}, False),
        ({"StringNotEquals": {"k": "a"}}, {}, True),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "b"}, False),
        ({"StringLike": {"k": "a*"}}, {"k": "abc"}, True),
        ({"ArnLike": {"k": "arn:aws:events:*:1:rule/*"}}, {"k": "arn:aws:events:eu-west-1:1:rule/r"}, True),
        ({"Null": {"k": "true"}}, {}, True),
        ({"Null": {"k": "false"}}, {}, False),
        ({"Null": {"k": False}}, {"k": "x"}, True),
        ({"Bool": {"k": True}}, {"k": "true"}, True),
        ({"ForAllValues:StringEquals": {"k": ["a", "b"]}}, {"k": ["a", "b"]}, True),
        ({"ForAllValues:StringEquals": {"k": ["a", "b"]}}, {"k": ["a", "c"]}, False),
        ({"ForAllValues:StringEquals": {"k": "a"}}, {}, True),
        ({"ForAnyValue:StringEquals": {"k": "a"}}, {"k": ["c", "a"]}, True),
        ({"StringEquals": {"k": "a", "l": "b"}}, {"k": "a", "l": "c"}, False),
    ],
)
def test_conditions(condition: dict[str, Any], context: policies.Context, holds: bool) -> None:
    [statement] = policies.parse({"Statement": allow("s3:GetObject", Condition=condition)}, "p")
    assert policies.conditions_hold(statement, context) is holds


def test_an_operator_that_is_not_evaluated_here_is_refused_when_the_policy_is_made() -> None:
    with pytest.raises(ValueError, match="condition operator IpAddress is not evaluated here"):
        iam_with(allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))


def test_a_role_is_assumed_only_by_whom_its_trust_policy_names() -> None:
    iam = Iam(ACCOUNT)
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    role = iam.put_role("deliver", {"Statement": {**TRUST["Statement"], "Condition": condition}})
    assert iam.may_assume(role.arn, "states.amazonaws.com", {"aws:SourceAccount": ACCOUNT})
    assert not iam.may_assume(role.arn, "states.amazonaws.com", {"aws:SourceAccount": "999999999999"})
    assert not iam.may_assume(role.arn, "events.amazonaws.com", {"aws:SourceAccount": ACCOUNT})
    assert not iam.may_assume("arn:aws:iam::123456789012:role/nobody", "states.amazonaws.com", {})


def test_a_key_needs_its_own_policy_first_and_the_account_may_hand_the_decision_to_iam() -> None:
    iam, role = iam_with(allow("kms:Decrypt", KEY))
    with pytest.raises(Denied, match="no resource-based policy allows"):
        iam.check_role(role, "kms:Decrypt", KEY, {})
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    iam.put_resource_policy(KEY, {"Statement": allow("kms:*", Principal=root)})
    iam.check_role(role, "kms:Decrypt", KEY, {})
    with pytest.raises(Denied, match="no identity-based policy allows"):
        iam.check_role(role, "kms:GenerateDataKey", KEY, {})


def test_a_key_policy_that_names_the_caller_through_a_service_is_enough() -> None:
    iam, role = iam_with()
    through = {"StringEquals": {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}}
    iam.put_resource_policy(KEY, {"Statement": allow("kms:Decrypt", Principal={"AWS": "*"}, Condition=through)})
    iam.check_role(role, "kms:Decrypt", KEY, {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"})
    with pytest.raises(Denied):
        iam.check_role(role, "kms:Decrypt", KEY, {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"})


def test_what_was_granted_and_never_used_is_known_by_action_and_by_resource() -> None:
    other = ENDPOINT + "-other"
    iam, role = iam_with(allow(["sagemaker:DescribeEndpoint", "sagemaker:DeleteEndpoint"], [ENDPOINT, other], Sid="S"))
    iam.check_role(role, "sagemaker:DescribeEndpoint", ENDPOINT, {})
    assert [(grant.sid, grant.kind, grant.pattern) for grant in iam.unused()] == [
        ("S", "action", "sagemaker:DeleteEndpoint"),
        ("S", "resource", other),
    ]


def test_without_its_statement_a_role_may_no_longer() -> None:
    iam, role = iam_with(allow("sagemaker:DescribeEndpoint"))
    [(owner, statement)] = iam.statements()
    iam.remove(owner, statement)
    with pytest.raises(Denied):
        iam.check_role(role, "sagemaker:DescribeEndpoint", ENDPOINT, {})
