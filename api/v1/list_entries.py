"""What stands on a list: read, added one by one or as CSV, edited, taken off."""

import django_filters
from django.db.models import QuerySet
from django.http import Http404, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.problems import Fault, Refused
from api.shapes import Text, Whole
from api.v1.lists import existing, person_for_lists, traced
from api.views import ApiView, body_of, validated
from fraud_detection.models import ListEntry, ListKind
from fraud_detection.services.listing.editing import edit_list_entry
from fraud_detection.services.listing.files import add_entries, exported, import_entries
from fraud_detection.services.listing.overview import STATES, entries_of
from fraud_detection.services.lists import remove_list_entry
from users.roles import Ability

STALE = "The entry was changed since the `version` that was sent, has expired or is off the list."
AT_ONCE = 1_000


class EntryFilter(ListFilter):
    state = django_filters.ChoiceFilter(
        choices=[(state, state) for state in STATES], method="in_state", label="Default: standing."
    )
    kind = django_filters.ChoiceFilter(choices=ListKind.choices)
    value = TextFilter(label="Exactly this value.")
    author = TextFilter(field_name="created_by")

    def in_state(self, found: QuerySet[ListEntry], name: str, value: str) -> QuerySet[ListEntry]:
        return found & entries_of(None, value, timezone.now())


class EntryBody(serializers.Serializer):
    id = serializers.IntegerField()
    list = serializers.CharField()
    kind = serializers.CharField()
    value = serializers.CharField()
    reason = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    removed_at = serializers.DateTimeField(allow_null=True)
    removed_by = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    version = serializers.IntegerField(source="revision", help_text="Send it back with an edit.")


class EntryPage(Page):
    results = EntryBody(many=True)


class NewEntry(serializers.Serializer):
    value = Text(max_length=254, help_text="As events carry it; a card by its card_token.")
    kind = serializers.ChoiceField(ListKind.choices, required=False, help_text="Needed for block and allow.")
    reason = Text(max_length=500)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class NewEntries(serializers.Serializer):
    entries = NewEntry(many=True, allow_empty=False, max_length=AT_ONCE, help_text="All are stored, or none.")


class EntryEdit(serializers.Serializer):
    reason = Text(max_length=500)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="null: until it is removed.")
    version = Whole(min_value=1, max_value=2**31 - 1, help_text="The `version` you saw.")


class LineBody(serializers.Serializer):
    line = serializers.IntegerField()
    column = serializers.CharField()
    detail = serializers.CharField()


class ImportedBody(serializers.Serializer):
    added = serializers.IntegerField()
    unchanged = serializers.IntegerField(help_text="Stood on the list already, or twice in the request.")
    refused = serializers.IntegerField(help_text="Lines left out; only with partial=true.")
    errors = LineBody(many=True, help_text="The first 100 of them.")


class CsvBody(BaseParser):
    """The bytes of a CSV, read by the service that knows its columns."""

    media_type = "text/csv"

    def parse(self, stream, media_type=None, parser_context=None) -> bytes:
        return stream.read()


class ListEntries(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.WORK_ALERTS}

    @extend_schema(
        operation_id="list_list_entries",
        summary="Entries of a list, newest first",
        parameters=[*documented(EntryFilter), *DOCUMENTED],
        responses=EntryPage,
    )
    def get(self, request: Request, name: str) -> Response:
        existing(name)
        state = "all" if "state" in request.query_params else "standing"
        found = filtered(EntryFilter, request, entries_of(name, state, timezone.now()))
        return Response(page(request, found, lambda entry: EntryBody(entry).data))

    @extend_schema(
        operation_id="add_list_entries",
        summary=f"Put 1 to {AT_ONCE:,} entries on a list; what stands there already stays as it is",
        request=NewEntries,
        responses={201: ImportedBody},
    )
    @idempotent
    def post(self, request: Request, name: str) -> Response:
        person = person_for_lists(request)
        existing(name)
        entries = validated(NewEntries, request)["entries"]
        done = add_entries(list=name, entries=entries, acting_user=person, **traced(request))
        return Response(ImportedBody(done).data, status=201)


class OneListEntry(ApiView):
    abilities = {"PATCH": Ability.WORK_ALERTS, "DELETE": Ability.WORK_ALERTS}
    conflicts = {"PATCH": STALE}

    @extend_schema(
        operation_id="edit_list_entry",
        summary="Give an entry another reason or end",
        request=EntryEdit,
        responses={200: EntryBody},
    )
    def patch(self, request: Request, name: str, entry_id: int) -> Response:
        person = person_for_lists(request)
        _entry(name, entry_id)
        given = validated(EntryEdit, request)
        edited = edit_list_entry(
            entry_id=entry_id,
            reason=given["reason"],
            expires_at=given["expires_at"],
            seen=given["version"],
            acting_user=person,
            **traced(request),
        )
        return Response(EntryBody(edited).data)

    @extend_schema(
        operation_id="remove_list_entry", summary="Take an entry off its list", responses={204: None}
    )
    def delete(self, request: Request, name: str, entry_id: int) -> Response:
        person = person_for_lists(request)
        _entry(name, entry_id)
        remove_list_entry(entry_id=entry_id, acting_user=person, **traced(request))
        return Response(status=204)


class ImportList(ApiView):
    abilities = {"POST": Ability.WORK_ALERTS}
    parser_classes = (CsvBody,)

    @extend_schema(
        operation_id="import_list",
        summary="Put the entries of a CSV on a list: all of them, or none when a line is wrong",
        parameters=[
            OpenApiParameter(
                "partial", {"type": "boolean"}, description="Store the sound lines all the same."
            ),
            OpenApiParameter("reason", str, description="For lines that give none."),
        ],
        request={"text/csv": {"type": "string", "minLength": 1}},
        responses={200: ImportedBody},
    )
    @idempotent
    def post(self, request: Request, name: str) -> Response:
        person = person_for_lists(request)
        existing(name)
        asked = request.query_params
        unknown = [key for key in asked if key not in ("partial", "reason")]
        if unknown or asked.get("partial", "false") not in ("true", "false"):
            field = unknown[0][:60] if unknown else "partial"
            raise Refused([Fault(f"/{field}", "invalid", "send partial=true or false, and reason")])
        done = import_entries(
            list=name,
            content=body_of(request),
            reason=asked.get("reason", ""),
            partial=asked.get("partial") == "true",
            acting_user=person,
            **traced(request),
        )
        return Response(ImportedBody(done).data)


class ExportList(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="export_list",
        summary="What stands on a list now, as CSV that can be imported again",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, name: str) -> StreamingHttpResponse:
        existing(name)
        answer = StreamingHttpResponse(exported(name), content_type="text/csv; charset=utf-8")
        file = f"{name}-{timezone.localdate()}.csv"
        answer["Content-Disposition"] = content_disposition_header(True, file)
        return answer


def _entry(name: str, entry_id: int) -> ListEntry:
    found = ListEntry.objects.filter(list=name, pk=entry_id).first()
    if found is None:
        raise Http404
    return found
