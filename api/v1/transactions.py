"""POST /transactions/ decides about one event; GET lists and shows what was stored."""

import django_filters
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import actor_of, client_of, named_client
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import DOCUMENTED as DOCUMENTED_KEY
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.reading import note_read
from api.shapes import Amount, Code, Minor
from api.v1.decisions import AssessmentSummary, DecisionBody
from api.v1.payment_request import PaymentRequest, PaySimRequest
from api.views import ApiView, body_of, validated
from fraud_detection.models import Assessment, Decision, RiskLevel
from fraud_detection.selectors import decision_body
from fraud_detection.services.corrections import correct_payment
from fraud_detection.services.decisions import decide_payment
from transactions.models import Channel, Status, Transaction, TransactionType
from transactions.selectors import found_by_text, transaction_list
from transactions.services.status import change_status
from users.roles import Ability

EVENT = PolymorphicProxySerializer(
    component_name="Event", serializers=[PaymentRequest, PaySimRequest], resource_type_field_name=None
)
REPLAYED = OpenApiParameter(
    "Idempotent-Replayed", str, OpenApiParameter.HEADER, response=[200], description="`true`: decided before."
)


CLIENT = OpenApiParameter("client", str, description="Client system that sent it; for people.")


class TransactionFilter(ListFilter):
    transaction_id = TextFilter()
    sender_id = TextFilter()
    receiver_id = TextFilter()
    merchant_id = TextFilter()
    device_id = TextFilter()
    customer = TextFilter(field_name="customer__external_id")
    client = TextFilter(field_name="client__name")
    type = django_filters.ChoiceFilter(
        choices=[(member.name.lower(), member.label) for member in TransactionType], method="by_type"
    )
    channel = django_filters.ChoiceFilter(
        choices=[(member.name.lower(), member.label) for member in Channel], method="by_channel"
    )
    currency = django_filters.CharFilter(lookup_expr="iexact", max_length=3)
    country = django_filters.CharFilter(lookup_expr="iexact", max_length=2)
    occurred_after = django_filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_before = django_filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="lt")
    amount_min = django_filters.NumberFilter(field_name="amount", lookup_expr="gte")
    amount_max = django_filters.NumberFilter(field_name="amount", lookup_expr="lte")
    decision = django_filters.ChoiceFilter(choices=Decision.choices, method="by_assessment")
    risk_level = django_filters.ChoiceFilter(choices=RiskLevel.choices, method="by_assessment")
    q = TextFilter(
        method="by_text",
        label="An id or address as sent, the last four digits of a card, its first six and last four, "
        "or the beginning of a customer's name.",
    )

    def by_type(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(type=TransactionType[value.upper()])

    def by_channel(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(channel=Channel[value.upper()])

    def by_assessment(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Exists(Assessment.objects.filter(transaction=OuterRef("pk"), **{name: value})))

    def by_text(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return found_by_text(queryset, value)


class TransactionBody(serializers.ModelSerializer):
    """A stored event as it was sent, with the outcome of each engine."""

    type = Code(TransactionType)
    channel = Code(Channel, allow_null=True)
    amount = Amount()
    reporting_amount = Minor(
        source="amount_minor", help_text="In the reporting currency, at the event's date."
    )
    sender_balance_before = Amount(allow_null=True)
    sender_balance_after = Amount(allow_null=True)
    receiver_balance_before = Amount(allow_null=True)
    receiver_balance_after = Amount(allow_null=True)
    customer = serializers.CharField(source="customer.external_id", read_only=True)
    client = serializers.CharField(source="client.name", read_only=True)
    metadata = serializers.DictField(allow_null=True, read_only=True)
    assessments = AssessmentSummary(many=True, read_only=True)

    class Meta:
        model = Transaction
        fields = (
            "id", "transaction_id", "client", "customer", "occurred_at", "received_at", "type",
            "amount", "currency", "reporting_amount", "sender_id", "receiver_id", "user_id",
            "merchant_id", "merchant_category", "card_token", "device_id", "ip_address", "ip_country",
            "email", "country", "region", "latitude", "longitude", "channel", "branch",
            "sender_balance_before", "sender_balance_after", "receiver_balance_before",
            "receiver_balance_after", "sender_name", "receiver_name", "sender_country",
            "receiver_country", "status", "metadata", "assessments",
        )  # fmt: skip
        read_only_fields = fields


class StatusRequest(serializers.Serializer):
    status = serializers.ChoiceField(choices=Status.choices)


class StatusAnswer(serializers.Serializer):
    transaction_id = serializers.CharField()
    status = serializers.CharField()
    changed = serializers.BooleanField(help_text="False when it stood so already.")


class TransactionPage(Page):
    results = TransactionBody(many=True)


NULLABLE_DECISION = DecisionBody(allow_null=True)


class TransactionDetail(TransactionBody):
    """With the whole decision of the payments engine; null when another engine alone saw the event."""

    assessment = serializers.SerializerMethodField()

    class Meta(TransactionBody.Meta):
        fields = (*TransactionBody.Meta.fields, "assessment")
        read_only_fields = fields

    @extend_schema_field(NULLABLE_DECISION)
    def get_assessment(self, event: Transaction) -> dict | None:
        found = next((one for one in event.assessments.all() if one.engine == "payments"), None)
        return decision_body(found) if found else None


def listed() -> QuerySet[Transaction]:
    """Current events with what a list shows of their assessments."""
    outcomes = Assessment.objects.defer("features", "texts").order_by("id")
    return transaction_list().prefetch_related(Prefetch("assessments", queryset=outcomes))


class Transactions(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.DECIDE}
    commits_itself = True
    conflicts = {"POST": "The same transaction_id was decided with another body."}

    @extend_schema(
        operation_id="decide_transaction",
        summary="Store and score one transaction",
        request=EVENT,
        responses={
            201: DecisionBody,
            200: OpenApiResponse(DecisionBody, "Decided before; nothing was stored."),
        },
        parameters=[REPLAYED, DOCUMENTED_KEY],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        decided = decide_payment(body_of(request), client=client_of(request))
        if decided.replayed:
            return Response(decided.body, status=200, headers={"Idempotent-Replayed": "true"})
        return Response(decided.body, status=201)

    @extend_schema(
        operation_id="list_transactions",
        summary="Stored transactions, newest arrival first",
        parameters=[*documented(TransactionFilter), *DOCUMENTED],
        responses=TransactionPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(TransactionFilter, request, listed())
        return Response(page(request, found, lambda event: TransactionBody(event).data))


class OneTransaction(ApiView):
    abilities = {"GET": Ability.READ, "PUT": Ability.DECIDE, "PATCH": Ability.DECIDE}

    @extend_schema(
        operation_id="show_transaction",
        summary="One transaction with its assessment",
        parameters=[CLIENT],
        responses=TransactionDetail,
    )
    def get(self, request: Request, transaction_id: str) -> Response:
        events = transaction_list().prefetch_related("assessments").filter(transaction_id=transaction_id)
        if "client" in request.query_params:
            events = events.filter(client__name=request.query_params["client"])
        event = events.first()
        if event is None:
            raise Http404
        note_read(request, event.customer, "api: transaction")
        return Response(TransactionDetail(event).data)

    @extend_schema(
        operation_id="correct_transaction",
        summary="Correct a transaction: both versions are kept, the newer is assessed",
        request=EVENT,
        responses={
            201: DecisionBody,
            200: OpenApiResponse(DecisionBody, "This is the current version already; nothing was stored."),
        },
        parameters=[REPLAYED, CLIENT],
    )
    def put(self, request: Request, transaction_id: str) -> Response:
        decided = correct_payment(
            body_of(request), transaction_id=transaction_id, client=named_client(request)
        )
        if decided.replayed:
            return Response(decided.body, status=200, headers={"Idempotent-Replayed": "true"})
        return Response(decided.body, status=201)

    @extend_schema(
        operation_id="update_transaction_status",
        summary="Say what became of a transaction: a later status",
        request=StatusRequest,
        responses={200: StatusAnswer},
        parameters=[CLIENT],
    )
    def patch(self, request: Request, transaction_id: str) -> Response:
        wanted = validated(StatusRequest, request)
        change = change_status(
            client_id=named_client(request).pk,
            transaction_id=transaction_id,
            status=wanted["status"],
            recorded_by=actor_of(request),
        )
        return Response(
            {"transaction_id": transaction_id, "status": wanted["status"], "changed": change is not None}
        )
