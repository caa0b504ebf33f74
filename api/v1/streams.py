"""Events that come by streams: consumers, how far they are, and messages that could not be decided."""

from typing import Any

import django_filters
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import person_only, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Text
from api.views import ApiView, validated
from fraud_detection.models import ConsumerState, LetterReason, LetterState, StreamDeadLetter, StreamKind
from fraud_detection.services.streaming.letters import discard_letter, replay_letter
from fraud_detection.services.streaming.overview import letters, overview
from users.models import User
from users.roles import Ability

SETTLED = "The message was replayed or discarded already."


class ConsumerBody(serializers.Serializer):
    name = serializers.CharField()
    kind = serializers.ChoiceField(StreamKind.choices)
    group = serializers.CharField()
    state = serializers.ChoiceField(ConsumerState.choices)
    alive = serializers.BooleanField(help_text="It told of itself within 15 seconds.")
    waits_for = serializers.CharField(allow_blank=True)
    events = serializers.IntegerField(help_text="Decided since it started.")
    repeated = serializers.IntegerField(help_text="Came again and were decided before.")
    buried = serializers.IntegerField(help_text="Could not be decided.")
    per_second = serializers.FloatField()
    started_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField()


class ShardBody(serializers.Serializer):
    kind = serializers.ChoiceField(StreamKind.choices)
    group = serializers.CharField()
    stream = serializers.CharField()
    shard = serializers.IntegerField()
    consumer = serializers.CharField(allow_blank=True)
    lag = serializers.IntegerField(help_text="Messages that nobody was given yet.")
    unacknowledged = serializers.IntegerField(help_text="Messages given out and not settled.")
    measured_at = serializers.DateTimeField()
    stale = serializers.BooleanField(help_text="Nobody has measured it for 15 seconds.")


class StreamsBody(serializers.Serializer):
    lag = serializers.IntegerField(allow_null=True, help_text="Of all shards; null: never measured.")
    unacknowledged = serializers.IntegerField()
    per_second = serializers.FloatField()
    letters_waiting = serializers.IntegerField(help_text="10000 stands for that many or more.")
    consumers = ConsumerBody(many=True)
    shards = ShardBody(many=True)


class LetterBody(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(StreamKind.choices)
    stream = serializers.CharField()
    shard = serializers.IntegerField()
    position = serializers.CharField(help_text="Entry id or offset.")
    client = serializers.CharField()
    engine = serializers.CharField(allow_blank=True)
    event_id = serializers.CharField(allow_blank=True)
    reason = serializers.ChoiceField(LetterReason.choices)
    detail = serializers.CharField()
    attempts = serializers.IntegerField()
    state = serializers.ChoiceField(LetterState.choices)
    note = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settled_by = serializers.CharField(allow_blank=True)


class WholeLetterBody(LetterBody):
    is_redacted = serializers.BooleanField(help_text="Card numbers or secrets were taken out of the body.")
    text = serializers.CharField(help_text="The body; bytes that are no UTF-8 as \\xNN.")


class LetterPage(Page):
    results = LetterBody(many=True)


class LetterFilter(ListFilter):
    state = django_filters.ChoiceFilter(choices=LetterState.choices)
    reason = django_filters.ChoiceFilter(choices=LetterReason.choices)
    client = TextFilter()
    event_id = TextFilter()


class Discarding(serializers.Serializer):
    note = Text(max_length=500, help_text="Why nobody needs it decided.")


class Replayed(serializers.Serializer):
    letter = LetterBody()
    decision = serializers.DictField(help_text="As the engine's own route answers.")
    known = serializers.BooleanField(help_text="It was decided before, because it was sent again meanwhile.")


class Streams(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_streams",
        summary="Consumers, shards and their lag, as told last",
        responses=StreamsBody,
    )
    def get(self, request: Request) -> Response:
        return Response(StreamsBody(overview()).data)


class DeadLetters(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_dead_letters",
        summary="Messages of streams that could not be decided, newest first",
        parameters=[*documented(LetterFilter), *DOCUMENTED],
        responses=LetterPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(LetterFilter, request, letters())
        return Response(page(request, found, lambda one: LetterBody(one).data))


class OneDeadLetter(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_dead_letter", summary="One message with its body", responses=WholeLetterBody
    )
    def get(self, request: Request, letter_id: int) -> Response:
        return Response(WholeLetterBody(_existing(letter_id)).data)


class ReplayDeadLetter(ApiView):
    abilities = {"POST": Ability.RUN_JOBS}
    commits_itself = True
    conflicts = {"POST": SETTLED}

    @extend_schema(
        operation_id="replay_dead_letter",
        summary="Decide a message again; refused with 422 while it still cannot be",
        request=None,
        responses={200: Replayed},
    )
    @idempotent
    def post(self, request: Request, letter_id: int) -> Response:
        person = _person(request)
        _existing(letter_id)
        decided = replay_letter(letter_id, acting_user=person, request_id=request_id_of(request))
        letter: dict[str, Any] = LetterBody(_existing(letter_id)).data
        return Response({"letter": letter, "decision": decided.answer, "known": decided.replayed})


class DiscardDeadLetter(ApiView):
    abilities = {"POST": Ability.RUN_JOBS}
    conflicts = {"POST": SETTLED}

    @extend_schema(
        operation_id="discard_dead_letter",
        summary="Give a message up, saying why",
        request=Discarding,
        responses={200: LetterBody},
    )
    @idempotent
    def post(self, request: Request, letter_id: int) -> Response:
        person, given = _person(request), validated(Discarding, request)
        _existing(letter_id)
        letter = discard_letter(
            letter_id, note=given["note"], acting_user=person, request_id=request_id_of(request)
        )
        return Response(LetterBody(letter).data)


def _person(request: Request) -> User:
    return person_only(request, "Dead letters are settled")


def _existing(letter_id: int) -> StreamDeadLetter:
    letter = letters().filter(pk=letter_id).first()
    if letter is None:
        raise Http404
    return letter
