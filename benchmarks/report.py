"""One table on standard output, or the same as JSON."""

import json
import os
import platform
from datetime import UTC, datetime
from typing import Any

from benchmarks.usage import load_average

Row = dict[str, Any]


def machine() -> Row:
    """What the figures depend on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": load_average(),
        "python": platform.python_version(),
    }


def show(title: str, before: Row, rows: list[Row], *, as_json: bool) -> None:
    """`before`: machine() when it began; load then and now tells whether others were at work."""
    facts = before | {"load_after": load_average()}
    if as_json:
        print(json.dumps({"benchmark": title, **facts, "results": rows}, indent=1))
        return
    print(f"{title}: " + ", ".join(f"{name} {value}" for name, value in facts.items()))
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    for line in cells:
        print("  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)))


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
