"""The report is one file that escapes every text it is given; the terminal stays within its width."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from rehearsal.account.gateway import Call
from rehearsal.aws import Caller
from rehearsal.report import terminal
from rehearsal.report.pages import write_reports
from rehearsal.report.result import Moment, as_json
from rehearsal.report.timeline import moment_of_call
from tests.rehearsal.stage.synthetic import result

_VOID = {"meta"}


class Nesting(HTMLParser):
    """Fails when an element is closed that is not the one last opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag


def test_there_is_one_page_per_release_and_an_index_that_links_them(tmp_path: Path) -> None:
    written = write_reports(result(), tmp_path)

    assert [file.name for file in written] == ["index.html", "digits-v1-1.html", "digits-v3-1.html"]
    index = written[0].read_text(encoding="utf-8")
    assert 'href="digits-v1-1.html"' in index and 'href="digits-v3-1.html"' in index


def test_pages_need_nothing_from_elsewhere_and_nest_properly(tmp_path: Path) -> None:
    for file in write_reports(result(), tmp_path):
        html = file.read_text(encoding="utf-8")
        assert not re.search(r'(src|href)="(https?:)?//|@import|url\(|<script', html)
        nesting = Nesting()
        nesting.feed(html)
        assert nesting.open == []


def test_what_the_account_said_cannot_become_markup(tmp_path: Path) -> None:
    plain = result()
    nasty = replace(plain.releases[1], sentence="<script>alert(1)</script>")

    html = write_reports(replace(plain, releases=(nasty,)), tmp_path)[1].read_text(encoding="utf-8")

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_page_of_a_release_shows_reason_verdicts_alarm_calls_and_notices(tmp_path: Path) -> None:
    html = write_reports(result(), tmp_path)[2].read_text(encoding="utf-8")

    for told in (
        "AlarmRaised",
        "6.2% is over 1%",
        "in ALARM for 3m 00s",
        "DesiredWeightsAndCapacities",
        "was rolled back",
        "rolled back: The error alarm was raised.",
    ):
        assert told in html


def test_where_nobody_sent_a_request_nothing_is_drawn_of_requests(tmp_path: Path) -> None:
    """As of a release to batch, and of the first minutes of an account."""
    drawn, empty = (
        write_reports(played, tmp_path)[1].read_text(encoding="utf-8")
        for played in (result(), replace(result(), minutes=()))
    )
    assert "Requests per minute" in drawn
    assert "Requests per minute" not in empty
    assert ">begins<" in empty and ">ends<" in empty


def test_what_came_after_the_reason_of_a_rollback_is_told_after_it() -> None:
    document = {"reason": "AlarmRaised", "sentence": "The alarm was raised.", "further": "It died.", "step": 5}
    item = {"pk": {"S": "RELEASE#digits-v3-1"}, "sk": {"S": "ROLLBACK"}, "document": {"S": json.dumps(document)}}
    moment = moment_of_call(Call(0.0, Caller("role"), "dynamodb", "PutItem", {"Item": item}, "", {}))

    assert moment and moment.text == "digits-v3-1 is rolled back: The alarm was raised. It died."


def test_the_steps_that_a_rollback_did_not_come_to_are_told_from_those_it_did(tmp_path: Path) -> None:
    plain = result()
    journal = tuple(entry for entry in plain.releases[1].journal if entry.kind != "ROLLBACK")
    through = replace(plain, releases=(plain.releases[0], replace(plain.releases[1], journal=journal)))

    stopped, whole = (
        re.findall(r'<ol class="steps">.*?</ol>', write_reports(each, tmp_path)[2].read_text("utf-8"), re.DOTALL)
        for each in (plain, through)
    )
    assert stopped != whole


def test_the_cost_of_a_release_is_in_the_json_on_its_page_and_in_the_terminal(tmp_path: Path) -> None:
    dollars = 74 * 0.025 / 1_000 + 31 * 0.625 / 1_000_000
    out = io.StringIO()
    terminal.show_result(terminal.screen(out, {}), result())
    html = write_reports(result(), tmp_path)[2].read_text(encoding="utf-8")

    assert as_json(result())["releases"][1]["cost_usd"] == round(dollars, 6) == 0.001869
    assert "$0.0019 for the release itself, at list prices of 2026-" in out.getvalue()
    assert "<b>0.00186938</b>" in html and "write units of the ledger" in html and "us-east-1" in html


def test_the_timeline_of_a_release_leaves_out_what_others_did_and_nothing_else(tmp_path: Path) -> None:
    plain = result()
    first = plain.releases[0]
    tenth = replace(plain.releases[1], id="digits-v1-10", executions=("tenth",))
    moments = tuple(
        Moment(tenth.started + second, "endpoint", text, source=source)
        for second, (text, source) in enumerate(
            [("retires digits-v1-1", "tenth"), ("is mine", "digits-v1-10"), ("is not mine", "digits-v1-1")]
        )
    )
    html = write_reports(replace(plain, releases=(first, tenth), moments=moments), tmp_path)[2].read_text("utf-8")

    assert "retires digits-v1-1" in html and "is mine" in html
    assert "is not mine" not in html


def test_the_terminal_stays_within_its_width_and_writes_no_colour_into_a_file() -> None:
    out, shown = io.StringIO(), result()
    view = terminal.screen(out, {})

    terminal.show_title(view, shown.scenario, shown.about, shown.started)
    for moment in shown.moments:
        terminal.show_moment(view, moment, shown.started)
    terminal.show_progress(view, shown.ended, shown.started, 18_000, 5)
    terminal.show_result(view, shown)

    text = out.getvalue()
    assert "\x1b" not in text and "\r" not in text
    assert max(map(len, text.splitlines())) <= terminal.WIDTH
    assert "1 of 2 expectations held" in text


def test_the_json_form_has_exactly_the_agreed_keys() -> None:
    document = json.loads(json.dumps(as_json(result())))

    assert list(document) == [
        "scenario", "passed", "seed", "virtual_seconds", "wall_seconds", "releases", "decisions", "loops",
        "monitors", "api_calls", "expectations",
    ]  # fmt: skip
    assert list(document["releases"][0]) == [
        "id", "endpoint", "version", "outcome", "reason", "virtual_seconds", "transitions", "functions_invoked",
        "polls", "requests_served", "requests_failed_by_candidate", "requests_lost", "cost_usd",
    ]  # fmt: skip
    assert list(document["api_calls"][0]) == ["at", "principal", "service", "operation", "request", "error"]
    assert document["expectations"][0] == {"text": "Version 3 is in quarantine", "held": True}
    assert document["passed"] is False
