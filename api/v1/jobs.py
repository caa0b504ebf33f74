"""Batch jobs: a file of one engine's events, decided row by row in order of time by workers."""

from typing import Any

import django_filters
from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.services.cases.receiving import FORM_OVERHEAD, MEBIBYTE
from api.authentication import actor_of, client_of, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.parsers import refuse_too_large
from api.problems import Fault, Refused
from api.shapes import Text
from api.views import ApiView, validated
from fraud_detection.models import BatchJob, JobPriority, JobSource, JobState
from fraud_detection.models.governance import Engine
from fraud_detection.services import jobs
from fraud_detection.services.jobs.receiving import received
from fraud_detection.services.jobs.starting import adopt_upload
from users.models import ClientSystem
from users.roles import Ability

FIELDS = ("file", "engine", "priority", "client")
UPLOAD = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "CSV, plain or gzip."},
        "engine": {"type": "string", "enum": Engine.values, "default": "payments"},
        "priority": {"type": "string", "enum": JobPriority.values, "default": "normal"},
        "client": {"type": "string", "description": "People only: whose ids the file holds."},
    },
    "required": ["file"],
}
ENDED = "The job is done, failed or cancelled already."


class JobFilter(ListFilter):
    engine = TextFilter()
    state = django_filters.ChoiceFilter(choices=JobState.choices)
    priority = django_filters.ChoiceFilter(choices=JobPriority.choices)
    client = TextFilter(field_name="client__name", label="Name of the client system.")
    created_by = TextFilter(label="Who made it.")


class DatasetRequest(serializers.Serializer):
    dataset = Text(max_length=1_000, help_text="A file of the server, see GET /jobs/datasets/.")
    engine = Text(max_length=16, default="payments")
    priority = Text(max_length=16, default="normal")
    client = Text(max_length=64, required=False, help_text="People only: whose ids the file holds.")


class PriorityRequest(serializers.Serializer):
    priority = serializers.ChoiceField(JobPriority.choices)


class JobBody(serializers.Serializer):
    id = serializers.IntegerField()
    engine = serializers.CharField()
    filename = serializers.CharField()
    source = serializers.ChoiceField(JobSource.choices)
    client = serializers.CharField(source="client.name")
    priority = serializers.ChoiceField(JobPriority.choices)
    state = serializers.ChoiceField(JobState.choices)
    asked = serializers.CharField(
        allow_blank=True, help_text="`cancel` or `pause`: done where the chunk in work ends."
    )
    size = serializers.IntegerField(help_text="Bytes of the file as it came.")
    bytes_read = serializers.IntegerField(help_text="While the file is read.")
    rows_total = serializers.IntegerField(allow_null=True, help_text="Null until the file is read.")
    rows_done = serializers.IntegerField(help_text="Committed: stored, repeated and failed.")
    rows_stored = serializers.IntegerField()
    rows_repeated = serializers.IntegerField(help_text="Decided before; nothing was added.")
    rows_failed = serializers.IntegerField(help_text="Refused; see the errors.")
    rows_late = serializers.IntegerField(help_text="Stood behind a later one; decided in order of time.")
    decisions = serializers.DictField(child=serializers.IntegerField(), help_text="Of rows stored.")
    rows_per_second = serializers.SerializerMethodField(help_text="Over the last minute, or the whole run.")
    seconds_left = serializers.SerializerMethodField(help_text="At that rate; null when it is not running.")
    waiting = serializers.SerializerMethodField(help_text="No worker is at it right now.")
    error = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    files_removed_at = serializers.DateTimeField(allow_null=True)

    def _progress(self, job: BatchJob) -> jobs.Progress:
        known = self.context.get("progress") or jobs.progress_of([job])
        return known[job.pk]

    def get_rows_per_second(self, job: BatchJob) -> float | None:
        rate = self._progress(job).rows_per_second
        return None if rate is None else round(rate, 1)

    def get_seconds_left(self, job: BatchJob) -> float | None:
        left = self._progress(job).seconds_left
        return None if left is None else round(left, 1)

    def get_waiting(self, job: BatchJob) -> bool:
        return self._progress(job).waiting


class JobPage(Page):
    results = JobBody(many=True)


class Dataset(serializers.Serializer):
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")


class Datasets(serializers.Serializer):
    results = Dataset(many=True)


