"""The steps of an erasure in their order: which rows, and what becomes of each."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet

from alerts.models import Alert, Case, CaseComment, CaseNarrative, CaseTask
from fraud_detection.models import (
    ApplicantGroup,
    Assessment,
    CustomerPrediction,
    ErasureRequest,
    ExternalPrediction,
    Rescoring,
    ReviewRequest,
    RuleHit,
    ShadowHit,
)
from fraud_detection.services.privacy import events, leftovers
from fraud_detection.services.privacy.job_files import job_files
from fraud_detection.services.privacy.rewriting import Change
from fraud_detection.services.privacy.scope import Scope
from fraud_detection.services.privacy.sections import Subject
from transactions.models import (
    CreditApplication,
    InsuranceClaim,
    Label,
    MarketEvent,
    StatusChange,
    Transaction,
)


class Step(NamedTuple):
    """Rows, ordered and gone through by their keys; `change` gives one row's new values."""

    name: str
    model: type[Model]
    rows: Callable[[Scope], QuerySet]
    change: Callable[[Any, Scope], Change]


class Deed(NamedTuple):
    """A step that is one piece; doing it twice changes nothing more. It returns how much it changed."""

    name: str
    do: Callable[[Scope], int]


def _texts(*columns: str, json: Sequence[str] = (), fixed: Change | None = None) -> Callable:
    """Texts in which the customer's values are replaced; `fixed` columns get the same in every row."""

    def change(row: Any, scope: Scope) -> Change:
        new = {name: _replaced(scope.pseudonyms.text, getattr(row, name)) for name in columns}
        new |= {name: _replaced(scope.pseudonyms.json, getattr(row, name)) for name in json}
        return new | (fixed or {})

    return change


def _replaced(replace: Callable[[Any], Any], value: Any) -> Any:
    return replace(value) if value else value


def _subject(*columns: str) -> Callable:
    """The same, and a column `subject` that is one of the customer's values as a whole."""
    texts = _texts(*columns)

    def change(row: Any, scope: Scope) -> Change:
        kind = scope.values.get(row.subject)
        named = scope.pseudonyms.of(kind, row.subject) if kind else row.subject
        return {**texts(row, scope), "subject": named}

    return change


def _label(row: Label, scope: Scope) -> Change:
    event = row.transaction
    keys = {name: getattr(event, name) for name in ("receiver_key", "device_key", "ip_key")}
    return keys | {"reason": _replaced(scope.pseudonyms.text, row.reason)}


def _status(row: StatusChange, scope: Scope) -> Change:
    names = ("sender_key", "card_key", "device_key", "ip_key")
    return {name: getattr(row.transaction, name) for name in names}


def _of(model: type[Model], path: str = "customer") -> Callable[[Scope], QuerySet]:
    return lambda scope: model.objects.filter(**{path: scope.customer_id})


def _against(scope: Scope) -> QuerySet:
    """Others' events that named the customer; they carry the pseudonym by now."""
    touched = Q(sender_key__in=scope.new_keys) | Q(receiver_key__in=scope.new_keys)
    return Transaction.objects.filter(touched).exclude(customer=scope.customer_id).order_by().values("pk")


def _hits(scope: Scope) -> QuerySet:
    named = Q(assessment__customer=scope.customer_id) | Q(assessment__transaction__in=_against(scope))
    return RuleHit.objects.filter(named)


def _cases(scope: Scope) -> list[int]:
    return Subject(scope.request.customer).cases


def _in_cases(model: type[Model]) -> Callable[[Scope], QuerySet]:
    return lambda scope: model.objects.filter(case__in=_cases(scope))


