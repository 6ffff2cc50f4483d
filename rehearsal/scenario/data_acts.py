"""Acts that bring data: new objects in S3, and what a team's own Model Monitor found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PositiveInt

from rehearsal import models
from rehearsal.models import customers
from rehearsal.models.packing import pack
from rehearsal.sagemaker.found import Found, leave
from rehearsal.scenario.act import Act
from rehearsal.scenario.entries import Entry, Name
from rehearsal.scenario.names import Drift, ModelKind

if TYPE_CHECKING:
    from rehearsal.world import World


class Finding(Entry):
    """What Model Monitor's schedule found, as its constraint_violations.json has it."""

    endpoint: Name
    schedule: Name = "schedule"
    type: Literal["DataQuality", "ModelQuality", "ModelBias", "ModelExplainability"] = "DataQuality"
    violations: list[dict[str, Any]] = Field(default_factory=list)
    bucket: str = Field("", description="instead of the stack's own bucket for monitoring")


class MonitorFound(Act):
    """A run of a team's own Model Monitor ends: it writes its file, and its processing job and its schedule tell."""

    monitor_found: Finding

    def perform(self, world: World, folder: Path) -> None:
        found = self.monitor_found
        run = Found(found.endpoint, found.schedule, found.type, found.violations)
        leave(world.sagemaker, world.clock, world.s3, run, found.bucket or world.monitoring_bucket())


class NewObject(Entry):
    """An object, with text, with customers to train on, or with what else is said."""

    key: str
    text: str = ""
    customers: PositiveInt | None = Field(None, description="so many rows of customers instead of a text")
    model: ModelKind | None = Field(None, description="the model.tar.gz of a trained model instead of a text")
    source: str | None = Field(None, description="a folder beside the scenario as sourcedir.tar.gz instead of a text")
    seed: int = 11
    drift: Drift = "none"
    bucket: str = Field("", description="instead of the stack's own bucket for monitoring")


class PutObject(Act):
    """Somebody puts an object into a bucket: training data, labels, a file of violations."""

    put_object: NewObject

    def perform(self, world: World, folder: Path) -> None:
        new = self.put_object
        body = new.text.encode()
        if new.customers is not None:
            body = customers.make_training_csv(new.customers, new.seed, new.drift)
        elif new.model is not None:
            body = models.artifact(new.model, folder)
        elif new.source is not None:
            files = {path.name: path.read_bytes() for path in sorted((folder / new.source).iterdir()) if path.is_file()}
            body = pack(files)
        world.put_object(new.bucket, new.key, body)
