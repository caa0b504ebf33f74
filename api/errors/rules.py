"""Rules, their packs and backtests, features and lists."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from api import problems
from api.errors.answering import (
    Answer,
    conflict,
    field_refused,
    fields_refused,
    forbidden,
    unknown,
    value_refused,
    whole_refused,
)
from api.problems import Fault, pointer
from fraud_detection.services.backtesting import BacktestEnded, BacktestRefused, TooManyBacktests
from fraud_detection.services.backtesting.wordings import NoSuchWording
from fraud_detection.services.feature_definitions import (
    SPEC_PARTS,
    DefinitionConflict,
    DefinitionFourEyesRefused,
    DefinitionInUse,
    DefinitionStageRefused,
    FeatureRefused,
)
from fraud_detection.services.listing.csv_form import FileRefused
from fraud_detection.services.listing.files import EntriesRefused, ImportRefused
from fraud_detection.services.listing.life import ListConflict
from fraud_detection.services.listing.values import EntryRefused
from fraud_detection.services.rule_packs import PackRefused
from fraud_detection.services.rule_packs.presets import NoSuchPreset
from fraud_detection.services.rulebook import (
    DraftConflict,
    RuleConflict,
    RuleFourEyesRefused,
    RuleRefused,
    RuleStageRefused,
)
from fraud_detection.services.snoozing import SnoozeRefused
from fraud_detection.services.workbench.accepting import DefinitionRefused, UnknownEngine


def _feature_refused(request: HttpRequest, error: FeatureRefused) -> HttpResponse:
    faults = []
    for item in error.problems:
        steps = item.field.split(".")
        inside = ("spec",) if steps[0] in SPEC_PARTS or item.code == "unknown_part" else ()
        faults.append(Fault(pointer(*inside, *steps), item.code, item.detail))
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def _definition_refused(request: HttpRequest, error: DefinitionRefused) -> HttpResponse:
    faults = [
        Fault(pointer("definition", found["field"]), found["code"], _placed(found))
        for found in (finding.as_data() for finding in error.findings)
    ]
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def _placed(found: dict[str, Any]) -> str:
    """The message with its place: 2:14: unknown name 'amout'; did you mean 'amount'?"""
    hint = f"; did you mean '{found['suggestion']}'?" if found["suggestion"] else ""
    return f"{found['line']}:{found['column']}: {found['message']}{hint}"


def _unknown_engine(request: HttpRequest, error: UnknownEngine) -> HttpResponse:
    fault = Fault(pointer("engine"), "unknown", str(error).encode("utf-8", "replace").decode())
    return problems.respond(request, 422, problems.summary([fault]), faults=[fault])


def _too_many_backtests(request: HttpRequest, error: TooManyBacktests) -> HttpResponse:
    return problems.respond(request, 429, str(error), headers={"Retry-After": "30"})


def _entries_refused(request: HttpRequest, error: ImportRefused) -> HttpResponse:
    inside = "entries" if isinstance(error, EntriesRefused) else "lines"
    faults = [Fault(pointer(inside, each.line, each.column), "invalid", each.detail) for each in error.errors]
    return problems.respond(request, 422, str(error), faults=faults)


def _pack_refused(request: HttpRequest, error: PackRefused) -> HttpResponse:
    faults = [Fault(pointer("lines", fault.line), "invalid", fault.detail) for fault in error.faults]
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


ANSWERS: tuple[Answer, ...] = (
    (FeatureRefused, _feature_refused),
    (DefinitionFourEyesRefused, forbidden),
    ((DefinitionConflict, DefinitionInUse, DefinitionStageRefused), conflict),
    (RuleFourEyesRefused, forbidden),
    (RuleRefused, fields_refused),
    ((RuleStageRefused, DraftConflict, RuleConflict), conflict),
    (DefinitionRefused, _definition_refused),
    (UnknownEngine, _unknown_engine),
    (BacktestRefused, value_refused),
    (TooManyBacktests, _too_many_backtests),
    ((BacktestEnded, NoSuchWording), conflict),
    ((EntryRefused, SnoozeRefused), field_refused),
    (ImportRefused, _entries_refused),
    (FileRefused, whole_refused),
    (PackRefused, _pack_refused),
    (ListConflict, conflict),
    (NoSuchPreset, unknown),
)
