"""What the first policy of the market engine holds: trading hours, and when a piece of a scheme counts.

Thresholds of the rules themselves are parameters of the rules.
"""

from collections.abc import Mapping
from typing import Any

from ml.domains.market.calendar import check_calendars

NYSE_HOLIDAYS = (
    *("2025-01-01", "2025-01-09", "2025-01-20", "2025-02-17", "2025-04-18", "2025-05-26", "2025-06-19"),
    *("2025-07-04", "2025-09-01", "2025-11-27", "2025-12-25"),
    *("2026-01-01", "2026-01-19", "2026-02-16", "2026-04-03", "2026-05-25", "2026-06-19", "2026-07-03"),
    *("2026-09-07", "2026-11-26", "2026-12-25"),
    *("2027-01-01", "2027-01-18", "2027-02-15", "2027-03-26", "2027-05-31", "2027-06-18", "2027-07-05"),
    *("2027-09-06", "2027-11-25", "2027-12-24"),
    *("2028-01-17", "2028-02-21", "2028-04-14", "2028-05-29", "2028-06-19", "2028-07-04", "2028-09-04"),
    *("2028-11-23", "2028-12-25"),
)
NYSE_EARLY = (
    *("2025-07-03", "2025-11-28", "2025-12-24", "2026-11-27", "2026-12-24", "2027-11-26"),
    *("2028-07-03", "2028-11-24"),
)
NEW_YORK = {
    "time_zone": "America/New_York",
    "opens": "09:30",
    "closes": "16:00",
    "weekdays": [0, 1, 2, 3, 4],
    "holidays": list(NYSE_HOLIDAYS),
    "early_closes": dict.fromkeys(NYSE_EARLY, "13:00"),
}
SETTINGS = {
    "calendars": {
        "default": "XNYS",
        "source": "NYSE Group, Holidays and trading hours 2025 to 2028",
        "date": "2025-11-01",
        "venues": {"XNYS": NEW_YORK, "XNAS": NEW_YORK},
    },
    "wash": {"seconds": 300, "volume_share": 0.01, "price_share": 0.001},
    "spoof": {
        "median_ratio": 5,
        "depth_share": 0.2,
        "cancelled_share": 0.9,
        "cancel_seconds": 10,
        "fill_seconds": 5,
    },
    "layering": {"order_seconds": 60, "cancel_seconds": 30},
    "closing": {"minutes": 10, "before_minutes": 30},
    "ramping": {"minutes": 15, "reverse_minutes": 60, "trades": 5},
    "loop": {"accounts": 6, "uneven": 0.2},
    "pump": {"hours": 48, "near_peak": 0.6, "search_from_rise": 0.1},
}


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raise ValueError naming the setting that does not hold."""
    check_calendars(settings)
    for section, shipped in SETTINGS.items():
        if section == "calendars":
            continue
        given = settings.get(section)
        if not isinstance(given, Mapping) or given.keys() != shipped.keys():
            raise ValueError(f"{section} must hold {', '.join(shipped)}")
        for name, value in given.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise ValueError(f"{section}.{name} must be a number above 0, not {value!r}")
