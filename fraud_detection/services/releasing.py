"""Random release: a small share of what would be stopped goes through, so that blocked events still teach."""

from fraud_detection.policy import released
from fraud_detection.services.scoring import Scored
from fraud_detection.services.serving import Serving


def release(serving: Serving, scored: Scored, *, client_id: int, external_id: str) -> None:
    """Replace the verdict of an event that is released, and note the chance it had; see policy.released."""
    if not serving.policy.release_share:
        return
    scored.verdict = released(
        scored.verdict,
        policy=serving.policy,
        hits=scored.hits,
        degraded=bool(scored.degraded_parts),
        event=f"{client_id}:{external_id}",
    )
