"""What people are told of a clean-up: what was deleted, or would be, and what is kept, with the reasons."""

from __future__ import annotations

from typing import TypedDict

from interlock.execution.cleanup import GRACE, KINDS, Thing
from interlock.model.notices import Notice
from interlock.model.request import Request


class CleanupEnd(TypedDict):
    """The ``things`` of one page, and of each that could not be deleted: its name and AWS's ``problem``. ``dry_run``:
    nothing was deleted."""

    kind: str
    dry_run: bool
    things: list[Thing]
    problems: list[Request]


class CleanupReport(TypedDict):
    """The notice, and what the journal keeps."""

    notice: Notice
    document: Request


def report_cleanup(task: CleanupEnd) -> CleanupReport:
    """The report on one page of things."""
    title = KINDS[task["kind"]].title
    failed = {each["name"]: str(each["problem"]) for each in task["problems"]}
    unneeded = [thing for thing in task["things"] if not thing["needed"]]
    gone = [thing for thing in unneeded if thing["name"] not in failed]
    kept = [thing for thing in task["things"] if thing["needed"]]
    does = "would delete" if task["dry_run"] else "deleted"
    lines = [
        f"Interlock {does} what no endpoint, no release and no rollback needs, and what is older than {GRACE.days}"
        f" days: {len(gone)} of kind {title}.",
        *(f"- {thing['name']} ({thing['made_for']})" for thing in gone),
    ]
    if failed:
        lines += ["Not deleted, because AWS refused:", *(f"- {name}: {why}" for name, why in failed.items())]
    if task["dry_run"]:
        lines += ["Kept:", *(f"- {thing['name']}: {thing['needed']}" for thing in kept)]
    subject = f"[Interlock] clean-up {does} {len(gone)} of kind {title}"
    document = {
        "kind": task["kind"],
        "dry_run": task["dry_run"],
        "deleted": [{"name": each["name"], "made_for": each["made_for"]} for each in gone],
        "refused": [{"name": name, "because": why} for name, why in failed.items()],
        "kept": [{"name": each["name"], "because": each["needed"]} for each in kept],
    }
    return {"notice": {"subject": subject, "body": "\n".join(lines)}, "document": document}
