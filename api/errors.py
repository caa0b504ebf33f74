"""What is raised anywhere below a view becomes a problem here, once.

`handler` serves Django REST framework; `bad_request` and `server_error` are the root handler400 and
handler500 for what fails before a view is reached.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelRefused
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions

from alerts.services import (
    AlertConflict,
    AlertRefused,
    DispositionRefused,
    NotSupervisor,
    QueueConflict,
    QueueRefused,
)
from alerts.services.cases.errors import CaseConflict, CaseRefused, SecondPersonNeeded
from alerts.services.cases.receiving import FileTooLarge
from alerts.services.notifying.channels import ChannelRefused
from alerts.services.notifying.managing import NotifyingConflict
from alerts.services.notifying.personal import PreferenceRefused
from alerts.services.notifying.rule_checks import RuleRefused as NotificationRuleRefused
from alerts.services.notifying.wording import WordingRefused
from alerts.services.webhooks import EndpointConflict, EndpointRefused
from alerts.services.webhooks.replaying import ReplayRefused
from api import problems
from api.problems import Fault, pointer
from fraud_detection.services.backtesting import BacktestEnded, BacktestRefused, TooManyBacktests
from fraud_detection.services.backtesting.wordings import NoSuchWording
from fraud_detection.services.customers.champion import NoCustomerModel
from fraud_detection.services.decisions import EventConflict, RecordRefused
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
from fraud_detection.services.model_stages import (
    FourEyesRefused,
    ModelConflict,
    PromotionRefused,
    StageRefused,
)
from fraud_detection.services.rule_packs import PackRefused
from fraud_detection.services.rule_packs.presets import NoSuchPreset
from fraud_detection.services.rulebook import (
    DraftConflict,
    RuleConflict,
    RuleFourEyesRefused,
    RuleRefused,
    RuleStageRefused,
)
from fraud_detection.services.serving import EngineNotInstalled
from fraud_detection.services.snoozing import SnoozeRefused
from fraud_detection.services.workbench.accepting import DefinitionRefused, UnknownEngine
from transactions.services.status import TransactionUnknown

log = structlog.get_logger(__name__)
DATABASE_RETRY_SECONDS = 5


def handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """Django REST framework's EXCEPTION_HANDLER; never returns None, so nothing becomes an HTML page."""
    request = context["request"]
    for kind, answer in ANSWERS:
        if isinstance(error, kind):
            return answer(request, error)
    log.error("request_failed", path=request.path, exc_info=error)
    return problems.respond(
        request, 500, "An unexpected error occurred; quote the request id when asking for help."
    )


def _problem(request: HttpRequest, error: problems.ProblemError) -> HttpResponse:
    return problems.respond(
        request, error.status_code, error.sentence, faults=error.faults, headers=error.headers
    )


def _record_refused(request: HttpRequest, error: RecordRefused) -> HttpResponse:
    faults = record_faults(error)
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def record_faults(error: RecordRefused) -> list[Fault]:
    """The problems of a refused record as pointers into it."""
    return [
        Fault(pointer(item.field) if item.field else "", item.code, item.detail) for item in error.problems
    ]


def _conflict(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 409, str(error))


def _unfit_model(request: HttpRequest, error: PromotionRefused) -> HttpResponse:
    return problems.respond(request, 422, str(error), faults=[Fault("", "cannot_serve", str(error))])


def _rule_refused(request: HttpRequest, error: RuleRefused) -> HttpResponse:
    faults = [Fault(pointer(field) if field else "", "invalid", told) for field, told in error.faults]
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


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


def _backtest_refused(request: HttpRequest, error: BacktestRefused) -> HttpResponse:
    fault = Fault(pointer(error.field), "invalid", error.message)
    return problems.respond(request, 422, problems.summary([fault]), faults=[fault])


