"""Human review of decisions: customers ask for it, people settle it."""

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import actor_of, client_of, person_of, person_only, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Text
from api.views import ApiView, validated
from fraud_detection.models import Assessment, ReviewRequest, ReviewState
from fraud_detection.services.reviews import request_review, resolve_review
from users.roles import Ability


class ReviewFilter(ListFilter):
    state = django_filters.ChoiceFilter(choices=ReviewState.choices)
    customer = TextFilter(field_name="customer__external_id")
    prediction = django_filters.NumberFilter(field_name="assessment_id")
    overdue = django_filters.BooleanFilter(method="by_due", label="Open ones past their due date, or not.")

    def by_due(self, found: QuerySet, name: str, value: bool) -> QuerySet:
        late = {"state": ReviewState.OPEN, "due_at__lt": timezone.now()}
        return found.filter(**late) if value else found.exclude(**late)


class ReviewBody(serializers.Serializer):
    id = serializers.IntegerField()
    prediction_id = serializers.IntegerField(source="assessment_id")
    customer = serializers.CharField(source="customer.external_id", allow_null=True, default=None)
    alert_id = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(choices=ReviewState.choices)
    reason = serializers.CharField()
    asked_kind = serializers.CharField(
        help_text="user: written down by a person; client: by a client system."
    )
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    note = serializers.CharField(allow_blank=True)
    resolved_by = serializers.CharField(source="resolved_by.email", allow_null=True, default=None)
    resolved_at = serializers.DateTimeField(allow_null=True)


class ReviewPage(Page):
    results = ReviewBody(many=True)


class ReviewAsk(serializers.Serializer):
    reason = Text(max_length=2000, help_text="What the customer says.")


class ReviewOutcome(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=[ReviewState.UPHELD.value, ReviewState.OVERTURNED.value])
    note = Text(max_length=4000, help_text="What was looked at, and why it stands or does not.")


def listed() -> QuerySet[ReviewRequest]:
    return ReviewRequest.objects.select_related("customer", "resolved_by")


class ReviewOfPrediction(ApiView):
    abilities = {"POST": Ability.LABEL}

    @extend_schema(
        operation_id="request_review",
        summary="Ask that a person looks at a decision; one request is open at a time",
        request=ReviewAsk,
        responses={201: ReviewBody, 200: OpenApiResponse(ReviewBody, "Asked before, and still open.")},
    )
    @idempotent
    def post(self, request: Request, prediction_id: int) -> Response:
        given = validated(ReviewAsk, request)
        person = person_of(request)
        found = Assessment.objects.filter(pk=prediction_id)
        if person is None:  # a client system speaks for its own customers
            found = found.filter(client=client_of(request))
        if not found.exists():
            raise Http404
        review, new = request_review(
            assessment_id=prediction_id,
            reason=given["reason"],
            actor_kind="user" if person else "client",
            actor=actor_of(request),
            request_id=request_id_of(request),
        )
        return Response(ReviewBody(review).data, status=201 if new else 200)


class Reviews(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_review_requests",
        summary="Requests for a human review, newest first",
        parameters=[*documented(ReviewFilter), *DOCUMENTED],
        responses=ReviewPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(ReviewFilter, request, listed())
        return Response(page(request, found, lambda review: ReviewBody(review).data))


class OneReview(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_review_request", summary="One request for a human review", responses=ReviewBody
    )
    def get(self, request: Request, review_id: int) -> Response:
        review = listed().filter(pk=review_id).first()
        if review is None:
            raise Http404
        return Response(ReviewBody(review).data)


class ResolveReview(ApiView):
    abilities = {"POST": Ability.WORK_ALERTS}
    conflicts = {"POST": "It is settled already."}

    @extend_schema(
        operation_id="resolve_review_request",
        summary="Settle a request; needs a person",
        request=ReviewOutcome,
        responses={200: ReviewBody},
    )
    @idempotent
    def post(self, request: Request, review_id: int) -> Response:
        person = person_only(request, "Reviews are settled")
        given = validated(ReviewOutcome, request)
        try:
            review = resolve_review(
                review_id=review_id, **given, acting_user=person, request_id=request_id_of(request)
            )
        except ReviewRequest.DoesNotExist:
            raise Http404 from None
        return Response(ReviewBody(review).data)
