"""Who may do what: roles and their policies, resource policies, key policies; and a record of what was used.

Evaluation after the IAM User Guide, "Policy evaluation logic": an explicit deny wins; within one account an allow in
an identity policy or in a resource policy is enough; a KMS key policy comes first, and an identity policy counts only
where the key policy hands the decision to the account (KMS Developer Guide, "Key policies").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.account import policies
from rehearsal.account.policies import Context, Statement

MANAGED_POLICIES: Mapping[str, Mapping[str, Any]] = {
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": {
        "Statement": {
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "*",
        }
    },
}


class Denied(Exception):
    """The request is not authorised: `action` on `resource`, `why` in AWS's words ("no identity-based policy …")."""

    def __init__(self, principal: str, action: str, resource: str, why: str) -> None:
        super().__init__(f"User: {principal} is not authorized to perform: {action} on resource: {resource} {why}")
        self.action = action
        self.resource = resource


@dataclass
class Role:
    """A role: who may assume it, and what it may do."""

    arn: str
    name: str
    trust: tuple[Statement, ...]
    statements: list[Statement] = field(default_factory=list)


@dataclass(frozen=True)
class Grant:
    """One pattern that an Allow statement of a role grants; `kind` is "action" or "resource"."""

    role: str
    policy: str
    sid: str
    kind: str
    pattern: str


@dataclass(frozen=True)
class Use:
    """One authorised request, and the patterns of the statement that allowed it."""

    role: str
    policy: str
    sid: str
    action_pattern: str
    resource_pattern: str
    action: str
    resource: str


