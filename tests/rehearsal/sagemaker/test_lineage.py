"""Lineage against botocore's AddAssociation, CreateAction, CreateArtifact, CreateContext, ListAssociations."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws import AwsError
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
    source = {"SourceUri": "s3://x"}
    assert "already exists" in account.refused("create_action", ActionName="Retrain-1", ActionType="T", Source=source)
    second = account.call("create_artifact", ArtifactName="signal", ArtifactType="Signal", Source=source)["ArtifactArn"]
    assert second != first
