"""POST /score/ decides about 1 to 1,000 transactions; one bad item fails alone."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import problems
from api.authentication import client_of
from api.errors import record_faults
from api.idempotency import DOCUMENTED as DOCUMENTED_KEY
from api.idempotency import idempotent
from api.problems import Fault, Refused
from api.v1.decisions import DecisionBody, Problem
from api.views import ApiView, json_object
from fraud_detection.services.card_numbers import body_digest
from fraud_detection.services.decisions import Decided, EventConflict, RecordRefused, decide_payments
from users.roles import Ability

MAX_ITEMS = 1_000


@extend_schema_field(
    {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Event"},
        "minItems": 1,
        "maxItems": MAX_ITEMS,
    }
)
class Events(serializers.ListField):
    """Events in native or PaySim names."""


class ScoreRequest(serializers.Serializer):
    transactions = Events()


class ScoreResponse(serializers.Serializer):
    results = serializers.SerializerMethodField(help_text="In the order of the request.")

    @extend_schema_field(
        PolymorphicProxySerializer(
            component_name="ScoreResult",
            serializers=[DecisionBody, Problem],
            resource_type_field_name=None,
            many=True,
        )
    )
    def get_results(self, answer: Any) -> list[dict]:
        return answer["results"]


class Score(ApiView):
    abilities = {"POST": Ability.DECIDE}
    commits_itself = True

    @extend_schema(
        operation_id="score_transactions",
        summary="Store and score up to 1,000 transactions",
        request=ScoreRequest,
        responses={200: ScoreResponse},
        parameters=[DOCUMENTED_KEY],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        records = _records(request)
        firsts = _first_places(records)
        distinct = [index for index, first in enumerate(firsts) if first == index]
        decided = decide_payments([records[index] for index in distinct], client=client_of(request))
        outcomes = dict(zip(distinct, decided, strict=True))
        results = [_result(request, records, index, firsts, outcomes) for index in range(len(records))]
        return Response({"results": results})


def _records(request: Request) -> list[Any]:
    content = json_object(request, ("transactions",))
    records = content.get("transactions")
    if not isinstance(records, list):
        code, detail = ("required", "is required") if records is None else ("wrong_type", "must be a list")
        raise Refused([Fault("/transactions", code, detail)])
    if not 1 <= len(records) <= MAX_ITEMS:
        detail = f"has {len(records):,} items; 1 to {MAX_ITEMS:,} are accepted"
        raise Refused([Fault("/transactions", "wrong_length", detail)])
    return records


def _first_places(records: list[Any]) -> list[int]:
    """For each record the index of the first with its transaction_id; one without an id stands alone."""
    seen: dict[str, int] = {}
    places = []
    for index, record in enumerate(records):
        name = record.get("transaction_id") if isinstance(record, dict) else None
        places.append(seen.setdefault(name, index) if isinstance(name, str) else index)
    return places


def _result(
    request: Request, records: list, index: int, firsts: list[int], outcomes: dict[int, Any]
) -> dict[str, Any]:
    first = firsts[index]
    if first != index and not _same(records[first], records[index]):
        detail = f"transaction_id stands at index {first} of this request already, with another body"
        return _problem(request, 409, [Fault(f"/transactions/{index}/transaction_id", "duplicate", detail)])
    outcome = outcomes[first]
    if isinstance(outcome, Decided):
        return outcome.body
    if isinstance(outcome, EventConflict):
        return _problem(
            request, 409, [Fault(f"/transactions/{index}/transaction_id", "conflict", str(outcome))]
        )
    return _problem(request, 422, _item_faults(outcome, index))


def _item_faults(refused: RecordRefused, index: int) -> list[Fault]:
    return [
        fault._replace(pointer=f"/transactions/{index}{fault.pointer}") for fault in record_faults(refused)
    ]


def _same(one: Any, other: Any) -> bool:
    """As a repetition in a later request would be judged; both are objects with a transaction_id."""
    return body_digest(one) == body_digest(other)


def _problem(request: Request, status: int, faults: list[Fault]) -> dict[str, Any]:
    return problems.body(
        status,
        problems.summary(faults),
        instance=request.path,
        request_id=getattr(request, "request_id", ""),
        faults=faults,
    )
