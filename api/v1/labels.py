"""POST /labels/ takes what became of events: one label, or a list of up to 1,000."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import problems
from api.authentication import actor_of, own_client
from api.errors import record_faults
from api.idempotency import DOCUMENTED, idempotent
from api.problems import Fault, Refused
from api.views import ApiView, body_of
from fraud_detection.services.labels import MOST, SOURCES, LabelTaken, take_labels
from users.roles import Ability

EXAMPLE = {"transaction_id": "TXN-1001", "verdict": "fraud", "source": "chargeback", "reason": "10.4"}


class LabelRequest(serializers.Serializer):
    """Names either the transaction or the decision."""

    transaction_id = serializers.CharField(required=False, max_length=128)
    assessment_id = serializers.IntegerField(required=False, min_value=1)
    verdict = serializers.ChoiceField(choices=("fraud", "legitimate"))
    source = serializers.ChoiceField(choices=SOURCES)
    reason = serializers.CharField(required=False, max_length=500)
    occurred_at = serializers.DateTimeField(required=False, help_text="When the client learned it.")


class LabelAnswer(serializers.Serializer):
    transaction_id = serializers.CharField()
    verdict = serializers.CharField()
    added = serializers.BooleanField(help_text="False when the same was said before.")


class LabelsAnswer(serializers.Serializer):
    results = serializers.ListField(child=serializers.DictField(), help_text="One label or problem each.")


class Labels(ApiView):
    abilities = {"POST": Ability.LABEL}
    commits_itself = True

    @extend_schema(
        operation_id="label_transactions",
        summary="Say what became of one event, or of up to 1,000",
        description="A list is answered with `results`, one label or problem each, in order.",
        request=LabelRequest,
        responses={201: LabelAnswer, 200: LabelAnswer},
        parameters=[DOCUMENTED],
        examples=[OpenApiExample("chargeback", EXAMPLE, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        content = body_of(request)
        by = actor_of(request)
        if isinstance(content, list):
            return Response({"results": _many(request, content, by)})
        taken = take_labels([content], client=own_client(request), by=by)[0]
        if not isinstance(taken, LabelTaken):
            raise taken
        return Response(_answer(taken), status=201 if taken.added else 200)


def _many(request: Request, content: list[Any], by: str) -> list[dict[str, Any]]:
    if not 1 <= len(content) <= MOST:
        raise Refused([Fault("", "wrong_length", f"has {len(content):,} items; 1 to {MOST:,} are accepted")])
    taken = take_labels(content, client=own_client(request), by=by)
    return [
        _answer(one) if isinstance(one, LabelTaken) else _problem(request, one, place)
        for place, one in enumerate(taken)
    ]


def _answer(taken: LabelTaken) -> dict[str, Any]:
    return {"transaction_id": taken.transaction_id, "verdict": taken.verdict, "added": taken.added}


def _problem(request: Request, refused: Any, place: int) -> dict[str, Any]:
    faults = [fault._replace(pointer=f"/{place}{fault.pointer}") for fault in record_faults(refused)]
    return problems.body(
        422,
        problems.summary(faults),
        instance=request.path,
        request_id=getattr(request, "request_id", ""),
        faults=faults,
    )
