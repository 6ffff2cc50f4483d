"""SageMaker on virtual time: a registry, endpoints that live and deploy, and models that really answer."""

from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.service import SageMaker

__all__ = ["Options", "SageMaker"]
