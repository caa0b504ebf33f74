"""Scoring by the calendar: schedules, their runs, and what a run scored again."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import person_only, request_id_of
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Text, Whole
from api.views import ApiView, validated
from fraud_detection.models import Rescoring, RunState, ScheduleKind, ScheduleRun, ScoringSchedule
from fraud_detection.services import schedules
from users.models import User
from users.roles import Ability

RUNS = "The schedule runs already."


class ScheduleRequest(serializers.Serializer):
    name = Text(max_length=80)
    kind = serializers.ChoiceField(ScheduleKind.choices)
    cron = Text(max_length=100, help_text="Minute hour day month weekday, in the server's time zone.")
    days = Whole(min_value=1, max_value=366, default=30, help_text="Of `recent`: how far back.")
    enabled = serializers.BooleanField(default=True)


class ScheduleChange(serializers.Serializer):
    version = Whole(min_value=1, help_text="The version you saw.")
    name = Text(max_length=80, required=False)
    kind = serializers.ChoiceField(ScheduleKind.choices, required=False)
    cron = Text(max_length=100, required=False)
    days = Whole(min_value=1, max_value=366, required=False)
    enabled = serializers.BooleanField(required=False)


class RunBody(serializers.Serializer):
    id = serializers.IntegerField()
    schedule = serializers.IntegerField(source="schedule_id")
    due_at = serializers.DateTimeField()
    asked_by = serializers.CharField(allow_blank=True, help_text="Empty: the calendar.")
    state = serializers.ChoiceField(RunState.choices)
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    scored = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="Whose decision came out otherwise.")
    hits = serializers.IntegerField(help_text="Rules that hit now and did not before.")
    skipped = serializers.IntegerField(help_text="Recorded without a feature that is read now.")
    result = serializers.DictField()
    error = serializers.CharField(allow_blank=True)


class ScheduleBody(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(ScheduleKind.choices)
    cron = serializers.CharField()
    days = serializers.IntegerField()
    enabled = serializers.BooleanField()
    next_run_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    created_by = serializers.CharField()
    last_run = serializers.SerializerMethodField()

    def get_last_run(self, schedule: ScoringSchedule) -> RunBody(allow_null=True):
        last = schedule.runs.first()
        return RunBody(last).data if last else None


class RescoringBody(serializers.Serializer):
    id = serializers.IntegerField()
    decision_id = serializers.IntegerField(source="assessment_id", help_text="The decision, which stays.")
    engine = serializers.CharField(source="assessment.engine")
    event_id = serializers.CharField(source="assessment.external_id")
    scored_at = serializers.DateTimeField()
    before_score = serializers.FloatField()
    before_decision = serializers.CharField()
    risk_score = serializers.FloatField()
    risk_level = serializers.CharField()
    decision = serializers.CharField()
    new_hits = serializers.ListField(child=serializers.CharField())
    alerts = serializers.ListField(child=serializers.IntegerField())
    rule_set_version = serializers.CharField()
    policy_version = serializers.CharField()
    model_version = serializers.CharField(allow_blank=True)


class SchedulePage(Page):
    results = ScheduleBody(many=True)


class RunPage(Page):
    results = RunBody(many=True)


class RescoringPage(Page):
    results = RescoringBody(many=True)


class Schedules(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.MANAGE}

    @extend_schema(
        operation_id="list_schedules",
        summary="Schedules of scoring, newest first",
        parameters=DOCUMENTED,
        responses=SchedulePage,
    )
    def get(self, request: Request) -> Response:
        return Response(page(request, ScoringSchedule.objects.all(), lambda one: ScheduleBody(one).data))

    @extend_schema(
        operation_id="make_schedule",
        summary="Score something by the calendar",
        request=ScheduleRequest,
        responses={201: ScheduleBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person = _person(request)
        given = validated(ScheduleRequest, request)
        made = schedules.make_schedule(acting_user=person, request_id=request_id_of(request), **given)
        return Response(ScheduleBody(made).data, status=201)


class OneSchedule(ApiView):
    abilities = {"GET": Ability.READ, "PATCH": Ability.MANAGE, "DELETE": Ability.MANAGE}
    conflicts = {
        "PATCH": "The schedule was changed meanwhile.",
        "DELETE": "A run of the schedule is in work.",
    }

    @extend_schema(operation_id="show_schedule", summary="One schedule", responses=ScheduleBody)
    def get(self, request: Request, schedule_id: int) -> Response:
        return Response(ScheduleBody(_existing(schedule_id)).data)

    @extend_schema(
        operation_id="change_schedule",
        summary="Change a schedule, or switch it on or off",
        request=ScheduleChange,
        responses=ScheduleBody,
    )
    def patch(self, request: Request, schedule_id: int) -> Response:
        person = _person(request)
        given: dict[str, Any] = dict(validated(ScheduleChange, request))
        _existing(schedule_id)
        changed = schedules.change_schedule(
            schedule_id=schedule_id,
            seen_version=given.pop("version"),
            acting_user=person,
            request_id=request_id_of(request),
            **given,
        )
        return Response(ScheduleBody(changed).data)

    @extend_schema(
        operation_id="delete_schedule", summary="Delete a schedule with its runs", responses={204: None}
    )
    def delete(self, request: Request, schedule_id: int) -> Response:
        person = _person(request)
        _existing(schedule_id)
        schedules.delete_schedule(
            schedule_id=schedule_id, acting_user=person, request_id=request_id_of(request)
        )
        return Response(status=204)


class RunSchedule(ApiView):
    abilities = {"POST": Ability.RUN_JOBS}
    conflicts = {"POST": RUNS}

    @extend_schema(
        operation_id="run_schedule",
        summary="Run a schedule at once",
        request=None,
        responses={202: RunBody},
    )
    @idempotent
    def post(self, request: Request, schedule_id: int) -> Response:
        person = _person(request)
        _existing(schedule_id)
        run = schedules.run_now(
            schedule_id=schedule_id, acting_user=person, request_id=request_id_of(request)
        )
        return Response(RunBody(run).data, status=202)


class ScheduleRuns(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_schedule_runs",
        summary="Runs of a schedule, newest first",
        parameters=DOCUMENTED,
        responses=RunPage,
    )
    def get(self, request: Request, schedule_id: int) -> Response:
        return Response(page(request, _existing(schedule_id).runs.all(), lambda run: RunBody(run).data))


class Rescorings(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_rescorings",
        summary="What a run scored again, beside the decision as it was made",
        parameters=DOCUMENTED,
        responses=RescoringPage,
    )
    def get(self, request: Request, run_id: int) -> Response:
        if not ScheduleRun.objects.filter(pk=run_id).exists():
            raise Http404
        found = Rescoring.objects.filter(run=run_id).select_related("assessment")
        return Response(page(request, found, lambda one: RescoringBody(one).data))


def _existing(schedule_id: int) -> ScoringSchedule:
    found = ScoringSchedule.objects.filter(pk=schedule_id).first()
    if found is None:
        raise Http404
    return found


def _person(request: Request) -> User:
    """A schedule carries the name of who made it."""
    return person_only(request, "Schedules are managed")
