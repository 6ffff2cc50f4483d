"""Where a monitor's run keeps its files, which is also the identity of the run.

SageMaker Model Monitor writes under ``<endpoint>/<schedule>/YYYY/MM/DD/HH/`` of whatever prefix a team chose (the
report URI of aws/amazon-sagemaker-examples
``sagemaker_model_monitor/introduction/SageMaker-ModelMonitoring_outputs.ipynb``), and Interlock's own monitors write
alike. A window that is judged again, because its labels came late, has a folder ``attempt-<n>`` inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

VIOLATIONS_FILE = "constraint_violations.json"
"""The file in which a monitor says what it found (docs: model-monitor-interpreting-violations)."""

_FOLDER = re.compile(
    r"(?:^|.*/)(?P<endpoint>[^/]+)/(?P<monitor>[^/]+)"
    r"/(?P<year>[0-9]{4})/(?P<month>0[1-9]|1[0-2])/(?P<day>0[1-9]|[12][0-9]|3[01])/(?P<hour>[01][0-9]|2[0-3])"
    r"(?:/attempt-(?P<attempt>[1-9][0-9]{0,3}))?/*$"
)


@dataclass(frozen=True)
class RunFolder:
    """The run of a monitor. ``hour`` is ISO 8601, UTC: for Interlock's monitors the start of the window, for Model
    Monitor the hour in which the schedule was due. ``attempt`` counts from 1."""

    endpoint: str
    monitor: str
    hour: str
    attempt: int = 1

    @property
    def run(self) -> str:
        """The identity of the run: ``churn/inputs/2026/01/05/09``."""
        date, _, time = self.hour.partition("T")
        again = f"/attempt-{self.attempt}" if self.attempt > 1 else ""
        return f"{self.endpoint}/{self.monitor}/{date.replace('-', '/')}/{time[:2]}{again}"


def read_folder(path: str) -> RunFolder | None:
    """The run whose folder is ``path``, an S3 key prefix or URI; None if its end names no run."""
    found = _FOLDER.match(path)
    if found is None:
        return None
    parts = found.groupdict()
    hour = f"{parts['year']}-{parts['month']}-{parts['day']}T{parts['hour']}:00:00Z"
    return RunFolder(parts["endpoint"], parts["monitor"], hour, int(parts["attempt"] or 1))


def read_file_key(key: str) -> RunFolder | None:
    """The run that wrote the file at the S3 key or URI ``key``."""
    folder, _, name = key.rpartition("/")
    return read_folder(folder) if name else None


def bucket_and_key(uri: str) -> tuple[str, str]:
    """The two parts of an S3 URI; two empty strings if ``uri`` is none."""
    found = re.fullmatch(r"s3://([^/]+)/?(.*)", uri, re.DOTALL)
    return (found[1], found[2]) if found else ("", "")
