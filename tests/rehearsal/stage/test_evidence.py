"""The evidence of a release: what its drawings hold for a given journal, and what its looks are told as."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import Any, cast

import pytest

from interlock.evidence.judge import judge
from interlock.evidence.looks import Look
from rehearsal.account.gateway import Call
from rehearsal.aws import Caller
from rehearsal.report import terminal
from rehearsal.report.evidence import Sure, between, cases, decisions, difference, in_words, number, what_was_sure
from rehearsal.report.pages.drawing import Scale
from rehearsal.report.pages.evidence import evidence
from rehearsal.report.pages.interval import Dot, Interval, Line
from rehearsal.report.pages.page import release_page
from rehearsal.report.result import JournalEntry
from rehearsal.report.timeline import moment_of_call
from tests.rehearsal.stage import judged
from tests.rehearsal.stage.judged import ERRORS, MORE_ERRORS, SLOW, SLOWER, Candidate, looks, release, shown
from tests.rehearsal.stage.test_shown import Nesting

SPAN = (judged.BEGUN - 900, judged.BEGUN + 9_000)


def drawn(journal: tuple[JournalEntry, ...]) -> str:
    return evidence(release(journal), SPAN, judge)


def articles(html: str) -> list[str]:
    return re.findall(r"<article>.*?</article>", html, re.DOTALL)


def points(html: str, kind: str) -> list[int]:
    """How many points each line or area of a class has."""
    return [len(path.split()) for path in re.findall(rf'class="{kind}" points="([^"]*)"', html)]


def lamps(html: str) -> list[str]:
    """The signs on the rail, where a verdict was reached or a bake ended."""
    return re.findall(r'<g class="lamp \w+">.*?<text[^>]*>(.)</text>', html)


def titled(html: str) -> list[str]:
    return re.findall(r"<h3><span[^>]*>[^<]*</span> ([^<]*)</h3>", html)


def test_every_rule_has_a_drawing_with_both_series_its_looks_and_what_was_sure_in_between() -> None:
    journal = looks([ERRORS, SLOWER], Candidate(slower=1.0), percents=(5,), minutes=30, each=3)
    html = drawn(journal)

    assert titled(html) == ["Server error rate: at most 2 %", "P99 latency: less than 25 % slower than stable"]
    latency = articles(html)[1]
    minutes = 10 * len(journal)
    assert points(latency, "line candidate") == points(latency, "line stable") == [2 * minutes]
    assert latency.count('class="look ') == len(journal)
    assert sum(points(latency, "sure")) >= min(minutes, 60)
    assert "no difference" in latency and "25 % slower" in latency
    nesting = Nesting()
    nesting.feed(html)
    assert nesting.open == []


def test_what_was_sure_in_between_is_what_the_judge_would_have_said_and_ends_with_what_it_said() -> None:
    journal = looks([ERRORS, SLOWER], Candidate(), percents=(5,))
    case = cases(journal)[0]
    band = what_was_sure(case.given, judge)[case.key]

    assert len(band) == min(60, len(case.measured["candidate_requests"]))
    last = band[-1]
    assert last and [last.low, last.high] == case.looks[-1].finding["interval"]
    at_the_first_look = next(each for each in band if each and each.at >= case.looks[0].at - 60)
    assert [at_the_first_look.low, at_the_first_look.high] == case.looks[0].finding["interval"]


def test_the_order_in_which_cloudwatch_answers_does_not_matter() -> None:
    (case,) = cases(looks([SLOWER], Candidate(), percents=(5,)))
    newest_first = [
        {**each, "Timestamps": each["Timestamps"][::-1], "Values": each["Values"][::-1]}
        for each in case.given["results"]
    ]

    turned = what_was_sure({**case.given, "results": newest_first}, judge)

    assert turned == what_was_sure(case.given, judge)


def test_the_decision_is_marked_and_says_what_it_led_to() -> None:
    html = drawn(looks([ERRORS, SLOWER], Candidate(slower=1.8)))
    errors, latency = articles(html)

    assert "✕" in lamps(latency) and re.search(r">Fail: \+[\d.]+ %, roll back<", latency)
    assert "decides" in latency and '<h3><span class="bad">✕ Fail</span>' in latency
    assert "(roll back for another reason)" in errors


def test_steps_are_marked_where_the_share_of_the_candidate_changed() -> None:
    html = articles(drawn(looks([ERRORS], Candidate(errors=0.001))))[0]

    assert re.findall(r'rail-label traffic"[^>]*>([^<]*)<', html) == ["5 %", "25 %"]
    assert lamps(html) == ["✓", "✓", "✓"]  # decided at the first look, then the end of each bake


def test_a_percentile_within_a_limit_is_drawn_as_the_share_of_slow_requests() -> None:
    journal = looks([SLOW], Candidate(), percents=(5,))
    (case,) = cases(journal)
    html = drawn(journal)

    assert "slower than 250 ms" in html and "1 % allowed" in html and "limit 250 ms" in html
    low, high = case.looks[-1].finding["interval"]
    estimate = case.estimate(case.looks[-1])
    assert estimate is not None and low <= estimate <= high


def test_a_series_that_is_missing_leaves_the_other_and_a_gap_breaks_the_line() -> None:
    journal = looks([SLOWER], Candidate(), percents=(5,), each=1)
    given = journal[-1].document["given"]
    hole = [
        {**each, "Timestamps": [*each["Timestamps"][:5], *each["Timestamps"][8:]], "Values": each["Values"][3:]}
        for each in given["results"]
        if each["Id"] != "stable_p99_latency"
    ]
    document = {**journal[-1].document, "given": {**given, "results": hole}}
    html = drawn((replace(journal[-1], document=document),))

    assert 'class="line stable"' not in html
    assert len(points(html, "line candidate")) == 2
    assert 'class="sure"' not in html


def test_a_look_that_could_not_measure_is_a_sign_without_numbers() -> None:
    journal = looks([SLOWER], Candidate(), percents=(5,), each=2)
    given = cast(Look, {**journal[0].document["given"], "error": "Throttled <b>", "results": []})
    document = {**judge(given), "percent": 5, "since": given["since"], "given": given}
    html = drawn((replace(journal[0], document=document),))

    assert re.search(r'class="look fail.*?>!</text><title>Error: [^<]*Throttled &lt;b&gt;', html)
    assert "nothing was measured" in html and "<b>" not in html
    assert 'class="whisker"' not in html and "Difference" not in html


def test_one_look_alone_is_drawn() -> None:
    html = drawn(looks([ERRORS, MORE_ERRORS], Candidate(errors=0.5), percents=(5,), minutes=1, each=1)[:1])

    assert len(articles(html)) == 2 and html.count('class="look ') == 2
    assert all(count >= 4 for count in points(html, "sure"))


def test_without_a_look_it_is_said_that_there_was_none() -> None:
    plain = release(())
    baked = replace(plain.journal[0], document={"steps": [{"action": "Bake", "bake": {"rules": []}}]})

    assert "before a look was taken" in evidence(replace(plain, journal=(baked,)), SPAN, judge)
    assert evidence(replace(plain, journal=()), SPAN, judge) == ""


def test_what_a_metric_is_called_cannot_become_markup() -> None:
    nasty = {**ERRORS, "title": "<script>x</script>", "unit": "<i>", "kind": "mean", "metric": "error_rate"}
    html = drawn(looks([nasty], Candidate(), percents=(5,)))

    assert "<script>" not in html and "<i>" not in html
    assert "&lt;script&gt;" in html


def test_the_table_has_every_look_and_the_whole_record_once() -> None:
    journal = looks([SLOWER], Candidate(slower=1.1), percents=(5,), each=3)
    html = release_page(release(journal), shown(journal))

    rows = re.findall(r'<tr><td class="when">\+[^<]*</td><td class="when">5 %</td>', html)
    assert len(rows) == len(journal)
    assert html.count("Timestamps") == len(journal[-1].document["given"]["results"])
    assert "look again" in html


def test_the_drawing_of_the_release_leaves_looks_out_that_say_nothing_new() -> None:
    told = [("Inconclusive", "Look"), ("Inconclusive", "Look"), ("Pass", "Look"), ("Pass", "Look"), ("Pass", "Advance")]
    journal = [
        JournalEntry(judged.BEGUN + 600 * index, "VERDICT", "", {"verdict": verdict, "next": then})
        for index, (verdict, then) in enumerate(told)
    ]
    page = release_page(release(journal), shown(journal))

    assert lamps(page) == ["?", "✓", "✓"]


def panel(*dots: Dot, band: tuple[Sure | None, ...] = (), lines: tuple[float, ...] = (0.0, 0.25)) -> str:
    each = [Line(value, f"at {value}", "limit") for value in lines]
    return Interval("title", 100.0, band, dots, each, difference).draw(Scale(0.0, 600.0), 50.0)


def test_an_end_without_bound_runs_off_the_panel() -> None:
    html = panel(band=(Sure(0, None, None), Sure(60, -0.1, None), Sure(120, -0.05, 0.4)))

    (polygon,) = re.findall(r'class="sure" points="([^"]*)"', html)
    heights = [float(point.split(",")[1]) for point in polygon.split()]
    assert min(heights) < 0 and max(heights) > 100
    assert not re.search("nan|inf", html)


def test_an_estimate_far_off_is_at_the_edge_with_an_arrow() -> None:
    html = panel(Dot(60, 30.0, 20.0, None, "fail", "✕", "Fail", decides=True))

    assert re.search(r'<g class="look fail decides"><polygon[^>]*/><circle cx="[\d.]+" cy="50.0"', html)
    assert "at 0.25" in html


def test_where_looks_crowd_every_one_is_there_and_the_decision_has_its_sign() -> None:
    dots = [Dot(at, 0.1, 0.0, 0.2, "unsure", "?", "", decides=False) for at in range(0, 600, 2)]
    dots[150] = replace(dots[150], kind="fail", sign="✕", decides=True)
    html = panel(*dots)

    assert html.count('class="look ') == 300
    assert html.count("✕") == 1 and 20 < html.count("?") < 100


@pytest.mark.parametrize("lines", [(0.02,), (0.0, 0.02), (0.0,), (80.0,)])
def test_a_panel_can_be_drawn_without_any_measurement(lines: tuple[float, ...]) -> None:
    assert 'class="grid"' in panel(lines=lines)


def test_rules_and_numbers_are_told_in_words() -> None:
    assert in_words(MORE_ERRORS) == (
        "Server error rate: less than 50 % higher than stable (a difference below 0.5 % does not matter)"
    )
    assert in_words(judged.BASKET) == "Basket: at least 2 % higher than stable"
    assert in_words(judged.rule("basket", "mean", "margin", 0.05)) == "Basket: less than 5 % lower than stable"
    assert in_words(SLOW) == "P99 latency: at most 250 ms"
    assert [number("us", 2_345.0), number("EUR", 1_234.5), number("share", 0.00456)] == [
        "2.35 ms",
        "1,234 EUR",
        "0.456 %",
    ]
    assert [difference(each) for each in (0.1567, -0.2, 1e-9, 31.2)] == [
        "+15.7 %", "−20 %", "0 %", "+3,120 %",
    ]  # fmt: skip


def test_what_is_not_bounded_is_told_as_such() -> None:
    ends = [(None, None), (0.1, None), (None, 0.2), (-0.1, 0.2)]

    assert [between(*each, difference) for each in ends] == [
        "no bounds yet", "+10 % or more", "+20 % or less", "−10 % to +20 %",
    ]  # fmt: skip


def test_a_rate_below_what_matters_passes_without_a_bound_on_the_difference() -> None:
    (entry,) = looks([MORE_ERRORS], Candidate(), percents=(5,), each=1)[:1]
    passed = judged.with_finding(entry, verdict="Pass", interval=[None, None], difference=0.0)

    assert ">Pass: below 0.5 %" in drawn((passed,))


def test_a_verdict_that_comes_and_goes_is_decided_each_time() -> None:
    (case,) = cases(looks([SLOWER], Candidate(), percents=(5,), each=3))
    told = ("Inconclusive", "Pass", "Pass", "Inconclusive", "Pass")
    steps = tuple(
        replace(case.looks[0], at=float(at), finding={**case.looks[0].finding, "verdict": each})
        for at, each in enumerate(told)
    )

    assert [look.at for look in decisions(replace(case, looks=steps))] == [1.0, 4.0]


def journalled(document: dict[str, Any]) -> str:
    """What the timeline says when a look is written to the ledger."""
    item = {"pk": {"S": "RELEASE#digits-v3-1"}, "sk": {"S": "VERDICT#6#1"}, "document": {"S": json.dumps(document)}}
    moment = moment_of_call(Call(0.0, Caller("role"), "dynamodb", "PutItem", {"Item": item}, "", {}))
    assert moment is not None
    return moment.text


def test_a_look_that_goes_on_is_one_line_of_the_terminal_and_one_that_ends_gives_its_reasons() -> None:
    first, *_, last = looks([ERRORS, SLOWER], Candidate(slower=1.5))
    going = journalled(dict(first.document))
    passing = journalled({**first.document, "verdict": "Pass"})
    extended = journalled({**first.document, "given": {**first.document["given"], "looks": 6}})
    ending = journalled(dict(last.document))

    assert going == "look 1 of 3 at 5%: Inconclusive on p99_latency"
    assert passing == "look 1 of 3 at 5%: Pass"
    assert extended == "look 7 at 5%: Inconclusive on p99_latency"
    assert re.match(r"look \d of 3 at \d+%: Fail, roll back: P99 latency", ending)
    out = io.StringIO()
    view = terminal.screen(out, {})
    call = shown((first,)).moments[0]
    terminal.show_moment(view, replace(call, kind="verdict", text=going), call.at)
    assert len(out.getvalue().splitlines()) == 1