class Jobs(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.RUN_JOBS}
    commits_itself = True
    streams_body = True

    def spooled_at_most(self) -> int:
        return settings.BATCH_UPLOAD_MB * MEBIBYTE + FORM_OVERHEAD

    @extend_schema(
        operation_id="list_jobs",
        summary="Batch jobs, newest first",
        parameters=[*documented(JobFilter), *DOCUMENTED],
        responses=JobPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(JobFilter, request, BatchJob.objects.select_related("client"))
        shown = page(request, found, lambda job: job)
        progress = jobs.progress_of(shown["results"])
        bodies = JobBody(shown["results"], many=True, context={"progress": progress}).data
        return Response(shown | {"results": bodies})

    @extend_schema(
        operation_id="start_job",
        summary="Upload a CSV, or name a data set of the server, to be decided as a batch",
        request={"multipart/form-data": UPLOAD, "application/json": DatasetRequest},
        responses={202: JobBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        if (request.content_type or "").startswith("multipart/form-data"):
            job = _uploaded(request)
        else:
            refuse_too_large(request.META.get("CONTENT_LENGTH"))
            given = validated(DatasetRequest, request)
            job = jobs.start_dataset(
                name=given["dataset"],
                engine=given["engine"],
                priority=given["priority"],
                **_caller(request, given.get("client")),
            )
        return Response(JobBody(job).data, status=202)


class JobDatasets(ApiView):
    abilities = {"GET": Ability.RUN_JOBS}

    @extend_schema(
        operation_id="list_datasets",
        summary="Files of the server that a job may name, at most 500",
        responses=Datasets,
    )
    def get(self, request: Request) -> Response:
        return Response({"results": [{"name": name, "size": size} for name, size in jobs.datasets()]})


class OneJob(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(operation_id="show_job", summary="One batch job and its progress", responses=JobBody)
    def get(self, request: Request, job_id: int) -> Response:
        return Response(JobBody(_existing(job_id)).data)


class _Change(ApiView):
    """Base of what is asked of a job."""

    abilities = {"POST": Ability.RUN_JOBS}
    conflicts = {"POST": ENDED}

    def _changed(self, request: Request, job_id: int, change: Any, **given: Any) -> Response:
        _existing(job_id)
        job = change(job_id=job_id, acting=actor_of(request), request_id=request_id_of(request), **given)
        return Response(JobBody(job).data)


class CancelJob(_Change):
    @extend_schema(
        operation_id="cancel_job",
        summary="Stop a job, where the chunk in work ends; what is stored stays",
        request=None,
        responses={200: JobBody},
    )
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        return self._changed(request, job_id, jobs.cancel_job)


class PauseJob(_Change):
    @extend_schema(operation_id="pause_job", summary="Let a job rest", request=None, responses={200: JobBody})
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        return self._changed(request, job_id, jobs.pause_job)


class ResumeJob(_Change):
    conflicts = {"POST": "The job is waiting, running or done."}

    @extend_schema(
        operation_id="resume_job",
        summary="Go on with a paused, failed or cancelled job behind its last finished chunk",
        request=None,
        responses={200: JobBody},
    )
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        return self._changed(request, job_id, jobs.resume_job)


class PrioritiseJob(_Change):
    @extend_schema(
        operation_id="prioritise_job",
        summary="Give a job another priority",
        request=PriorityRequest,
        responses={200: JobBody},
    )
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        given = validated(PriorityRequest, request)
        return self._changed(request, job_id, jobs.prioritise_job, priority=given["priority"])


class JobResults(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="export_job_results",
        summary="Decisions of the rows done so far, in order of time, as CSV",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, job_id: int) -> HttpResponse:
        return _csv(_existing(job_id), jobs.RESULTS)


class JobErrors(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="export_job_errors",
        summary="Refused rows of those done so far, by line, column and reason, as CSV",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, job_id: int) -> HttpResponse:
        return _csv(_existing(job_id), jobs.ERRORS)


def _uploaded(request: Request) -> BatchJob:
    with received(request._request) as upload:
        unknown = [name for name in upload.fields if name not in FIELDS]
        if unknown:
            raise Refused([Fault(f"/{unknown[0][:60]}", "unknown_field", "is not a known field")])
        return adopt_upload(
            folder=upload.folder,
            filename=upload.filename,
            size=upload.size,
            engine=upload.fields.get("engine", "payments"),
            priority=upload.fields.get("priority", "normal"),
            **_caller(request, upload.fields.get("client")),
        )


def _caller(request: Request, named: str | None) -> dict[str, Any]:
    """Whose ids the file holds: a key's own client system, for people the one they name."""
    client = client_of(request)
    if named is not None and named != client.name:
        found = ClientSystem.objects.filter(name=named).first() if "\x00" not in named else None
        if hasattr(request.user, "client") or found is None:
            raise Refused([Fault("/client", "invalid", "is not a client system that you may name")])
        client = found
    return {"client": client, "acting": actor_of(request), "request_id": request_id_of(request)}


def _csv(job: BatchJob, kind: str) -> HttpResponse:
    answer = StreamingHttpResponse(jobs.download(job, kind), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="job-{job.pk}-{kind}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _existing(job_id: int) -> BatchJob:
    job = BatchJob.objects.select_related("client").filter(pk=job_id).first()
    if job is None:
        raise Http404
    return job
