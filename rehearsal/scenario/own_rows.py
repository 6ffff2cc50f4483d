"""The data that traffic sends: a data set of the rehearsal, or rows of a person's own from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from rehearsal.models import DATA, Requests
from rehearsal.models.rows import CSV, own_rows
from rehearsal.scenario.entries import Entry, Share, did_you_mean, not_so


class OwnData(Entry):
    """Rows of a person's own, in files beside the scenario. Each line of `rows` is the body of one request."""

    rows: str
    labels: str | None = Field(None, description="a file with the true label of each row, one a line")
    threshold: Share | None = Field(
        None, description="answers are probabilities of label 1, and speak for 1 from there on; else they are labels"
    )
    content_type: str = CSV
    accept: str | None = Field(None, description="the content type of the answers; the same when absent")

    @model_validator(mode="after")
    def _a_threshold_is_for_labels(self) -> Self:
        if self.threshold is not None and self.labels is None:
            raise not_so("says which answers are right, and without labels nobody knows", "threshold")
        return self

    def requests(self, folder: Path) -> Requests:
        """As traffic knows them. Raises ValueError for a file that cannot be used."""
        labels = folder / self.labels if self.labels is not None else None
        rows = own_rows(folder / self.rows, labels, self.threshold)
        return Requests(rows, self.content_type, self.accept or self.content_type)


def _is_path(text: str) -> bool:
    return "/" in text or "." in text


def _kind(value: object) -> str:
    if not isinstance(value, str):
        return "own data"
    return "file of rows" if _is_path(value) else "data set"


def _must_be_known(value: object) -> object:
    if isinstance(value, str) and value not in DATA and not _is_path(value):
        known = list(DATA)
        more = "; or write the path of a file of rows, from the folder of the scenario"
        raise ValueError(f"no data {value}{did_you_mean([value], known)} Known: {', '.join(known)}{more}")
    return value


Data = Annotated[
    Annotated[Literal["digits", "customers"], Tag("data set")]
    | Annotated[str, Field(pattern=r"[./]"), AfterValidator(lambda path: OwnData(rows=path)), Tag("file of rows")]
    | Annotated[OwnData, Tag("own data")],
    Discriminator(_kind),
    BeforeValidator(_must_be_known),
]
