"""The table of the costs of a release: each charge, how many, how many dollars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rehearsal.report.prices import DURATIONS, LIST_PRICES, NOT_COUNTED, Cost


def costs_table(costs: Sequence[Cost]) -> str:
    """Nothing when nothing was used."""
    if not costs:
        return ""
    rows = "".join(
        f'<tr><td>{escape(each.price.per)}</td><td class="number">{each.amount:,.7g}</td>'
        f'<td class="number">{each.dollars:.8f}</td></tr>'
        for each in costs
    )
    total = sum(each.dollars for each in costs)
    return (
        '<div class="scroll"><table class="costs"><tr><th>Charge</th><th class="number">How many</th>'
        f'<th class="number">Dollars</th></tr>{rows}'
        f'<tr><th>Together</th><td></td><td class="number"><b>{total:.8f}</b></td></tr></table></div>'
        f'<p class="soft">At {LIST_PRICES}, without the free tier. {escape(f"{DURATIONS} {NOT_COUNTED}")}</p>'
    )