def _unknown_engine(request: HttpRequest, error: UnknownEngine) -> HttpResponse:
    fault = Fault(pointer("engine"), "unknown", str(error).encode("utf-8", "replace").decode())
    return problems.respond(request, 422, problems.summary([fault]), faults=[fault])


def _too_many_backtests(request: HttpRequest, error: TooManyBacktests) -> HttpResponse:
    return problems.respond(request, 429, str(error), headers={"Retry-After": "30"})


def _field_refused(request: HttpRequest, error: EntryRefused | SnoozeRefused) -> HttpResponse:
    faults = [Fault(pointer(error.field), "invalid", str(error))]
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def _entries_refused(request: HttpRequest, error: ImportRefused) -> HttpResponse:
    inside = "entries" if isinstance(error, EntriesRefused) else "lines"
    faults = [Fault(pointer(inside, each.line, each.column), "invalid", each.detail) for each in error.errors]
    return problems.respond(request, 422, str(error), faults=faults)


def _file_refused(request: HttpRequest, error: FileRefused) -> HttpResponse:
    return problems.respond(request, 422, str(error), faults=[Fault("", "invalid", str(error))])


def _pack_refused(request: HttpRequest, error: PackRefused) -> HttpResponse:
    faults = [Fault(pointer("lines", fault.line), "invalid", fault.detail) for fault in error.faults]
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def _model_refused(request: HttpRequest, error: ModelRefused) -> HttpResponse:
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    faults = [
        Fault(pointer(field) if field else "", "invalid", told)
        for field, messages in by_field.items()
        for told in messages
    ]
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def _unknown_event(request: HttpRequest, error: TransactionUnknown) -> HttpResponse:
    return problems.respond(request, 404, str(error))


def _value_refused(request: HttpRequest, error: Exception) -> HttpResponse:
    """A setting of webhooks or notifications; its `field` and `message` say what is wrong."""
    fault = Fault(pointer(error.field), "invalid", error.message)
    return problems.respond(request, 422, problems.summary([fault]), faults=[fault])


def _disposition_refused(request: HttpRequest, error: DispositionRefused) -> HttpResponse:
    fault = Fault(pointer(error.field), "invalid", error.message)
    return problems.respond(request, 422, problems.summary([fault]), faults=[fault])


def _queue_refused(request: HttpRequest, error: QueueRefused) -> HttpResponse:
    faults = [Fault(pointer(*field.split("/")), "invalid", told) for field, told in error.faults]
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def _case_refused(request: HttpRequest, error: CaseRefused) -> HttpResponse:
    fault = Fault(pointer(error.field), "invalid", str(error))
    status = 413 if isinstance(error, FileTooLarge) else 422
    return problems.respond(request, status, problems.summary([fault]), faults=[fault])


def _invalid(request: HttpRequest, error: exceptions.ValidationError) -> HttpResponse:
    faults = list(_flattened(error.detail, ()))
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def _flattened(detail: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flattened(inner, path if name == "non_field_errors" else (*path, name))
    elif isinstance(detail, list) and any(isinstance(inner, (dict, list)) for inner in detail):
        for index, inner in enumerate(detail):
            yield from _flattened(inner, (*path, index))
    elif isinstance(detail, list):
        for inner in detail:
            yield Fault(pointer(*path), getattr(inner, "code", "invalid"), str(inner))
    else:
        yield Fault(pointer(*path), getattr(detail, "code", "invalid"), str(detail))


def _throttled(request: HttpRequest, error: exceptions.Throttled) -> HttpResponse:
    seconds = max(1, math.ceil(error.wait or 1))
    detail = f"Too many requests; try again in {seconds} s."
    return problems.respond(request, 429, detail, headers={"Retry-After": str(seconds)})


def _unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("database_unavailable", path=request.path, error=str(error))
    return problems.respond(
        request,
        503,
        f"The database cannot answer at the moment; try again in {DATABASE_RETRY_SECONDS} s.",
        headers={"Retry-After": str(DATABASE_RETRY_SECONDS)},
    )


def _not_installed(request: HttpRequest, error: EngineNotInstalled) -> HttpResponse:
    log.error("engine_not_installed", path=request.path, error=str(error))
    return problems.respond(
        request, 503, "This engine has not been set up yet.", headers={"Retry-After": "60"}
    )


def _no_customer_model(request: HttpRequest, error: NoCustomerModel) -> HttpResponse:
    log.error("customer_model_missing", path=request.path, error=str(error))
    detail = "No model of customers can predict at the moment."
    return problems.respond(request, 503, detail, headers={"Retry-After": "60"})


def _not_found(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 404, "There is nothing at this address.")


def _forbidden(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 403, str(error) or "This is not allowed for you.")


def _framework(request: HttpRequest, error: exceptions.APIException) -> HttpResponse:
    headers = {"WWW-Authenticate": error.auth_header} if getattr(error, "auth_header", None) else None
    detail = error.detail
    sentence = str(detail.get("detail", "")) if isinstance(detail, dict) else str(detail)
    return problems.respond(request, error.status_code, sentence, headers=headers)


def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 413, "The body is larger than this server accepts.")


