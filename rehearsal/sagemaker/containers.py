"""Model containers: an artifact from S3, unpacked, with its inference.py loaded and called as SageMaker's model server
does.

Contract of inference.py: model_fn, input_fn, predict_fn, output_fn (sagemaker-python-sdk: "Using Scikit-learn"). A
container whose model_fn raises never passes its health check.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import shutil
import sys
import tarfile
import tempfile
import weakref
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

ReadObject = Callable[[str, str], bytes]


class Unhealthy(Exception):
    """A container that does not start. `crash_loop`: it starts and dies for as long as SageMaker keeps trying."""

    def __init__(self, reason: str, *, crash_loop: bool) -> None:
        super().__init__(reason)
        self.crash_loop = crash_loop


class Reply(NamedTuple):
    """What a container answered: an HTTP status, and a body that is the error's text unless the status is 200."""

    status: int
    body: bytes
    content_type: str = "text/csv"


class Container:
    """A loaded model that answers requests."""

    def __init__(self, script: ModuleType, model: Any) -> None:
        self._script, self._model = script, model
        self._known: dict[bytes, Reply] = {}

    def answer(self, body: bytes, content_type: str = "text/csv", accept: str = "text/csv") -> Reply:
        """One request. An exception is an error status: its `status_code` if it has one, 500 otherwise."""
        try:
            parsed = self._script.input_fn(body, content_type)
            output = self._script.output_fn(self._script.predict_fn(parsed, self._model), accept)
        except Exception as error:
            return Reply(int(getattr(error, "status_code", 500)), str(error).encode(), "text/plain")
        text, kind = output if isinstance(output, tuple) else (output, accept)
        return Reply(200, text if isinstance(text, bytes) else str(text).encode(), kind)

    def answer_rows(self, rows: Sequence[bytes], pool: Callable[[], Iterable[bytes]] = tuple) -> list[Reply]:
        """Many one-row CSV requests. Each row is answered by the model once; the same row gets the same answer later.
        `pool`: rows that are asked again and again, which are answered together with the first one that is new.

        What this hides: a model that answers the same row differently."""
        new = dict.fromkeys(row for row in rows if row not in self._known)
        if new:
            new |= dict.fromkeys(row for row in pool() if row not in self._known)
            self._known |= zip(new, self._answer_batch(list(new)), strict=True)
        return [self._known[row] for row in rows]

    def _answer_batch(self, rows: Sequence[bytes]) -> list[Reply]:
        """As one batch; one by one if the batch fails, so that each has its own fate."""
        if len(rows) > 1:
            whole = self.answer(b"\n".join(rows))
            lines = whole.body.split(b"\n")
            if whole.status == 200 and len(lines) == len(rows):
                return [Reply(200, line) for line in lines]
        return [self.answer(row) for row in rows]


class Containers:
    """Starts containers. `read_object(bucket, key)` returns an object's bytes, or raises LookupError when it is not
    there.

    The same artifact is unpacked and loaded once.
    """

    def __init__(self, read_object: ReadObject) -> None:
        self._read_object = read_object
        self._directory = Path(tempfile.mkdtemp(prefix="rehearsal-containers-"))
        self._cleanup = weakref.finalize(self, shutil.rmtree, self._directory, ignore_errors=True)
        self._loaded: dict[str, Container | Unhealthy] = {}

    def artifact(self, url: str) -> bytes:
        """The object at an s3:// URL. LookupError when it is not there."""
        bucket, _, key = url.removeprefix("s3://").partition("/")
        return self._read_object(bucket, key)

    def etag(self, url: str) -> str:
        """The ETag of the object at an s3:// URL that was put in one part: its MD5. Empty when it is not there."""
        try:
            return hashlib.md5(self.artifact(url), usedforsecurity=False).hexdigest()
        except LookupError:
            return ""

    def start(self, variant: str, url: str, etag: str = "") -> Container:
        """A healthy container for the artifact at `url`, which must have the `etag` if one is given. Raises Unhealthy;
        `variant` is for the reason given."""
        try:
            content = self.artifact(url)
            if etag and etag != self.etag(url):
                raise Unhealthy(
                    f'Failed to download model data for container "container_1" from URL: "{url}". The ETag of the '
                    f"object is not {etag}.",
                    crash_loop=False,
                )
        except LookupError:
            raise Unhealthy(
                f'Failed to download model data for container "container_1" from URL: "{url}". Please ensure that '
                "there is an object located at the URL and that the role passed to CreateModel may download it.",
                crash_loop=False,
            ) from None
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._loaded:
            self._loaded[digest] = self._load(digest, content)
        loaded = self._loaded[digest]
        if isinstance(loaded, Unhealthy):
            raise Unhealthy(
                f"The primary container for production variant {variant} did not pass the ping health check. "
                "Please check CloudWatch logs for this endpoint.",
                crash_loop=True,
            ) from loaded
        return loaded

    def _load(self, digest: str, content: bytes) -> Container | Unhealthy:
        directory = self._directory / digest[:16]
        try:
            with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
                archive.extractall(directory, filter="data")
            script = _module(f"rehearsal_container_{digest[:16]}", directory)
            return Container(script, script.model_fn(str(directory)))
        except Exception as error:  # whatever the artifact does wrong is the container's death, not the simulation's
            return Unhealthy(f"{type(error).__name__}: {error}", crash_loop=True)


def _module(name: str, directory: Path) -> ModuleType:
    """inference.py at the root or under code/, under a name of its own, so that two versions never share a module."""
    path = next(
        (found for found in (directory / "code/inference.py", directory / "inference.py") if found.exists()), None
    )
    spec = importlib.util.spec_from_file_location(name, path) if path else None
    if spec is None or spec.loader is None:
        raise FileNotFoundError("no inference.py in the artifact")
    script = importlib.util.module_from_spec(spec)
    sys.modules[name] = script
    spec.loader.exec_module(script)
    return script
