"""Small drawn pieces as SVG: icons, severity, sparklines, score and interval bars; decision words."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard.icons import ICONS

register = template.Library()

SHAPES = {
    "critical": '<path fill-rule="evenodd" d="M1.5.5h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9'
    'a1 1 0 0 1 1-1zM5.1 2.3v4.6h1.8V2.3zM5.1 8.1v1.7h1.8V8.1z"/>',
    "high": '<path d="M6 .9 11.6 10.9H.4z"/>',
    "medium": '<path d="M6 .6 11.4 6 6 11.4.6 6z"/>',
    "low": '<circle cx="6" cy="6" r="4.3"/>',
}
DECISIONS = {"approve": "Approved", "review": "In review", "decline": "Declined"}
SPARK_WIDTH, SPARK_HEIGHT = 45, 22


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon that repeats a word beside it, so hidden from screen readers; KeyError for an unknown name."""
    paths = format_html_join(" ", '<path d="{}"/>', ((path,) for path in ICONS[name]))
    return format_html('<svg class="ic" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', paths)


@register.simple_tag
def severity(level: str, solid: bool = False) -> SafeString:
    """Shape, word and colour of low, medium, high or critical."""
    return format_html(
        '<span class="sev sev-{}{}"><svg viewBox="0 0 12 12" aria-hidden="true">{}</svg>{}</span>',
        level,
        " solid" if solid else "",
        mark_safe(SHAPES[level]),  # one of our own four drawings  # nosec B308 B703
        level.capitalize(),
    )


@register.simple_tag
def decision(value: str) -> SafeString:
    """The outcome in words: Approved, In review, Declined."""
    return format_html('<span class="dec dec-{}">{}</span>', value, DECISIONS[value])


@register.simple_tag
def debt_class(unpaid: bool) -> SafeString:
    """The class of a prediction about debts in words: Likely unpaid, Likely paid."""
    css, words = ("review", "Likely unpaid") if unpaid else ("approve", "Likely paid")
    return format_html('<span class="dec dec-{}">{}</span>', css, words)


@register.simple_tag
def debt_bar(prediction) -> SafeString:
    """The probability of a prediction with a tick at its threshold."""
    level = "high" if prediction.unpaid else "low"
    tick = prediction.threshold * 100
    return score_bar(prediction.probability * 100, level, tick, tick)


PARTS = {
    "features": "the features",
    "model": "the model",
    "explanation": "an explanation",
    "alerts": "an alert",
}


@register.filter
def without(parts: list[str]) -> str:
    """["model", "rule X"] -> the model, rule X."""
    return ", ".join(PARTS.get(part, part) for part in parts)


def _line(values: list[float], low: float, span: float) -> str:
    step = SPARK_WIDTH / max(len(values) - 1, 1)
    points = [
        (i * step, SPARK_HEIGHT - 2 - (v - low) / span * (SPARK_HEIGHT - 4)) for i, v in enumerate(values)
    ]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


@register.simple_tag
def spark(values: list[float], compared: list[float] | None = None) -> SafeString:
    """A sparkline, the compared period in grey; nothing for fewer than two points."""
    if len(values) < 2:
        return SafeString("")
    every = [*values, *(compared or ())]
    low, span = min(every), (max(every) - min(every)) or 1
    grey = format_html('<path class="cmp" d="{}"/>', _line(compared, low, span)) if compared else ""
    end = SPARK_HEIGHT - 2 - (values[-1] - low) / span * (SPARK_HEIGHT - 4)
    return format_html(
        '<svg class="spark" viewBox="0 0 48 22" width="48" height="22" aria-hidden="true">{}<path d="{}"/>'
        '<circle cx="{}" cy="{}" r="2"/></svg>',
        grey, _line(values, low, span), SPARK_WIDTH, f"{end:.1f}",
    )  # fmt: skip


@register.simple_tag
def score_bar(score: float, level: str, review_from: float = 60, decline_from: float = 85) -> SafeString:
    """0 to 100 with ticks at the thresholds in force."""
    return format_html(
        '<svg class="sb" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bg" y="2" width="100" height="4"/><rect class="f-{}" y="2" width="{}" height="4"/>'
        '<path class="tick" d="M{} 0v8M{} 0v8"/></svg>',
        level, f"{score:.1f}", f"{review_from:g}", f"{decline_from:g}",
    )  # fmt: skip


@register.simple_tag
def interval_bar(low: float, value: float, high: float, mark: float | None = None) -> SafeString:
    """A share with its 95% interval on a line from 0 to 100, in per cent, and a `mark` beside it."""
    beside = ""
    if mark is not None:
        beside = format_html('<rect class="m" x="{}" width="1.5" height="12"/>', f"{min(mark, 98.5):.1f}")
    return format_html(
        '<svg class="ci" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="a" y="5.5" width="100" height="1"/><rect class="r" x="{}" y="4" width="{}" height="4"/>'
        '<rect class="p" x="{}" y="1" width="2" height="10"/>{}</svg>',
        f"{low:.1f}", f"{max(high - low, 0.5):.1f}", f"{max(value - 1, 0):.1f}", beside,
    )  # fmt: skip


@register.simple_tag
def shares_bar(parts: list[tuple[str, int]]) -> SafeString:
    """Stacked shares of a whole: (css class, count) in order."""
    total = sum(count for _, count in parts) or 1
    rects, x = [], 0.0
    for css, count in parts:
        width = 310 * count / total
        rects.append((css, f"{x:.1f}", f"{max(width - 2, 0):.1f}"))
        x += width
    drawn = format_html_join("", '<rect class="{}" x="{}" width="{}" height="10"/>', rects)
    return format_html(
        '<svg class="simbar" viewBox="0 0 310 10" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        drawn,
    )
