"""The pages of the loop: what drifted is drawn apart from what did not, the gate's bars lie where their numbers say,
and every page escapes what it is told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rehearsal.report.pages import write_reports
from rehearsal.report.pages.comparison import comparison, intervals
from rehearsal.report.pages.drift import drift_chart
from rehearsal.report.pages.monitor_page import decisions_table
from rehearsal.report.result import Result
from rehearsal.report.retrainings import Rule
from tests.rehearsal.stage.synthetic import START
from tests.rehearsal.stage.test_shown import Nesting
from tests.rehearsal.stage.watched import HOUR, decision, loop, rule, run, watched


def pages(shown: Result, folder: Path) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in write_reports(shown, folder)}


def drawn(shown: Result, begin: float = START, end: float = START + 8 * HOUR) -> str:
    return drift_chart(shown.monitors[0], shown, (begin, end))


def lines(drawing: str, kind: str) -> list[tuple[float, float, float, float]]:
    """The level lines of a chart: x1, x2, y1, y2."""
    found = re.findall(
        rf'class="feature {kind}"><line x1="([^"]+)" x2="([^"]+)" y1="([^"]+)" y2="([^"]+)"/><title>', drawing
    )
    return [(float(a), float(b), float(c), float(d)) for a, b, c, d in found]


def test_every_retraining_and_monitor_has_a_page_that_the_index_links(tmp_path: Path) -> None:
    written = pages(watched(), tmp_path)

    assert set(written) == {"index.html", "churn-v2-1.html", "loop-churn-20260105-1.html", "monitor-churn-inputs.html"}
    for name in set(written) - {"index.html"}:
        assert f'href="{name}"' in written["index.html"]
    assert 'href="loop-churn-20260105-1.html"' in written["churn-v2-1.html"]
    assert 'href="churn-v2-1.html"' in written["loop-churn-20260105-1.html"]
    assert 'href="monitor-churn-inputs.html"' in written["loop-churn-20260105-1.html"]


def test_pages_need_nothing_from_elsewhere_nest_properly_and_escape(tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>"
    shown = watched(
        loops=(loop(sentence=nasty, verdict_sentence=nasty, rules=(replace(rule("Pass", 0.0, 0.1), sentence=nasty),)),),
        decisions=(decision(START + HOUR, "notify", nasty, sentence=nasty, run=f"churn/inputs/{nasty}"),),
    )
    for html in pages(shown, tmp_path).values():
        assert not re.search(r'(src|href)="(https?:)?//|@import|url\(|<script', html)
        nesting = Nesting()
        nesting.feed(html)
        assert nesting.open == []


def test_a_feature_that_drifted_has_a_plot_of_its_own_and_the_others_share_a_band() -> None:
    drawing = drawn(watched())

    assert "charge: distance from the baseline" in drawing and "age: distance" not in drawing
    assert "The other 2 features" in drawing and drawing.count('class="others"') == 5
    calm, drifted = lines(drawing, "calm"), lines(drawing, "drifted")
    assert (len(calm), len(drifted)) == (3, 2)
    assert max(line[2] for line in drifted) < min(line[2] for line in calm)  # y grows downwards
    widths = [right - left for left, right, _, _ in calm + drifted]
    assert max(widths) - min(widths) < 0.2 and all(one == other for _, _, one, other in calm + drifted)


def test_without_drift_all_features_share_the_band_and_without_features_nothing_is_drawn() -> None:
    assert "All 3 features" in drawn(watched(run(0), run(1)))
    assert drawn(watched(run(0, features=()))) == ""
    assert drawn(watched(), START + 7 * HOUR) == ""  # no window lies in it


def test_windows_are_joined_only_if_they_follow_one_another_under_one_version() -> None:
    joined = len(re.findall(r'class="feature', drawn(watched(run(0), run(1, 0.4)))))
    other_version = len(re.findall(r'class="feature', drawn(watched(run(0), run(1, 0.4, 2)))))
    apart = len(re.findall(r'class="feature', drawn(watched(run(0), run(2, 0.4)))))

    assert (joined, other_version, apart) == (3, 2, 2)


def test_the_chart_marks_drift_decision_verdict_and_the_version_that_went_live() -> None:
    drawing = drawn(watched())

    for words in ("drift begins", "retrain", "v2 live"):
        assert f">{words}</text>" in drawing
    assert 'class="drift"' in drawing and 'class="lamp pass"' in drawing
    assert ">ignore</text>" not in drawing


def test_the_bar_of_a_rule_lies_where_its_numbers_say() -> None:
    drawing = intervals([rule("Undecided", 0.004, 0.03)])
    zero, needed = (float(re.findall(rf'<line class="{kind}" x1="(.+?)"', drawing)[0]) for kind in ("same", "limit"))
    left, width = (float(each) for each in re.findall(r'<rect x="(.+?)" y=".+?" width="(.+?)"', drawing)[0])

    assert "asked: at least +0.008" in drawing and 'class="between unsure"' in drawing
    a_unit = (needed - zero) / 0.008  # 1 % of the champion's 0.80
    assert (left - zero) / a_unit == pytest.approx(0.004, rel=0.02)
    assert (left + width - zero) / a_unit == pytest.approx(0.03, rel=0.02)


def test_a_rule_says_how_much_it_asks_for() -> None:
    assert rule("Pass", 0, 1).needed == pytest.approx(0.008)
    assert rule("Pass", 0, 1, "auc not worse by 0.5 %").needed == pytest.approx(-0.004)
    assert rule("Pass", 0, 1, "DPPL of contract at most 0.1").needed is None
    assert Rule("auc better by 1 %", "auc", "Missing", "").needed is None


def test_rules_without_an_interval_are_in_the_table_alone() -> None:
    without = comparison(loop(rules=(rule("Missing", None, None),)))

    assert "not in the reports" in without and "<svg" not in without
    assert comparison(loop(rules=())) == ""
    assert comparison(loop(rules=(rule("Pass", 0.01, 0.02), rule("Missing", None, None)))).count('class="between') == 1


def test_decisions_that_say_the_same_are_one_row_with_their_number() -> None:
    many = [decision(START + at) for at in (60, 120, 180)] + [decision(START + 240, "notify", "RemedyChosen")]
    table = decisions_table(many, START)

    assert table.count("<tr>") == 3 and "and 2 more times until +0:03:00" in table
    assert "more time" not in decisions_table(many[2:], START)


def test_the_story_of_a_retraining_counts_from_the_drift(tmp_path: Path) -> None:
    page = pages(watched(), tmp_path)["loop-churn-20260105-1.html"]
    story = re.sub(r"<[^>]+>", " ", page.partition("From drift to a new version")[2].partition("</table>")[0])

    told = ["begin to drift (prices)", "sees it: charge", "decision to retrain", "retraining begins", "gate has judged",
            "release begins", "release ends Succeeded", "finds nothing again"]  # fmt: skip
    assert [each for each in told if each in story] == told
    assert [story.index(each) for each in told] == sorted(story.index(each) for each in told)
    assert "1h 19m" in story  # from the drift until the monitor sees it


@pytest.mark.parametrize(
    ("changed", "words", "lamp"),
    [
        ({}, "version 2 was approved", "green"),
        ({"verdict": "Leave"}, "version 2 waits for a person", "amber"),
        ({"verdict": "Reject", "release": ""}, "version 2 was rejected", "red"),
        ({"verdict": "", "version": 0, "failed": True, "release": ""}, "churn failed", "red"),
        ({"verdict": "", "version": 0, "release": ""}, "brought no new version", "amber"),
        ({"verdict": "", "version": 0, "ended": None, "judged": None, "release": ""}, "is under way", ""),
        ({"decision": None}, "a person started it", "green"),
    ],
)
def test_the_page_says_what_became_of_the_retraining(
    tmp_path: Path, changed: dict[str, object], words: str, lamp: str
) -> None:
    page = pages(watched(loops=(loop(**changed),)), tmp_path)["loop-churn-20260105-1.html"]
    lit = re.findall(r'class="(green|amber|red)"', page)

    assert words in page and lit == ([lamp] if lamp else [])
