"""Lineage against botocore's operations, and what SageMaker makes of it itself."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.sagemaker import Options
from tests.rehearsal.sagemaker.account import Account


def entities(account: Account) -> tuple[str, str, str]:
    """A signal, a model and a release, as lineage has them."""
    source = {"SourceUri": "s3://monitoring/results/constraint_violations.json"}
    artifact = account.call("create_artifact", ArtifactName="signal", ArtifactType="Signal", Source=source)
    action = account.call("create_action", ActionName="Retrain-1", ActionType="Retraining", Source=source)
    context = account.call("create_context", ContextName="churn", ContextType="ModelGroup", Source=source)
    return artifact["ArtifactArn"], action["ActionArn"], context["ContextArn"]


def listed(account: Account, **query: Any) -> list[tuple[str, str]]:
    summaries = account.call("list_associations", **query)["AssociationSummaries"]
    return [(each["SourceName"], each["DestinationName"]) for each in summaries]


def registered(account: Account) -> str:
    """The ARN of a new version's package."""
    account.call("create_model_package_group", ModelPackageGroupName="churn")
    return str(account.call("create_model_package", ModelPackageGroupName="churn")["ModelPackageArn"])


def test_associations_are_listed_by_their_ends_and_types_newest_first() -> None:
    account = Account()
    signal, retraining, group = entities(account)
    account.call("add_association", SourceArn=signal, DestinationArn=retraining, AssociationType="ContributedTo")
    account.wait(1)
    account.call("add_association", SourceArn=retraining, DestinationArn=group)

    assert listed(account) == [("Retrain-1", "churn"), ("signal", "Retrain-1")]
    assert listed(account, SortOrder="Ascending")[0] == ("signal", "Retrain-1")
    assert listed(account, SourceArn=signal) == [("signal", "Retrain-1")]
    assert listed(account, DestinationType="ModelGroup") == [("Retrain-1", "churn")]
    assert listed(account, AssociationType="AssociatedWith") == [("Retrain-1", "churn")]
    assert listed(account, CreatedAfter=account.clock.datetime()) == [("Retrain-1", "churn")]
    first = account.call("list_associations", MaxResults=1)
    assert len(account.call("list_associations", NextToken=first["NextToken"])["AssociationSummaries"]) == 1


def test_the_same_association_twice_is_one() -> None:
    account = Account()
    signal, retraining, _ = entities(account)
    for _ in range(2):
        account.call("add_association", SourceArn=signal, DestinationArn=retraining)
    assert listed(account) == [("signal", "Retrain-1")]


def test_an_end_that_does_not_exist_is_resource_not_found() -> None:
    account = Account()
    signal, retraining, _ = entities(account)
    with pytest.raises(AwsError) as refused:
        account.call("add_association", SourceArn=signal, DestinationArn=f"{retraining}-2")
    assert refused.value.code == "ResourceNotFound" and listed(account) == []


def test_names_of_actions_are_unique_and_those_of_artifacts_are_not() -> None:
    account = Account()
    first = entities(account)[0]
    source = {"SourceUri": "s3://y"}
    assert "already exists" in account.refused("create_action", ActionName="Retrain-1", ActionType="T", Source=source)
    second = account.call("create_artifact", ArtifactName="signal", ArtifactType="Signal", Source=source)["ArtifactArn"]
    assert second != first


def test_a_version_has_one_artifact_whose_source_is_its_package() -> None:
    account = Account()
    package = registered(account)
    (artifact,) = account.call("list_artifacts", SourceUri=package)["ArtifactSummaries"]
    assert artifact["ArtifactType"] == "Model" and ":artifact/" in artifact["ArtifactArn"]
    source = {"SourceUri": package}
    assert "already exists" in account.refused("create_artifact", ArtifactType="Model", Source=source)
    assert account.call("list_artifacts", SourceUri="s3://nothing")["ArtifactSummaries"] == []


def test_without_an_artifact_of_its_own_a_version_gets_the_one_that_somebody_makes() -> None:
    account = Account(Options(package_artifact="absent"))
    package = registered(account)
    assert account.call("list_artifacts", SourceUri=package)["ArtifactSummaries"] == []
    account.call("create_artifact", ArtifactType="Model", Source={"SourceUri": package})
    assert len(account.call("list_artifacts", SourceUri=package)["ArtifactSummaries"]) == 1


def test_an_action_is_described_by_its_name() -> None:
    account = Account()
    source = {"SourceUri": "arn:aws:states:eu-central-1:111122223333:execution:deliver:churn-v7-1"}
    told = {"Status": "Completed", "Properties": {"Version": "7"}}
    made = account.call("create_action", ActionName="Release", ActionType="ModelDeployment", Source=source, **told)
    found = account.call("describe_action", ActionName="Release")
    assert found["ActionArn"] == made["ActionArn"] and found["Source"] == source
    assert {name: found[name] for name in told} == told
    with pytest.raises(AwsError) as refused:
        account.call("describe_action", ActionName="Another")
    assert refused.value.code == "ResourceNotFound"


def test_artifacts_may_be_made_inside_sagemaker_only() -> None:
    account = Account(Options(create_artifact="inside SageMaker"))
    source = {"SourceUri": "s3://x"}
    assert "SageMaker context" in account.refused("create_artifact", ArtifactType="Signal", Source=source)


def test_the_same_association_twice_may_be_refused() -> None:
    account = Account(Options(repeated_association="refused"))
    signal, retraining, _ = entities(account)
    ends = {"SourceArn": signal, "DestinationArn": retraining}
    account.call("add_association", **ends)
    assert "already exists" in account.refused("add_association", **ends)
    assert len(listed(account)) == 1


@pytest.mark.parametrize(("option", "name"), [("lower case", "retrain-1"), ("as given", "Retrain-1")])
def test_the_name_in_the_arn_of_an_action(option: Any, name: str) -> None:
    retraining = entities(Account(Options(lineage_arns=option)))[1]
    assert retraining.endswith(f":action/{name}")
