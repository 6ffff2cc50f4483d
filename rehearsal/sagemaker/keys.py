"""What SageMaker asks KMS on behalf of its callers, where something is encrypted with a key of the customer's."""

from __future__ import annotations

from typing import Protocol

from rehearsal.account.gateway import Gateway
from rehearsal.account.iam import Iam
from rehearsal.aws import Caller


class Keys(Protocol):
    """Both raise AwsError where the caller may not."""

    def grant(self, caller: Caller, key: str) -> None: ...

    def decrypt(self, caller: Caller, key: str) -> None: ...


class OpenKeys:
    """Everybody may use every key."""

    def grant(self, caller: Caller, key: str) -> None:
        """Nothing is asked."""

    def decrypt(self, caller: Caller, key: str) -> None:
        """Nothing is asked."""


class AccountKeys:
    """The keys of an account, whose policies are checked, and those of the caller."""

    def __init__(self, gateway: Gateway, iam: Iam) -> None:
        self._gateway, self._iam = gateway, iam

    def grant(self, caller: Caller, key: str) -> None:
        """Volumes are encrypted by a grant that SageMaker makes for itself: the caller needs kms:CreateGrant (docs:
        sagemaker/latest/dg/api-permissions-reference, CreateEndpoint, CreateProcessingJob), and the request comes
        through a service (docs: kms/latest/developerguide/conditions-kms, kms:GrantIsForAWSResource)."""
        self._ask(caller, "CreateGrant", key, {"kms:GrantIsForAWSResource": "true"})

    def decrypt(self, caller: Caller, key: str) -> None:
        """What is encrypted and told is decrypted on the caller's behalf."""
        self._ask(caller, "Decrypt", key, {})

    def _ask(self, caller: Caller, operation: str, key: str, context: dict[str, str]) -> None:
        place = self._gateway.place
        arn = self._iam.key_aliases.get(key, key if key.startswith("arn:") else place.arn("kms", f"key/{key}"))
        through = {"kms:ViaService": f"sagemaker.{place.region}.amazonaws.com", "kms:CallerAccount": place.account}
        self._gateway.authorise(caller, "kms", operation, {"KeyId": arn}, {**through, **context})
