from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.selectors import assessments
from fraud_detection.services.replaying import NotReplayable, Replay, replay


class Command(BaseCommand):
    help = "Explain a decision from its record, and replay it to the same score."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="id of the decision, or the transaction_id of its event")

    def handle(self, *, id: str, **options) -> None:
        assessment = assessments().filter(pk=int(id)).first() if id.isdecimal() and len(id) < 19 else None
        assessment = assessment or assessments().filter(transaction__transaction_id=id).first()
        if assessment is None:
            raise CommandError(f"there is no decision {id}")
        try:
            again = replay(assessment)
        except NotReplayable as missing:
            raise CommandError(str(missing)) from missing
        self._print(again)
        if not again.equal:
            raise CommandError("the replay differs from the record")

    def _print(self, again: Replay) -> None:
        a, verdict = again.assessment, again.scored.verdict
        self.stdout.write(
            f"{a.engine} decision {a.pk} on {a.external_id}: {a.decision}, {a.risk_score} ({a.risk_level})"
        )
        versions = (
            a.feature_set_version,
            a.rule_set_version,
            a.policy_version,
            a.model_version or "no model",
        )
        self.stdout.write(f"made with {', '.join(versions)}" + (" (degraded)" if a.degraded else ""))
        if a.released:
            self.stdout.write(f"released at random ({a.release_propensity:.1%} of what would be stopped)")
        for reason in a.reasons:
            self.stdout.write(f"  {reason['contribution']:.4f}  {reason['code']}: {reason['text']}")
        self.stdout.write(_arithmetic(again))
        if again.equal:
            self.stdout.write(self.style.SUCCESS(f"replayed to the same score: {verdict.risk_score}"))
        else:
            self.stdout.write(f"replayed to {verdict.risk_score}, {verdict.decision}")


def _arithmetic(again: Replay) -> str:
    """How the score came about: points of a scorecard, else a noisy-OR."""
    verdict = again.scored.verdict
    if points := (verdict.details or {}).get("points"):
        listed = ", ".join(f"{name} {value:+}" for name, value in points.items())
        return f"{verdict.details['credit_score']} points: {listed} -> {verdict.risk_score}% default"
    hits: dict[str, float] = {}
    for hit in again.scored.hits:
        hits[hit.family] = max(hit.weight, hits.get(hit.family, 0))
    factors = [f"(1 - {verdict.fraud_probability or 0:.4f})", *(f"(1 - {w:.2f})" for w in hits.values())]
    return f"1 - {' x '.join(factors)} -> {verdict.risk_score}"