ASSESSMENT = _texts(json=("reasons", "texts", "details"), fixed={"body_digest": None})
STEPS: tuple[Step | Deed, ...] = (
    Step("transactions", Transaction, _of(Transaction), events.own_payment),
    Step(
        "transactions_of_others",
        Transaction,
        lambda s: Transaction.objects.filter(
            Q(sender_key__in=s.old_keys) | Q(receiver_key__in=s.old_keys)
        ).exclude(customer=s.customer_id),
        events.others_payment,
    ),
    Step(
        "labels",
        Label,
        lambda s: Label.objects.filter(
            Q(transaction__customer=s.customer_id) | Q(receiver_key__in=s.old_keys)
        ).select_related("transaction"),
        _label,
    ),
    Step(
        "statuses",
        StatusChange,
        lambda s: StatusChange.objects.filter(
            Q(transaction__customer=s.customer_id) | Q(sender_key__in=s.old_keys)
        ).select_related("transaction"),
        _status,
    ),
    Step("applications", CreditApplication, _of(CreditApplication), events.application),
    Step("claims", InsuranceClaim, _of(InsuranceClaim), events.claim),
    Deed("market_counts", leftovers.market_counts),
    Step("orders", MarketEvent, _of(MarketEvent), events.own_order),
    Step(
        "orders_of_others",
        MarketEvent,
        lambda s: MarketEvent.objects.filter(counterparty_key__in=s.trader_keys),
        events.others_order,
    ),
    Step("decisions", Assessment, _of(Assessment), ASSESSMENT),
    Step(
        "decisions_of_others",
        Assessment,
        lambda s: Assessment.objects.filter(transaction__in=_against(s)),
        ASSESSMENT,
    ),
    Step(
        "hits", RuleHit, _hits, lambda row, scope: {**_subject("reason")(row, scope), **_metadata(row, scope)}
    ),
    Step("hits_in_trial", ShadowHit, _of(ShadowHit, "assessment__customer"), _texts("reason")),
    Step("scored_again", Rescoring, _of(Rescoring, "assessment__customer"), _texts(json=("reasons",))),
    Step(
        "alerts",
        Alert,
        lambda s: Alert.objects.filter(Q(customer=s.customer_id) | Q(subject__in=s.accounts)),
        _subject("reason", "note", "snooze_reason"),
    ),
    Step(
        "cases",
        Case,
        lambda s: Case.objects.filter(pk__in=_cases(s)),
        _texts("title", "note", "proposed_note", "change"),
    ),
    Step("case_comments", CaseComment, _in_cases(CaseComment), _texts("text")),
    Step("case_tasks", CaseTask, _in_cases(CaseTask), _texts("title")),
    Step(
        "case_narratives",
        CaseNarrative,
        _in_cases(CaseNarrative),
        _texts("who", "what", "when", "where", "why", "how"),
    ),
    Deed("case_files", leftovers.case_files),
    Step("predictions", CustomerPrediction, _of(CustomerPrediction), _texts(json=("reasons",))),
    Step(
        "predictions_made_elsewhere",
        ExternalPrediction,
        lambda s: ExternalPrediction.objects.filter(
            external_id__in=Assessment.objects.filter(customer=s.customer_id).values("external_id")
        ),
        _texts(json=("reasons",)),
    ),
    Step(
        "groups",
        ApplicantGroup,
        lambda s: ApplicantGroup.objects.filter(applicant_id__in=s.accounts),
        lambda row, scope: {"applicant_id": scope.pseudonyms.of("id", row.applicant_id)},
    ),
    Step("reviews", ReviewRequest, _of(ReviewRequest), _texts("reason", "note")),
    Step("erasures", ErasureRequest, _of(ErasureRequest), _texts("reason")),
    Deed("lists", leftovers.list_entries),
    Deed("snoozes", leftovers.snoozes),
    Deed("messages", leftovers.messages),
    Deed("calls", leftovers.calls),
    Deed("letters", leftovers.dead_letters),
    Deed("job_files", job_files),
    Deed("copies", leftovers.copies),
    Deed("audit_key", leftovers.audit_key),
)


def _metadata(row: RuleHit, scope: Scope) -> Change:
    return {"metadata": _replaced(scope.pseudonyms.json, row.metadata)}


def batch_of(step: Step, scope: Scope, after: int, size: int) -> list[Any]:
    """The next rows of a step behind a key."""
    return list(step.rows(scope).filter(pk__gt=after).order_by("pk")[:size])
