"""Inference components as AWS has them, and how requests reach them."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.sagemaker import Options
from tests.rehearsal.sagemaker.account import IMAGE, PERSON, ROLE, Account

NEEDS = {"MinMemoryRequiredInMb": 128}
ROW = b",".join([b"0"] * 64)


def model(account: Account, kind: str) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://models/{kind}.tar.gz"}
    account.call("create_model", ModelName=kind, ExecutionRoleArn=ROLE, PrimaryContainer=container)


def hosting(options: Options | None = None, copies: int = 4) -> Account:
    """An endpoint without a model, and the component `c` that runs `plain` on it."""
    account = Account(options or Options())
    for kind in ("plain", "better", "broken", "crash"):
        model(account, kind)
    variant = {"VariantName": "All", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    account.call("create_endpoint_config", EndpointConfigName="e", ExecutionRoleArn=ROLE, ProductionVariants=[variant])
    account.call("create_endpoint", EndpointName="e", EndpointConfigName="e")
    account.wait(10)
    create(account, copies=copies)
    account.wait(10)
    return account


def create(account: Account, name: str = "c", kind: str = "plain", copies: int = 4, **fields: Any) -> None:
    asked = {
        "EndpointName": "e",
        "VariantName": "All",
        "Specification": {"ModelName": kind, "ComputeResourceRequirements": NEEDS},
        "RuntimeConfig": {"CopyCount": copies},
    }
    account.call("create_inference_component", InferenceComponentName=name, **asked | fields)


def update(account: Account, kind: str, **fields: Any) -> None:
    specification = {"ModelName": kind, "ComputeResourceRequirements": NEEDS}
    account.call("update_inference_component", InferenceComponentName="c", Specification=specification, **fields)


def batches(size: int = 2, alarms: tuple[str, ...] = ()) -> dict[str, Any]:
    policy = {"MaximumBatchSize": {"Type": "COPY_COUNT", "Value": size}, "WaitIntervalInSeconds": 120}
    listed = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": each} for each in alarms]}} if alarms else {}
    return {"DeploymentConfig": {"RollingUpdatePolicy": policy, **listed}}


def described(account: Account) -> dict[str, Any]:
    answer: dict[str, Any] = account.call("describe_inference_component", InferenceComponentName="c")
    return answer


def shares(account: Account) -> dict[str, float]:
    return {route.model: route.share for route in account.sagemaker.endpoints.routes("e")}


def invoke(account: Account, **fields: Any) -> Any:
    return account.sagemaker.runtime.invoke_endpoint({"EndpointName": "e", "Body": ROW, **fields}, PERSON)


def test_an_endpoint_without_a_model_is_told_without_weights() -> None:
    (variant,) = hosting().call("describe_endpoint", EndpointName="e")["ProductionVariants"]
    assert variant == {"VariantName": "All", "CurrentInstanceCount": 2, "DesiredInstanceCount": 2}


def test_a_variant_without_a_model_needs_the_role_on_its_config() -> None:
    variant = {"VariantName": "All", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    with pytest.raises(AwsError, match="ExecutionRoleArn"):
        Account().call("create_endpoint_config", EndpointConfigName="e", ProductionVariants=[variant])


def test_requests_name_their_component() -> None:
    account = hosting()
    with pytest.raises(AwsError, match="Inference Component Name header is required"):
        invoke(account)
    with pytest.raises(AwsError, match="other was not found"):
        invoke(account, InferenceComponentName="other")
    assert invoke(account, InferenceComponentName="c")["Body"]


def test_metrics_have_the_component_as_their_only_dimension() -> None:
    account = hosting()
    invoke(account, InferenceComponentName="c")
    of = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations"}
    stat = {"Period": 60, "Stat": "Sum"}
    queries = [
        {"Id": f"m{number}", "MetricStat": {"Metric": {**of, "Dimensions": dimensions}, **stat}}
        for number, dimensions in enumerate(
            (
                [{"Name": "InferenceComponentName", "Value": "c"}],
                [{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "All"}],
            )
        )
    ]
    begin, end = account.clock.datetime(account.clock.now - 60), account.clock.datetime(account.clock.now + 60)
    asked = {"MetricDataQueries": queries, "StartTime": begin, "EndTime": end}
    answer = account.cloudwatch.get_metric_data(asked, PERSON)
    assert [each["Values"] for each in answer["MetricDataResults"]] == [[1.0], []]


def test_no_event_tells_of_a_component() -> None:
    account = hosting()
    before = len(account.events)
    update(account, "better", **batches())
    account.wait(60)
    assert described(account)["Specification"]["ModelName"] == "better"
    assert len(account.events) == before


def test_new_copies_come_beside_old_ones_batch_by_batch() -> None:
    account = hosting()
    update(account, "better", **batches())
    account.wait(5)
    assert described(account)["InferenceComponentStatus"] == "Updating"
    assert described(account)["Specification"]["ModelName"] == "plain"
    assert shares(account) == {"plain": pytest.approx(4 / 6), "better": pytest.approx(2 / 6)}
    account.wait(3)
    assert shares(account) == {"plain": 0.5, "better": 0.5}
    account.wait(60)
    now = described(account)
    assert (now["InferenceComponentStatus"], shares(account)) == ("InService", {"better": 1.0})
    assert now["RuntimeConfig"] == {"DesiredCopyCount": 4, "CurrentCopyCount": 4}
    assert now["LastDeploymentConfig"] == batches()["DeploymentConfig"]


def test_an_alarm_ends_the_update_in_service_as_it_was() -> None:
    account = hosting()
    alarm = {"AlarmName": "a", "Namespace": "x", "MetricName": "y", "Period": 60, "EvaluationPeriods": 1}
    limit = {"Statistic": "Sum", "Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold"}
    account.cloudwatch.put_metric_alarm({**alarm, **limit, "TreatMissingData": "ignore"}, PERSON)
    update(account, "better", **batches(alarms=("a",)))
    account.wait(4.33333)
    datum = {"MetricName": "y", "Value": 1.0}
    account.cloudwatch.put_metric_data({"Namespace": "x", "MetricData": [datum]}, PERSON)
    account.wait(15)
    now = described(account)
    assert (now["InferenceComponentStatus"], shares(account)) == ("InService", {"plain": 1.0})
    assert "went into ALARM" in now["FailureReason"]


@pytest.mark.parametrize(("option", "status"), [("in service", "InService"), ("failed", "Failed")])
def test_copies_that_do_not_start_leave_the_old_ones(option: Any, status: str) -> None:
    account = hosting(Options(failed_component=option))
    update(account, "crash")
    account.wait(60)
    assert (described(account)["InferenceComponentStatus"], shares(account)) == (status, {"plain": 1.0})


def test_while_something_is_under_way_nothing_else_begins() -> None:
    account = hosting()
    update(account, "better")
    with pytest.raises(AwsError, match=r"Cannot update inference component .* while it is in state UPDATE_IN_PROGRESS"):
        update(account, "broken")
    with pytest.raises(AwsError, match="Cannot delete inference component"):
        account.call("delete_inference_component", InferenceComponentName="c")


@pytest.mark.parametrize(("copies", "size"), [(4, 3), (1, 1), (40, 1)])
def test_a_batch_is_from_five_to_fifty_percent_of_the_copies(copies: int, size: int) -> None:
    account = hosting(copies=copies)
    with pytest.raises(AwsError, match="between 5% to 50% of the copy count"):
        update(account, "better", **batches(size))


def test_a_name_is_taken_once_and_free_again_after_a_deletion() -> None:
    account = hosting()
    with pytest.raises(AwsError, match="already existing"):
        create(account)
    account.call("delete_inference_component", InferenceComponentName="c")
    account.wait(2)
    with pytest.raises(AwsError, match="Could not find inference component"):
        described(account)
    create(account)


@pytest.mark.parametrize("option", ["refused", "left behind"])
def test_an_endpoint_with_components_is_not_deleted_or_leaves_them(option: Any) -> None:
    account = hosting(Options(endpoint_with_components=option))
    if option == "refused":
        with pytest.raises(AwsError, match="hosts inference components"):
            account.call("delete_endpoint", EndpointName="e")
    else:
        account.call("delete_endpoint", EndpointName="e")
        account.wait(2)
        assert described(account)["InferenceComponentStatus"] == "InService"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"VariantName": "Other"}, "Could not find variant"),
        ({"EndpointName": "nowhere"}, "Could not find endpoint"),
        ({"Specification": {"ModelName": "unmade", "ComputeResourceRequirements": NEEDS}}, "Could not find model"),
        ({"Specification": {"ModelName": "plain"}}, "ComputeResourceRequirements is required"),
    ],
)
def test_what_a_component_needs(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(AwsError, match=said):
        create(hosting(), "d", **fields)
