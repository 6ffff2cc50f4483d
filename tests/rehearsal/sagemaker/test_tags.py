"""Tags of models, configurations and endpoints: when they are told, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.sagemaker import Options
from tests.rehearsal.sagemaker.account import IMAGE, Account, variant

ARN = "arn:aws:sagemaker:eu-central-1:111122223333:"
OURS = [{"Key": "interlock:stack", "Value": "interlock"}]
CONTAINER = {"Image": IMAGE, "ModelDataUrl": "s3://models/plain.tar.gz"}


def tags(account: Account, arn: str) -> Mapping[str, str]:
    return {tag["Key"]: tag["Value"] for tag in account.call("list_tags", ResourceArn=arn)["Tags"]}


def test_what_is_made_with_tags_has_them_and_what_comes_after_it_has_not() -> None:
    account = Account()
    account.call("create_model", ModelName="Mine", PrimaryContainer=CONTAINER, Tags=OURS)
    assert tags(account, f"{ARN}model/mine") == {"interlock:stack": "interlock"}

    account.call("delete_model", ModelName="Mine")
    assert tags(account, f"{ARN}model/mine") == {}
    account.call("create_model", ModelName="Mine", PrimaryContainer=CONTAINER)
    assert tags(account, f"{ARN}model/mine") == {}


def test_tags_are_added_overwritten_and_deleted() -> None:
    account = Account()
    account.model()
    account.endpoint(variant())
    arn = account.describe()["EndpointArn"]

    for value in ("a", "b"):
        account.call("add_tags", ResourceArn=arn, Tags=[{"Key": "interlock:group", "Value": value}])
    account.call("add_tags", ResourceArn=arn, Tags=OURS)
    assert tags(account, arn) == {"interlock:group": "b", "interlock:stack": "interlock"}

    account.call("delete_tags", ResourceArn=arn, TagKeys=["interlock:group"])
    assert tags(account, arn) == {"interlock:stack": "interlock"}


def test_tags_may_be_seen_a_minute_late() -> None:
    account = Account(Options(tags_seen="after a minute"))
    account.call("create_model", ModelName="m", PrimaryContainer=CONTAINER, Tags=OURS)
    account.clock.run(account.clock.now + 59)
    assert tags(account, f"{ARN}model/m") == {}
    account.clock.run(account.clock.now + 2)
    assert tags(account, f"{ARN}model/m") == {"interlock:stack": "interlock"}
