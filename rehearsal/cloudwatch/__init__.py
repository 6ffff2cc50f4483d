"""CloudWatch on virtual time: metric data, metric math, and alarms that are evaluated once a minute."""

from rehearsal.cloudwatch.options import Options
from rehearsal.cloudwatch.service import CloudWatch

__all__ = ["CloudWatch", "Options"]
