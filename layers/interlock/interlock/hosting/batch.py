"""Batch hosting: no endpoint serves the model; transform jobs run it over files in S3 (docs: batch-transform).

A version is tried on a sample by a transform job of its own. Then one write to a parameter tells callers, who start the
transform jobs, which model to name.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from interlock.hosting.hosting import Hosting
from interlock.model.fields import DURATION_SCHEMA, INSTANCE_TYPE, S3_OBJECT, SHA256, SHARE_SCHEMA, Part, Written
from interlock.model.protection import keyless
from interlock.model.quantities import fraction, in_words, seconds

if TYPE_CHECKING:
    # Not needed to check a policy, and so not loaded for that.
    from interlock.model.observation import Endpoint, Variant
    from interlock.model.request import Request

LONGEST_SAMPLE = 86_400 // 2
"""Seconds. A job is waited for for a day at most, and its instances take time to come."""


def _waited_for(text: object) -> int:
    """Seconds. Raises ValueError."""
    written = seconds(text)
    if not 60 <= written <= LONGEST_SAMPLE:
        raise ValueError(f"write from 1m to 12h, for example 1h; got {in_words(written)}")
    return written


class Sample(Part):
    """What a version is tried on before it goes live, and what it must make of it."""

    input: str = Field(
        pattern=S3_OBJECT, description="S3 URI of a text of at most 40,000 bytes in UTF-8; each line is a record."
    )
    sha256: str = Field(pattern=SHA256, description="Digest of the input, as sha256sum prints it.")
    content_type: str = "text/csv"
    expected: str = Field(
        "", pattern=S3_OBJECT, description="S3 URI of a text with the right answer to each record, a line."
    )
    max_differing: Annotated[float, Written(fraction, SHARE_SCHEMA)] = Field(
        0.0, description="Share of the answers that may differ from the expected ones."
    )
    tolerance: float = Field(
        0.0, ge=0, description="By how much a number may differ from the expected one and still count as the same."
    )
    max_duration: Annotated[int, Written(_waited_for, DURATION_SCHEMA)] = Field(
        3600, description="How long the job may run on its instances, 1m to 12h."
    )


class Batch(Hosting):
    """The model runs when a transform job asks for it, and nothing runs in between."""

    moves = ("pointer",)
    published = True
    served = False
    place = "batch"
    alone = "has no variants"
    one_step = "has one pointer, which all transform jobs follow"
    no_smoke = "answers no request; its sample is the test"
    unmeasured = "has no endpoint, which could report metrics; write limits under sample, or an alarm of your own"
    pins_artifact = False
    """Transform jobs take no ModelDataSource (botocore ContainerDefinition.ModelDataSource)."""

    kind: Literal["batch"] = Field(description="Transform jobs run the model over files; there is no endpoint.")
    instance_type: Annotated[str, Field(pattern=INSTANCE_TYPE)] = Field(
        description="Instance type of the sample's job."
    )
    instances: int = Field(1, ge=1, le=100, description="Instances of the sample's job.")
    batch_strategy: Literal["MultiRecord", "SingleRecord"] = Field(
        "MultiRecord", description="Whether a request of the job has as many records as fit into it, or one."
    )
    sample: Sample

    def trial(self, model: str, results: str) -> "Request":
        """The CreateTransformJob that tries ``model`` on the sample and writes under ``results``, an S3 URI. Each line
        of the input is a record, and each answer gets a line (botocore TransformInput.SplitType,
        TransformOutput.AssembleWith)."""
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": self.sample.input}}
        return {
            "TransformJobName": model,
            "ModelName": model,
            "BatchStrategy": self.batch_strategy,
            "TransformInput": {"DataSource": source, "ContentType": self.sample.content_type, "SplitType": "Line"},
            "TransformOutput": {"S3OutputPath": results, "AssembleWith": "Line", "Accept": self.sample.content_type},
            "TransformResources": {"InstanceType": self.instance_type, "InstanceCount": self.instances},
        }

    @property
    def judged(self) -> dict[str, Any]:
        """What the outcome of that job is judged by: the fields of the sample."""
        return self.sample.model_dump()

    @property
    def keyless_type(self) -> str:
        """The instance type, if its local storage is encrypted by no key of the customer; else empty."""
        return self.instance_type if keyless(self.instance_type) else ""

    def variant(self, name: str, model: str) -> "Request":
        """None: there is no endpoint."""
        return {}

    def again(self, live: "Variant", name: str, weight: float) -> "Request":
        """None: there is no endpoint."""
        return {}

    def like(self, stable: "Variant", name: str, model: str, weight: float) -> "Request":
        """None: there is no endpoint."""
        return {}

    def obstacles(self, endpoint: "Endpoint") -> list[str]:
        """None: what is live is a parameter of Interlock's own."""
        return []

    @property
    def supported(self) -> str:
        """The endpoints that have no ``obstacles``, in words."""
        return "none; batch has no endpoint"

    def warnings(self, stable: "Variant | None") -> list[str]:
        """What is not pinned."""
        return [
            "SageMaker cannot pin a transform job to the artifact that was approved: each job loads what lies there"
            " then. Deny everybody to overwrite it."
        ]
