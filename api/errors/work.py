"""Alerts, queues and cases; notifications and webhooks that tell of them."""

from django.http import HttpRequest, HttpResponse

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
from api.errors.answering import Answer, conflict, fields_refused, forbidden, value_refused
from api.problems import Fault, pointer
from fraud_detection.services.privacy import ErasureConflict, ErasureRefused, SecondPerson


def _case_refused(request: HttpRequest, error: CaseRefused) -> HttpResponse:
    fault = Fault(pointer(error.field), "invalid", str(error))
    status = 413 if isinstance(error, FileTooLarge) else 422
    return problems.respond(request, status, problems.summary([fault]), faults=[fault])


ANSWERS: tuple[Answer, ...] = (
    (
        (EndpointRefused, ChannelRefused, NotificationRuleRefused, PreferenceRefused, WordingRefused),
        value_refused,
    ),
    ((EndpointConflict, NotifyingConflict, ReplayRefused), conflict),
    (DispositionRefused, value_refused),
    ((CaseConflict, AlertConflict, AlertRefused, QueueConflict), conflict),
    (CaseRefused, _case_refused),
    (SecondPersonNeeded, forbidden),
    (QueueRefused, fields_refused),
    (NotSupervisor, forbidden),
    (ErasureConflict, conflict),
    (ErasureRefused, value_refused),
    (SecondPerson, forbidden),
)
