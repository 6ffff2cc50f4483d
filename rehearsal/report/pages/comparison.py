"""Shows champion beside challenger: a table of the gate's rules, and the interval of each that has one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rehearsal.report.pages.drawing import WIDTH
from rehearsal.report.retrainings import RULE_SIGNS, Loop, Rule

ROW, LEFT, RIGHT = 74.0, 250.0, 24.0
_AIR = 0.12  # of the range, on both sides
_KINDS = {"Pass": "pass", "Fail": "fail"}
_WORDS = {"Pass": "kept", "Fail": "broken", "Undecided": "not decided", "Missing": "not in the reports"}


def comparison(loop: Loop) -> str:
    """The rules of a retraining's gate; nothing when it judged none."""
    if not loop.rules:
        return ""
    champion = f"Champion, version {loop.champion}" if loop.champion else "Champion"
    rows = "".join(_row(each) for each in loop.rules)
    table = (
        f"<div class=scroll><table><tr><th>Rule</th><th class=number>{champion}</th>"
        f"<th class=number>Challenger, version {loop.version}</th><th class=number>Improvement</th><th>Found</th></tr>"
        f"{rows}</table></div>"
    )
    drawn = [each for each in loop.rules if each.low is not None and each.high is not None]
    if not drawn:
        return table
    told = (
        "<p class=soft>The improvement is not known exactly, because each version was evaluated on a limited number of "
        "records. With 95 % confidence it is not below the left end of the bar, and with 95 % not above the right end. "
        "A rule is kept when the whole bar lies to the right of the dashed line.</p>"
    )
    return f"{table}<figure>{intervals(drawn)}</figure>{told}"


def intervals(rules: Sequence[Rule]) -> str:
    """One line a rule, each on its own scale: the bar of the improvement against what the rule asks."""
    height = ROW * len(rules)
    rows = "".join(_interval(rule, ROW * number) for number, rule in enumerate(rules))
    title = escape("; ".join(each.sentence for each in rules))
    return f'<svg class="chart" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label="{title}">{rows}</svg>'


def _row(rule: Rule) -> str:
    sign, tone = RULE_SIGNS.get(rule.verdict, ("?", "warn"))
    between = "" if rule.low is None or rule.high is None else f"{rule.low:+.4g} to {rule.high:+.4g}"
    return (
        f"<tr><td>{escape(rule.rule)}<div class=soft>{escape(rule.sentence)}</div></td>"
        f"<td class=number>{_value(rule.champion)}</td><td class=number>{_value(rule.challenger)}</td>"
        f"<td class=number>{between}</td>"
        f'<td class="word {tone}">{sign} {_WORDS.get(rule.verdict, rule.verdict)}</td></tr>'
    )


def _value(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def _interval(rule: Rule, top: float) -> str:
    low, high = rule.low or 0.0, rule.high or 0.0
    needed = rule.needed
    marks = [0.0, low, high, *([] if needed is None else [needed])]
    least, most = min(marks), max(marks)
    air = (most - least or abs(most) or 1.0) * _AIR

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - least + air) / (most - least + 2 * air)

    y, kind = top + ROW / 2, _KINDS.get(rule.verdict, "unsure")
    parts = [
        f'<text class="panel-title" x="0" y="{y - 3:.1f}">{escape(rule.metric)}</text>',
        f'<text class="axis" x="0" y="{y + 13:.1f}">{escape(rule.rule.removeprefix(rule.metric).strip())}</text>',
        f'<line class="grid" x1="{LEFT:.0f}" x2="{WIDTH - RIGHT:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>',
        _upright(x(0.0), y, "same", "no difference", above=True),
    ]
    if needed is not None:
        parts.append(_upright(x(needed), y, "limit", f"asked: at least {needed:+.3g}", above=False))
    middle = (low + high) / 2
    parts.append(
        f'<g class="between {kind}"><rect x="{x(low):.1f}" y="{y - 6:.1f}" width="{max(x(high) - x(low), 2):.1f}" '
        f'height="12" rx="2"/><circle cx="{x(middle):.1f}" cy="{y:.1f}" r="4"/>'
        f"<title>{escape(rule.sentence)}</title></g>"
        f'<text class="axis" x="{x(low) - 5:.1f}" y="{y - 9:.1f}" text-anchor="end">{low:+.3g}</text>'
        f'<text class="axis" x="{x(high) + 5:.1f}" y="{y - 9:.1f}">{high:+.3g}</text>'
    )
    return "".join(parts)


def _upright(x: float, y: float, kind: str, label: str, above: bool) -> str:
    """A line across a row with its label above or below, inside the drawing."""
    anchor = "end" if x > WIDTH - 130 else "start" if x < LEFT + 60 else "middle"
    return (
        f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 18:.1f}" y2="{y + 18:.1f}"/>'
        f'<text class="{kind}-label" x="{x:.1f}" y="{y - 23 if above else y + 30:.1f}" text-anchor="{anchor}">'
        f"{escape(label)}</text>"
    )
