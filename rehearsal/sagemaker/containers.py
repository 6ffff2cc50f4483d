"""Model containers: an artifact from S3, unpacked, with its inference.py loaded and called as SageMaker's model server
does.

Contract of inference.py: model_fn, input_fn, predict_fn, output_fn (sagemaker-python-sdk: "Using Scikit-learn";
handlers.py). A container whose model_fn raises never passes its health check.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import tempfile
import weakref
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from rehearsal.sagemaker.brought import BroughtModules, ModuleLacking
from rehearsal.sagemaker.handlers import CSV, Transform, served

ReadObject = Callable[[str, str], bytes]
KeysUnder = Callable[[str, str], Iterable[str]]


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
    """A loaded model that answers requests. `modules`: what its archive brought."""

    def __init__(self, transform: Transform, modules: BroughtModules) -> None:
        self._transform, self._modules = transform, modules
        self._known: dict[tuple[str, str, bytes], Reply] = {}
        self._one_by_one = False

    def answer(self, body: bytes, content_type: str = CSV, accept: str = CSV) -> Reply:
        """One request. An exception is an error status: its `status_code` if it has one, 500 otherwise. Raises
        ModuleLacking."""
        try:
            with self._modules.found():
                output = self._transform(body, content_type, accept)
        except ModuleNotFoundError as error:
            raise ModuleLacking(error) from error
        except (Exception, SystemExit) as error:
            return Reply(int(getattr(error, "status_code", 500)), str(error).encode(), "text/plain")
        if hasattr(output, "get_data"):  # a response of Flask
            return Reply(output.status_code, output.get_data(), output.mimetype)
        text, kind = output if isinstance(output, tuple) else (output, accept)
        return Reply(200, text if isinstance(text, bytes) else str(text).encode(), kind)

    def answer_rows(
        self,
        rows: Sequence[bytes],
        pool: Callable[[], Iterable[bytes]] = tuple,
        content_type: str = CSV,
        accept: str = CSV,
    ) -> list[Reply]:
        """Many requests. Each body is answered by the model once; the same one gets the same answer later. `pool`:
        bodies that are asked again and again, which are answered together with the first one that is new.

        What this hides: a model that answers the same body differently."""
        keys = [(content_type, accept, row) for row in rows]
        new = [body for _, _, body in dict.fromkeys(key for key in keys if key not in self._known)]
        for body, reply in self._answers(new, pool, content_type, accept) if new else ():
            self._known[content_type, accept, body] = reply
        return [self._known[key] for key in keys]

    def _answers(
        self, new: list[bytes], pool: Callable[[], Iterable[bytes]], content_type: str, accept: str
    ) -> list[tuple[bytes, Reply]]:
        """Rows of CSV as one batch; one by one from the moment that a batch fails, so that each has its own fate."""
        if content_type == CSV and not self._one_by_one:
            batch = list(dict.fromkeys([*new, *pool()]))
            replies = self._answer_batch(batch, accept)
            if replies is not None:
                return list(zip(batch, replies, strict=True))
            self._one_by_one = True
        return [(body, self.answer(body, content_type, accept)) for body in new]

    def _answer_batch(self, rows: list[bytes], accept: str) -> list[Reply] | None:
        """None unless a batch gives the first row what it gets alone, and each row a line."""
        first = self.answer(rows[0], CSV, accept)
        if len(rows) == 1:
            return [first]
        whole = self.answer(b"\n".join(rows), CSV, accept)
        lines = whole.body.removesuffix(b"\n").split(b"\n")
        end = b"\n" if whole.body.endswith(b"\n") else b""
        replies = [Reply(200, line + end, whole.content_type) for line in lines]
        return replies if whole.status == 200 and len(lines) == len(rows) and replies[0] == first else None


class Containers:
    """Starts containers. `read_object(bucket, key)` returns an object's bytes, or raises LookupError when it is not
    there.

    The same artifact is unpacked and loaded once. `died` is about those that do not start: the URL, and why, as the log
    would say; `watchers` hear of each.
    """

    def __init__(self, read_object: ReadObject, keys_under: KeysUnder = lambda bucket, prefix: ()) -> None:
        self._read_object, self._keys_under = read_object, keys_under
        self._directory = Path(tempfile.mkdtemp(prefix="rehearsal-containers-"))
        self._cleanup = weakref.finalize(self, shutil.rmtree, self._directory, ignore_errors=True)
        self._loaded: dict[str, Container | Unhealthy] = {}
        self.died: list[tuple[str, str]] = []
        self.watchers: list[Callable[[str, str], None]] = []

    def artifact(self, url: str) -> bytes:
        """The object at an s3:// URL. LookupError when it is not there."""
        bucket, _, key = url.removeprefix("s3://").partition("/")
        return self._read_object(bucket, key)

    def any_under(self, prefix: str) -> bool:
        """Whether there is any object under an s3:// URL."""
        bucket, _, folder = prefix.removeprefix("s3://").partition("/")
        return any(True for _ in self._keys_under(bucket, folder))

    def etag(self, url: str) -> str:
        """The ETag of the object at an s3:// URL that was put in one part: its MD5. Empty when it is not there."""
        try:
            return hashlib.md5(self.artifact(url), usedforsecurity=False).hexdigest()
        except LookupError:
            return ""

    def start(self, variant: str, url: str, etag: str = "", hostname: str = "") -> Container:
        """A healthy container for the artifact at `url`, which must have the `etag` if one is given. Raises Unhealthy;
        `variant` is for the reason given, and `hostname` where the model has several containers
        (aws/amazon-sagemaker-examples #1072)."""
        named = hostname or "container_1"
        try:
            content = self.artifact(url)
            if etag and etag != self.etag(url):
                raise Unhealthy(
                    f'Failed to download model data for container "{named}" from URL: "{url}". The ETag of the '
                    f"object is not {etag}.",
                    crash_loop=False,
                )
        except LookupError:
            raise Unhealthy(
                f'Failed to download model data for container "{named}" from URL: "{url}". Please ensure that '
                "there is an object located at the URL and that the role passed to CreateModel may download it.",
                crash_loop=False,
            ) from None
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._loaded:
            self._loaded[digest] = self._load(digest, content)
            self._tell(url, self._loaded[digest])
        loaded = self._loaded[digest]
        if isinstance(loaded, Unhealthy):
            raise Unhealthy(
                f"The {hostname or 'primary container'} for production variant {variant} did not pass the ping health "
                "check. Please check CloudWatch logs for this endpoint.",
                crash_loop=True,
            ) from loaded
        return loaded

    def _tell(self, url: str, loaded: Container | Unhealthy) -> None:
        if isinstance(loaded, Unhealthy):
            self.died.append((url, str(loaded)))
            for watcher in self.watchers:
                watcher(url, str(loaded))

    def _load(self, digest: str, content: bytes) -> Container | Unhealthy:
        directory = self._directory / digest[:16]
        try:
            with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
                archive.extractall(directory, filter="data")
            scripts = (folder for folder in (directory / "code", directory) if (folder / "inference.py").exists())
            modules = BroughtModules(next(scripts, directory))
            with modules.found():
                return Container(served(modules.script(), str(directory)), modules)
        except ModuleNotFoundError as error:
            raise ModuleLacking(error) from error
        except (Exception, SystemExit) as error:  # whatever the artifact does wrong is the container's death
            return Unhealthy(f"{type(error).__name__}: {error}", crash_loop=True)
