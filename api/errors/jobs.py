"""Batch jobs and the calendar of scoring."""

from django.http import HttpRequest, HttpResponse

from api import problems
from api.errors.answering import Answer, conflict
from api.problems import Fault, pointer
from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.jobs import FilesGone, JobConflict, JobRefused, JobTooLarge, NoRoom, TooManyJobs
from fraud_detection.services.schedules import ScheduleConflict, ScheduleRefused


def _refused(request: HttpRequest, error: JobRefused | ScheduleRefused) -> HttpResponse:
    fault = Fault(pointer(error.field), "invalid", error.message)
    status = 413 if isinstance(error, JobTooLarge) else 507 if isinstance(error, NoRoom) else 422
    return problems.respond(request, status, problems.summary([fault]), faults=[fault])


def _file_refused(request: HttpRequest, error: FileRefused) -> HttpResponse:
    fault = Fault(pointer("file"), "invalid", str(error))
    return problems.respond(request, 422, problems.summary([fault]), faults=[fault])


def _too_many(request: HttpRequest, error: TooManyJobs) -> HttpResponse:
    return problems.respond(request, 429, str(error), headers={"Retry-After": "30"})


def _gone(request: HttpRequest, error: FilesGone) -> HttpResponse:
    return problems.respond(request, 410, str(error))


ANSWERS: tuple[Answer, ...] = (
    ((JobRefused, ScheduleRefused), _refused),
    (FileRefused, _file_refused),
    (TooManyJobs, _too_many),
    ((JobConflict, ScheduleConflict), conflict),
    (FilesGone, _gone),
)
