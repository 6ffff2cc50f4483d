"""Acts about what trains: examples/pipeline, which the rehearsal interprets, and a state machine of the team's."""

from __future__ import annotations

import json
import runpy
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import Field

from rehearsal.sagemaker.pipelines.example import install, register_twice
from rehearsal.scenario.act import Act
from rehearsal.scenario.entries import Entry, Name

if TYPE_CHECKING:
    from rehearsal.world import World

PIPELINE = "churn-train"
BUNDLE = Path(__file__).resolve().parents[2] / "layers/monitor/monitor/bundle.py"
TEAM = "team"
"""Who a machine of a team acts as: somebody, like a person, whose permissions are not Interlock's."""


class Installation(Entry):
    """examples/pipeline, as its create.py installs it into an account."""

    twice: bool = Field(False, description="its definition registers two versions")


class InstallPipeline(Act):
    """A person creates the example pipeline."""

    install_pipeline: Installation

    def perform(self, world: World, folder: Path) -> None:
        from rehearsal.world import BUCKET, MODEL_ROLE, REGION

        with tempfile.TemporaryDirectory() as place:
            program = Path(place) / "monitor.py"
            program.write_text(runpy.run_path(str(BUNDLE))["bundle"](), encoding="utf-8")
            install(world.ask, REGION, "--bucket", BUCKET, "--role", MODEL_ROLE, "--monitor", str(program))
        if self.install_pipeline.twice:
            found = world.ask("sagemaker", "DescribePipeline", PipelineName=PIPELINE)
            definition = register_twice(found["PipelineDefinition"])
            world.ask("sagemaker", "UpdatePipeline", PipelineName=PIPELINE, PipelineDefinition=definition)


class NamedPipeline(Entry):
    """A pipeline, by its name."""

    name: Name = PIPELINE


class RunPipeline(Act):
    """A person starts a pipeline."""

    run_pipeline: NamedPipeline

    def perform(self, world: World, folder: Path) -> None:
        token = f"scenario-{world.clock.now:.0f}".ljust(32, "0")
        world.ask("sagemaker", "StartPipelineExecution", PipelineName=self.run_pipeline.name, ClientRequestToken=token)


class StopPipeline(Act):
    """A person stops the executions of a pipeline that run."""

    stop_pipeline: NamedPipeline

    def perform(self, world: World, folder: Path) -> None:
        listed = world.ask("sagemaker", "ListPipelineExecutions", PipelineName=self.stop_pipeline.name)
        for each in listed["PipelineExecutionSummaries"]:
            if each["PipelineExecutionStatus"] == "Executing":
                arn = each["PipelineExecutionArn"]
                token = f"stop-{world.clock.now:.0f}".ljust(32, "0")
                world.ask("sagemaker", "StopPipelineExecution", PipelineExecutionArn=arn, ClientRequestToken=token)


class StepMishap(NamedPipeline):
    """What goes wrong at a step the next time the pipeline runs. One that is tolerated ends the execution as
    CompletedWithFailures."""

    step: Name
    mishap: Literal["fails", "is tolerated"] = "fails"


class BreakPipeline(Act):
    """A step of the pipeline's next execution goes wrong."""

    break_pipeline: StepMishap

    def perform(self, world: World, folder: Path) -> None:
        broken = self.break_pipeline
        assert world.sagemaker.pipelines is not None
        world.sagemaker.pipelines.disturb(broken.name, broken.step, broken.mishap)


class NewMachine(Entry):
    """A Standard state machine, from a file beside the scenario."""

    name: str
    file: str


class MakeMachine(Act):
    """A team makes a state machine of its own. What its role may do is the team's affair, and not checked."""

    make_machine: NewMachine

    def perform(self, world: World, folder: Path) -> None:
        definition = json.dumps(yaml.safe_load((folder / self.make_machine.file).read_text(encoding="utf-8")))
        name = self.make_machine.name
        world.ask("stepfunctions", "CreateStateMachine", name=name, definition=definition, roleArn=TEAM)