class Iam:
    """The roles and policies of one account; `used` collects every Use, in the order of first use."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.roles: dict[str, Role] = {}
        self.used: dict[Use, None] = {}
        self._resource_policies: dict[str, tuple[Statement, ...]] = {}
        self._key_of: dict[str, str] = {}
        self.key_aliases: dict[str, str] = {}

    def put_role(self, name: str, trust: Mapping[str, Any], path: str = "/") -> Role:
        """Create a role and return it; its policies come by `put_policy`."""
        arn = f"arn:aws:iam::{self.account}:role{path}{name}"
        self.roles[arn] = Role(arn, name, policies.parse(trust, f"{name}/trust"))
        return self.roles[arn]

    def put_policy(self, role_arn: str, policy_name: str, document: Mapping[str, Any]) -> None:
        """Add an inline policy, or a managed policy's document, to a role."""
        self.roles[role_arn].statements += policies.parse(document, policy_name)

    def attach(self, role_arn: str, policy_arn: str) -> None:
        """Attach an AWS managed policy. ValueError for one whose text is not kept here."""
        if policy_arn not in MANAGED_POLICIES:
            raise ValueError(f"managed policy {policy_arn} is not known here: {', '.join(MANAGED_POLICIES)}")
        self.put_policy(role_arn, policy_arn, MANAGED_POLICIES[policy_arn])

    def put_resource_policy(self, resource_arn: str, document: Mapping[str, Any]) -> None:
        """Set the policy of a queue, topic, function, key or bucket. A function's statements add up, the others
        replace."""
        parsed = policies.parse(document, resource_arn)
        kept = self._resource_policies.get(resource_arn, ()) if ":function:" in resource_arn else ()
        self._resource_policies[resource_arn] = kept + parsed

    def put_key_alias(self, alias: str, key_arn: str) -> None:
        """Let "alias/…" stand for a key."""
        self.key_aliases[alias] = key_arn

    def encrypt(self, resource_arn: str, key_arn: str) -> None:
        """Say that a resource is encrypted with a customer-managed key; callers then need the key, too."""
        self._key_of[resource_arn] = key_arn

    def key_of(self, resource_arn: str) -> str | None:
        """The key that encrypts a resource, if a customer manages it: an object's is its own or that of its bucket,
        and an index's that of its table."""
        return self._key_of.get(resource_arn) or self._key_of.get(_holder(resource_arn))

    def may_assume(self, role_arn: str, service: str, context: Context) -> bool:
        """Whether a service principal may assume a role, by the role's trust policy."""
        role = self.roles.get(role_arn)
        if role is None:
            return False
        speaking = [
            s
            for s in role.trust
            if policies.matching_action(s, "sts:AssumeRole")
            and policies.names_service(s, service)
            and policies.conditions_hold(s, context)
        ]
        return bool(speaking) and all(s.effect == "Allow" for s in speaking)

    def check_role(self, role_arn: str, action: str, resource: str, context: Context, session: str = "session") -> None:
        """Raise Denied unless the role may do `action` on `resource`; record the Use if it may."""
        role = self.roles.get(role_arn)
        name = role.name if role else role_arn.rpartition("/")[2]
        who = f"arn:aws:sts::{self.account}:assumed-role/{name}/{session}"
        own = _speaking(role.statements if role else (), action, resource, context)
        theirs = [
            s
            for s in _speaking(self._resource_policies.get(_holder(resource), ()), action, resource, context)
            if policies.names_role(s, role_arn) or policies.names_account(s, self.account)
        ]
        for source, statements in (("an identity", own), ("a resource", theirs)):
            if any(s.effect == "Deny" for s in statements):
                raise Denied(who, action, resource, f"with an explicit deny in {source}-based policy")
        if ":key/" in resource:
            direct = [s for s in theirs if policies.names_role(s, role_arn)]
            if not direct and not (theirs and own):
                missing = "identity" if theirs else "resource"
                raise Denied(who, action, resource, f"because no {missing}-based policy allows the {action} action")
        elif not own and not any(policies.names_role(s, role_arn) for s in theirs):
            raise Denied(who, action, resource, f"because no identity-based policy allows the {action} action")
        for statement in own:
            self.used[_use(role_arn, statement, action, resource)] = None

    def check_service(self, service: str, action: str, resource: str, context: Context) -> None:
        """Raise Denied unless the resource's policy lets the service principal do `action`."""
        speaking = [
            s
            for s in _speaking(self._resource_policies.get(resource, ()), action, resource, context)
            if policies.names_service(s, service)
        ]
        if not speaking or any(s.effect == "Deny" for s in speaking):
            raise Denied(service, action, resource, f"because no resource-based policy allows the {action} action")

    def statements(self) -> list[tuple[str, Statement]]:
        """Every statement of every role, as (role ARN, statement), in the order of creation."""
        return [(role.arn, statement) for role in self.roles.values() for statement in role.statements]

    def remove(self, role_arn: str, statement: Statement) -> None:
        """Take one statement away from a role, to see what fails without it."""
        self.roles[role_arn].statements.remove(statement)

    def granted(self) -> list[Grant]:
        """Every action and resource pattern that a role is granted."""
        return [
            Grant(role, s.policy, s.sid, kind, pattern)
            for role, s in self.statements()
            if s.effect == "Allow"
            for kind, patterns in (("action", s.actions), ("resource", s.resources))
            for pattern in patterns
        ]

    def unused(self, used: Iterable[Use] | None = None) -> list[Grant]:
        """The grants that no request used; pass the `used` of several rehearsals together to judge them as one."""
        seen = {
            Grant(use.role, use.policy, use.sid, kind, pattern)
            for use in (self.used if used is None else used)
            for kind, pattern in (("action", use.action_pattern), ("resource", use.resource_pattern))
        }
        return [grant for grant in self.granted() if grant not in seen]


def _holder(resource: str) -> str:
    """What has the policy and the key of a resource: the bucket of an object, the table of an index, else itself."""
    return resource.partition("/" if resource.startswith("arn:aws:s3:::") else "/index/")[0]


def _speaking(statements: Iterable[Statement], action: str, resource: str, context: Context) -> list[Statement]:
    return [
        s
        for s in statements
        if policies.matching_action(s, action)
        and policies.matching_resource(s, resource)
        and policies.conditions_hold(s, context)
    ]


def _use(role: str, statement: Statement, action: str, resource: str) -> Use:
    by_action = policies.matching_action(statement, action) or ""
    by_resource = policies.matching_resource(statement, resource) or ""
    return Use(role, statement.policy, statement.sid, by_action, by_resource, action, resource)
