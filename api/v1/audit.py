"""The audit trail: searched, exported, and the head of its chain."""

from typing import Any

import django_filters
from django.http import Http404, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import actor_of, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.pagination import DOCUMENTED, Page, page
from api.problems import Fault, Refused
from api.views import ApiView
from logs.models import AuditEvent
from logs.selectors.chain import chain, seal_of
from logs.services.audit_export import FORMATS, export_events
from logs.services.chain.heads import exported
from users.roles import Ability

FORMAT = OpenApiParameter("format", {"type": "string", "enum": list(FORMATS), "default": "csv"})


class AuditFilter(ListFilter):
    actor = TextFilter(label="Exactly this person (e-mail), key or job.")
    actor_kind = TextFilter(label="user, key or system.")
    action = TextFilter(label="Exactly this action, such as alert.resolved.")
    subject_kind = TextFilter()
    subject = TextFilter()
    request_id = TextFilter()
    after = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    before = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")


class AuditBody(serializers.ModelSerializer):
    before = serializers.SerializerMethodField(help_text="What stood before, of what was changed.")
    after = serializers.SerializerMethodField(help_text="Values of an erased person are [erased].")

    class Meta:
        model = AuditEvent
        fields = (
            "id", "at", "actor_kind", "actor", "action", "subject_kind", "subject", "before", "after",
            "request_id",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.ANY)
    def get_before(self, event: AuditEvent) -> Any:
        return event.before

    @extend_schema_field(OpenApiTypes.ANY)
    def get_after(self, event: AuditEvent) -> Any:
        return event.after


class AuditPage(Page):
    results = AuditBody(many=True)


class AuditDetail(AuditBody):
    seal = serializers.SerializerMethodField(help_text="Number of the seal that binds it; null: too new.")

    class Meta(AuditBody.Meta):
        fields = (*AuditBody.Meta.fields, "seal")
        read_only_fields = fields

    def get_seal(self, event: AuditEvent) -> int | None:
        seal = seal_of(event)
        return seal.number if seal else None


class HeadBody(serializers.Serializer):
    seal = serializers.IntegerField(help_text="Number of the newest seal; 0: none yet.")
    hash = serializers.CharField(allow_blank=True, help_text="Keep it elsewhere: verify_audit --head.")
    last_event = serializers.IntegerField(help_text="Events up to this id are sealed.")
    sealed_at = serializers.DateTimeField(allow_null=True)
    unsealed = serializers.IntegerField(help_text="Newer events, counted up to 10,000.")
    verified_at = serializers.DateTimeField(allow_null=True)
    verified_ok = serializers.BooleanField(allow_null=True)


class Audit(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(
        operation_id="list_audit_events",
        summary="Who did what, newest first",
        parameters=[*documented(AuditFilter), *DOCUMENTED],
        responses=AuditPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(AuditFilter, request, AuditEvent.objects.all())
        return Response(page(request, found, lambda event: AuditBody(event).data))


class OneAuditEvent(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(
        operation_id="show_audit_event",
        summary="One event of the audit trail, and the seal that binds it",
        responses=AuditDetail,
    )
    def get(self, request: Request, event_id: int) -> Response:
        event = AuditEvent.objects.filter(pk=event_id).first()
        if event is None:
            raise Http404
        return Response(AuditDetail(event).data)


class ExportAudit(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(
        operation_id="export_audit_events",
        summary="Events of the audit trail as CSV or JSON Lines, oldest first; the export is recorded",
        parameters=[*documented(AuditFilter), FORMAT],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/x-ndjson"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        wanted = request.query_params.get("format", "csv")
        if wanted not in FORMATS:
            raise Refused([Fault("/format", "invalid", f"must be one of {', '.join(FORMATS)}")])
        found = filtered(ExportFilter, request, AuditEvent.objects.all())
        parts = export_events(
            found,
            format=wanted,
            filters={name: value for name, value in request.query_params.items() if name != "format"},
            actor_kind=getattr(request.user, "actor_kind", "user"),
            actor=actor_of(request),
            request_id=request_id_of(request),
        )
        answer = StreamingHttpResponse(parts, content_type=FORMATS[wanted])
        name = f"audit-{timezone.localdate()}.{wanted}"
        answer["Content-Disposition"] = content_disposition_header(True, name)
        return answer


class ExportFilter(AuditFilter):
    """The format is read beside the filters."""

    format = django_filters.ChoiceFilter(choices=[(name, name) for name in FORMATS], method="as_it_is")

    def as_it_is(self, queryset, name: str, value: str):
        return queryset


class AuditHead(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(
        operation_id="show_audit_head",
        summary="The head of the sealed chain, to be kept elsewhere, and the last verification",
        responses=HeadBody,
    )
    def get(self, request: Request) -> Response:
        now = chain()
        head = exported(now.head) | {
            "unsealed": now.unsealed,
            "verified_at": now.verified.at if now.verified else None,
            "verified_ok": now.sound,
        }
        return Response(HeadBody(head | {"sealed_at": now.head.sealed_at if now.head else None}).data)
