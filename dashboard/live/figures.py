"""What moves by itself on the overview of today: figures, the lines under them, decisions by level."""

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from dashboard.selectors import alerts, decisions
from dashboard.selectors.period import period_of
from dashboard.selectors.precision import share
from dashboard.tiles import tiles


def kpis(now: datetime) -> dict[str, Any]:
    """Figures by tile, money in hundredths; `lines` by tile and `levels` (rows) as the page writes them."""
    today = period_of("today", now)
    made, before = decisions.period_tallies(today)
    stream = alerts.flow(today)
    shown = tiles(today, made, before, stream, share(0, 0))
    rows = {
        "levels": decisions.by_level(made, before),
        "made": made,
        "change": decisions.change(made.total, before.total),
        "period": today,
    }
    return {
        "at": now.isoformat(),
        "open_alerts": stream.open_now,
        "alerts_opened": stream.opened_total,
        "events": made.total,
        "stopped": made.stopped_total,
        "stopped_amount": made.stopped_amount,
        "lines": {tile.key: tile.line for tile in shown if tile.key},
        "levels": render_to_string("dashboard/_level_rows.html", rows),
        "sentence": today.sentence,
    }
