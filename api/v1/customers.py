"""The monitored customers."""

import django_filters
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import AlertStatus
from api.filters import ListFilter, TextFilter, documented, filtered
from api.pagination import DOCUMENTED, Page, page
from api.reading import note_read
from api.v1.customer_predictions import StoredPrediction
from api.v1.decisions import AssessmentSummary
from api.views import ApiView
from fraud_detection.services.customers.reading import predictions_of
from users.models import Customer
from users.roles import Ability

NEWEST = 20


class CustomerFilter(ListFilter):
    external_id = TextFilter()
    name = TextFilter(lookup_expr="istartswith", label="The beginning of the name.")
    segment = TextFilter()
    home_country = django_filters.CharFilter(lookup_expr="iexact", max_length=2)


class CustomerBody(serializers.Serializer):
    id = serializers.CharField(source="external_id")
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    home_country = serializers.CharField(allow_blank=True)
    time_zone = serializers.CharField(allow_blank=True)
    segment = serializers.CharField(allow_blank=True)
    attributes = serializers.DictField()
    created_at = serializers.DateTimeField()


class CustomerPage(Page):
    results = CustomerBody(many=True)


class CustomerDetail(CustomerBody):
    open_alerts = serializers.SerializerMethodField()
    assessments = serializers.SerializerMethodField(help_text=f"The newest {NEWEST}.")
    predictions = serializers.SerializerMethodField(help_text="Unpaid debts: one for each model.")

    def get_open_alerts(self, customer: Customer) -> int:
        return customer.alerts.filter(status=AlertStatus.OPEN).count()

    @extend_schema_field(AssessmentSummary(many=True))
    def get_assessments(self, customer: Customer) -> list[dict]:
        newest = customer.assessments.defer("features", "texts").order_by("-id")[:NEWEST]
        return AssessmentSummary(newest, many=True).data

    @extend_schema_field(StoredPrediction(many=True))
    def get_predictions(self, customer: Customer) -> list[dict]:
        return StoredPrediction(predictions_of(customer), many=True).data


class Customers(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_customers",
        summary="Customers, newest first",
        parameters=[*documented(CustomerFilter), *DOCUMENTED],
        responses=CustomerPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(CustomerFilter, request, Customer.objects.all())
        return Response(page(request, found, lambda customer: CustomerBody(customer).data))


class OneCustomer(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_customer", summary="One customer with newest assessments", responses=CustomerDetail
    )
    def get(self, request: Request, customer_id: str) -> Response:
        customer = Customer.objects.filter(external_id=customer_id).first()
        if customer is None:
            raise Http404
        note_read(request, customer, "api")
        return Response(CustomerDetail(customer).data)
