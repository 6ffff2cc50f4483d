"""The HTML report of a rehearsal: one self-contained page per release, retraining and monitor, and an index."""

from __future__ import annotations

from pathlib import Path

from rehearsal.report.pages.index import index_page
from rehearsal.report.pages.loop_page import loop_file, loop_page
from rehearsal.report.pages.monitor_page import monitor_file, monitor_page
from rehearsal.report.pages.page import release_page
from rehearsal.report.result import Result


def write_reports(result: Result, folder: Path) -> list[Path]:
    """Write `index.html`, `<release id>.html`, `loop-<retraining>.html` and `monitor-<endpoint>-<name>.html` into
    `folder`; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"index.html": index_page(result)}
    pages.update({f"{release.id}.html": release_page(release, result) for release in result.releases})
    pages.update({loop_file(loop): loop_page(loop, result) for loop in result.loops})
    pages.update({monitor_file(monitor): monitor_page(monitor, result) for monitor in result.monitors})
    for name, html in pages.items():
        (folder / name).write_text(html, encoding="utf-8")
    return [folder / name for name in pages]
