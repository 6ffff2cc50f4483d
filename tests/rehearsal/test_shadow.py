"""A shadow variant of the simulated account: copies of requests, answers that go nowhere, metrics of its own."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.playing import Rehearsal
from rehearsal.sagemaker.options import Options
from rehearsal.traffic import Behaviour, Load, Traffic
from tests.rehearsal.attacks.plans import BAKES, RELEASE, document, operate, play
from tests.rehearsal.flowing import of, requests, values
from tests.rehearsal.sagemaker.account import Account, variant

BESIDE = [variant("shadow", "better", weight=0.5, instances=2)]


def shadowed(options: Options | None = None, **load: object) -> tuple[Account, Traffic]:
    """Two requests a second on `plain`, of which half are copied to `better`."""
    account = Account(options) if options else Account()
    account.model()
    account.model("better")
    variants = {"shadow": Behaviour(failing=1.0)}
    traffic = Traffic(
        account.clock, account.sagemaker.endpoints, account.cloudwatch.publish, [Load("digits", variants=variants)]
    )
    account.config("first", variant(), ShadowProductionVariants=BESIDE)
    account.call("create_endpoint", EndpointName="digits", EndpointConfigName="first")
    account.wait(15)
    return account, traffic


def test_a_shadow_gets_copies_and_answers_nobody() -> None:
    account, traffic = shadowed()
    assert requests(traffic.minutes, "shadow") == []
    assert requests(traffic.minutes, "AllTraffic")[1:3] == [120, 120]
    assert {minute.share for minute in traffic.minutes} == {1.0}
    assert sum(minute.errors for minute in traffic.minutes) == 0
    assert traffic.lost == []
    assert account.shares() == {("first", "AllTraffic"): 1.0}


def test_a_shadow_has_metrics_of_its_own() -> None:
    account, _ = shadowed()
    assert values(account, "Invocations", "Sum", 60, **of("shadow"))[1:3] == [60, 60]
    assert values(account, "Invocations", "Sum", 60, **of("AllTraffic"))[1:3] == [120, 120]
    assert values(account, "Invocation5XXErrors", "Average", 60, **of("shadow"))[1] == 1.0
    assert values(account, "Invocation5XXErrors", "Average", 60, **of("AllTraffic"))[1] == 0.0
    assert values(account, "CPUUtilization", "Average", 60, "/aws/sagemaker/Endpoints", **of("shadow"))


def test_the_endpoint_is_described_with_its_shadow_apart() -> None:
    account, _ = shadowed()
    described = account.describe()
    assert [each["VariantName"] for each in described["ProductionVariants"]] == ["AllTraffic"]
    (shadow,) = described["ShadowProductionVariants"]
    assert (shadow["VariantName"], shadow["CurrentWeight"], shadow["CurrentInstanceCount"]) == ("shadow", 0.5, 2)


def test_a_change_of_the_production_variants_weight_changes_what_is_copied() -> None:
    account, _ = shadowed()
    account.weigh(AllTraffic=2.0)
    account.wait(10)
    assert values(account, "Invocations", "Sum", 60, **of("shadow"))[-1] == 30
    assert "Could not find variant" in account.refused(
        "update_endpoint_weights_and_capacities",
        EndpointName="digits",
        DesiredWeightsAndCapacities=[{"VariantName": "shadow", "DesiredWeight": 1.0}],
    )


def test_a_shadow_that_cannot_start_ends_the_update() -> None:
    account = Account(Options(missing_artifact="found out"))
    account.endpoint()
    container = {"Image": "i", "ModelDataUrl": "s3://models/gone.tar.gz"}
    account.call("create_model", ModelName="gone", PrimaryContainer=container)
    account.config("second", variant(), ShadowProductionVariants=[variant("shadow", "gone")])
    account.update()
    account.wait(40)
    assert (account.status(), account.describe()["EndpointConfigName"]) == ("InService", "first")


@pytest.mark.parametrize("answer", ["taken", "refused"])
def test_a_shadow_may_or_may_not_keep_its_name_when_it_is_promoted(answer: str) -> None:
    account, _ = shadowed(Options(promoted_shadow=answer))  # type: ignore[arg-type]
    account.config("both", variant("AllTraffic"), variant("shadow", "better"))
    if answer == "refused":
        said = account.refused("update_endpoint", EndpointName="digits", EndpointConfigName="both")
        assert said == "A shadow variant cannot become a production variant of the same name."
    else:
        account.update("both")
        account.wait(10)
        assert account.shares() == {("both", "AllTraffic"): 0.5, ("both", "shadow"): 0.5}


@pytest.mark.parametrize(
    ("shadow", "said"),
    [
        (variant("AllTraffic", "better"), "a name of its own"),
        (variant("shadow", "better") | {"InstanceType": "ml.inf1.xlarge"}, "not supported on Inf1"),
    ],
)
def test_what_can_be_no_shadow_is_refused(shadow: dict[str, object], said: str) -> None:
    account = Account()
    account.model()
    account.model("better")
    assert said in account.refused(
        "create_endpoint_config",
        EndpointConfigName="c",
        ProductionVariants=[variant()],
        ShadowProductionVariants=[shadow],
    )


def released(answer: str, *acts: dict[str, Any], **more: Any) -> Rehearsal:
    """A release that has its candidate in the shadow of `plain` first."""
    written = document("shadow", *acts, **more)
    written["unsure"]["sagemaker"] = {**written["unsure"]["sagemaker"], "promoted_shadow": answer}
    return play(written)


def ends(played: Rehearsal) -> tuple[str, str]:
    (only,) = (each for each in played.result.releases if each.id == RELEASE)
    return only.outcome, only.reason


def shadows_made(played: Rehearsal) -> int:
    made = [call for call in played.result.calls if call.operation == "CreateEndpointConfig" and not call.error]
    return sum("ShadowProductionVariants" in call.request for call in made)


def test_where_a_shadow_cannot_be_promoted_the_release_goes_back_and_nobody_is_blamed() -> None:
    played = released("refused")
    assert ends(played) == ("RolledBack", "AwsRefused")
    assert shadows_made(played) == 1
    assert played.world.serving("digits") == {"plain": 1.0}
    assert not played.result.final.quarantined


def test_nothing_is_restored_by_weights_while_the_candidate_is_a_shadow() -> None:
    played = released("taken", {"when": BAKES, **operate("abort")})
    assert ends(played) == ("RolledBack", "AbortedByPerson")
    changed = [call.operation for call in played.result.calls if call.operation.startswith("UpdateEndpoint")]
    assert changed == ["UpdateEndpoint", "UpdateEndpoint"]
    assert played.world.serving("digits") == {"plain": 1.0}


def test_weights_that_a_person_sets_meanwhile_void_the_comparison() -> None:
    weigh = {
        "EndpointName": "digits",
        "DesiredWeightsAndCapacities": [{"VariantName": "AllTraffic", "DesiredWeight": 400}],
    }
    call = {"service": "sagemaker", "operation": "UpdateEndpointWeightsAndCapacities", "request": weigh}
    load = [{"endpoint": "digits", "requests_per_second": 2}]
    written = document("shadow", {"when": BAKES | {"later": "5s"}, "call": call}, traffic=load)
    stage = written["policies"][0]["stages"][0]
    stage["evidence"] = [{"metric": "error_rate", "margin": "50%"}]
    stage["strategy"] = {**stage["strategy"], "bake": "5m"}
    stage["inconclusive"] = {"extensions": 0}
    played = play(written)
    assert ends(played) == ("RolledBack", "EvidenceError")
    (only,) = (each for each in played.result.releases if each.id == RELEASE)
    assert "The comparison is void: the candidate got copies of" in only.sentence
