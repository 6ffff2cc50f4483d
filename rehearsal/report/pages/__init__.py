"""The HTML report of a rehearsal: one self-contained page per release, and an index."""

from __future__ import annotations

from pathlib import Path

from rehearsal.report.pages.page import index_page, release_page
from rehearsal.report.result import Result


def write_reports(result: Result, folder: Path) -> list[Path]:
    """Write `index.html` and one `<release id>.html` per release into `folder`; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"index.html": index_page(result)}
    pages.update({f"{release.id}.html": release_page(release, result) for release in result.releases})
    for name, html in pages.items():
        (folder / name).write_text(html, encoding="utf-8")
    return [folder / name for name in pages]
