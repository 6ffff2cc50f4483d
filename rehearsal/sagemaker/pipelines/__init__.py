"""SageMaker Pipelines, as far as examples/pipeline/definition.json uses them."""

from rehearsal.sagemaker.pipelines.service import Pipelines

__all__ = ["Pipelines"]