def _suspicious(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 400, "The request cannot be understood.")


ANSWERS: tuple[
    tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any, Any], HttpResponse]], ...
] = (
    (problems.ProblemError, _problem),
    (FeatureRefused, _feature_refused),
    (DefinitionFourEyesRefused, _forbidden),
    ((DefinitionConflict, DefinitionInUse, DefinitionStageRefused), _conflict),
    (RecordRefused, _record_refused),
    (
        (EndpointRefused, ChannelRefused, NotificationRuleRefused, PreferenceRefused, WordingRefused),
        _value_refused,
    ),
    ((EndpointConflict, NotifyingConflict, ReplayRefused), _conflict),
    ((EventConflict, AlertConflict), _conflict),
    ((FourEyesRefused, RuleFourEyesRefused), _forbidden),
    (RuleRefused, _rule_refused),
    ((RuleStageRefused, DraftConflict, RuleConflict), _conflict),
    (PromotionRefused, _unfit_model),
    ((ModelConflict, StageRefused), _conflict),
    (DefinitionRefused, _definition_refused),
    (UnknownEngine, _unknown_engine),
    (BacktestRefused, _backtest_refused),
    (TooManyBacktests, _too_many_backtests),
    ((BacktestEnded, NoSuchWording), _conflict),
    ((EntryRefused, SnoozeRefused), _field_refused),
    (ImportRefused, _entries_refused),
    (FileRefused, _file_refused),
    (PackRefused, _pack_refused),
    (ListConflict, _conflict),
    (ModelRefused, _model_refused),
    ((TransactionUnknown, NoSuchPreset), _unknown_event),
    (DispositionRefused, _disposition_refused),
    (CaseConflict, _conflict),
    (CaseRefused, _case_refused),
    (SecondPersonNeeded, _forbidden),
    ((AlertRefused, QueueConflict), _conflict),
    (QueueRefused, _queue_refused),
    (NotSupervisor, _forbidden),
    (exceptions.ValidationError, _invalid),
    (exceptions.Throttled, _throttled),
    (exceptions.APIException, _framework),
    ((OperationalError, InterfaceError), _unavailable),
    (EngineNotInstalled, _not_installed),
    (NoCustomerModel, _no_customer_model),
    (Http404, _not_found),
    (PermissionDenied, _forbidden),
    (RequestDataTooBig, _too_large),
    (SuspiciousOperation, _suspicious),
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: an unknown host, too many fields; a problem below /api/, Django's page elsewhere."""
    if request.path.startswith("/api/"):
        return _suspicious(request, exception)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: what failed outside of any view."""
    if request.path.startswith("/api/"):
        return problems.respond(request, 500, "An unexpected error occurred.")
    return defaults.server_error(request)
