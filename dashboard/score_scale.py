"""The score bar of a decision: thresholds, its score, and earlier ones."""

from typing import Any

BAR_WIDTH = 330  # in its own units


def score_scale(
    score: float, earlier: list[float], review_from: float, decline_from: float
) -> dict[str, Any]:
    """Positions on the score bar; labels keep clear of its ends."""

    def x(value: float) -> float:
        return round(value * BAR_WIDTH / 100, 1)

    return {
        "width": BAR_WIDTH,
        "score": score,
        "x": x(score),
        "label_x": min(max(x(score), 10), BAR_WIDTH - 10),
        "earlier": [(x(value), value) for value in earlier],
        "review_from": review_from,
        "review_x": x(review_from),
        "review_width": x(decline_from - review_from),
        "decline_from": decline_from,
        "decline_x": x(decline_from),
        "decline_width": x(100 - decline_from),
    }
