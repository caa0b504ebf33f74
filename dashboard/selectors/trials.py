"""A text tried on one stored event, as the page shows it."""

from dataclasses import dataclass, field

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, Rule, RuleDraft
from fraud_detection.services.backtesting.wordings import definition_in_force
from fraud_detection.services.workbench.accepting import DefinitionRefused, accepted
from fraud_detection.services.workbench.trying import (
    NoSuchEvent,
    Tried,
    TriedPart,
    stored_decision,
    try_on,
)

SUGGESTED = 5
OUTCOMES = {
    "hit": "It fires",
    "no_hit": "It does not fire",
    "insufficient_data": "Not enough data yet",
    "not_evaluable": "Not evaluable: a value is missing",
    "failed": "It fails",
}


@dataclass(frozen=True)
class Trial:
    """`tried` is None until an event is chosen; `suggested` are the newest decisions of the engine."""

    event: str
    suggested: list[Assessment]
    assessment: Assessment | None = None
    tried: Tried | None = None
    problem: str = ""
    parts: list[tuple[str, list[TriedPart]]] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        return OUTCOMES[self.tried.outcome] if self.tried else ""


def trial_of(rule: Rule, event: str) -> Trial:
    """The draft of a rule, or what is in force of it, on an event (by the client's id, or #decision)."""
    suggested = _newest(rule.engine)
    if not event:
        return Trial("", suggested)
    number = event.removeprefix("#")
    by_id = event.startswith("#") and number.isascii() and number.isdecimal() and len(number) < 19
    named = {"assessment_id": int(number)} if by_id else {"event_id": event[:128]}
    draft = RuleDraft.objects.filter(rule=rule).first()
    definition = draft.definition if draft else definition_in_force(rule)
    try:
        wording = accepted(definition, engine=rule.engine)
        assessment = stored_decision(rule.engine, **named)
    except DefinitionRefused as refused:
        return Trial(event, suggested, problem=f"The saved text does not hold yet: {refused}.")
    except NoSuchEvent as unknown:
        text = str(unknown)
        return Trial(event, suggested, problem=f"{text[0].upper()}{text[1:]}.")
    tried = try_on(wording, engine=rule.engine, assessment=assessment)
    titles = (("requires", "Minimum history"), ("condition", "Condition"))
    parts = [(title, [part for part in tried.parts if part.field == name]) for name, title in titles]
    return Trial(event, suggested, assessment, tried, parts=[group for group in parts if group[1]])


def _newest(engine: str) -> list[Assessment]:
    """By the event, which is indexed: decisions of other engines are not read on the way."""
    link = ENGINES[engine].link
    decided = Assessment.objects.filter(engine=engine, **{f"{link}__isnull": False})
    fields = ("external_id", "decided_at", "amount_minor", "decision", "engine")
    return list(decided.only(*fields).order_by(f"-{link}")[:SUGGESTED])
