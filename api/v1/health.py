"""Alive, ready, and how each part fares."""

import os
from dataclasses import asdict

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.parts import check_all
from api.permissions import PUBLIC
from api.views import ApiView
from users.roles import Ability


class HealthBody(serializers.Serializer):
    status = serializers.ChoiceField(("ok",))


class ReadyBody(serializers.Serializer):
    status = serializers.ChoiceField(("ready", "not ready"))
    parts = serializers.DictField(
        child=serializers.BooleanField(), help_text="Part by name: whether it works."
    )


class PartBody(serializers.Serializer):
    name = serializers.CharField()
    ok = serializers.BooleanField()
    latency_ms = serializers.FloatField()
    detail = serializers.CharField(allow_blank=True)


class ServicesBody(serializers.Serializer):
    status = serializers.ChoiceField(("ok", "degraded"))
    services = PartBody(many=True)


class Unmetered(ApiView):
    """Load balancers ask often and know no credentials."""

    authentication_classes = ()
    throttle_classes = ()
    abilities = {"GET": PUBLIC}


class Health(Unmetered):
    @extend_schema(operation_id="health", summary="Alive", responses=HealthBody, auth=[])
    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class Ready(Unmetered):
    @extend_schema(
        operation_id="ready",
        summary="Ready to decide",
        responses={200: ReadyBody, 503: OpenApiResponse(ReadyBody, "A part does not work.")},
        auth=[],
    )
    def get(self, request: Request) -> Response:
        if draining():
            body = {"status": "not ready", "parts": {"accepting": False}}
            return Response(body, status=503, headers={"Retry-After": "5"})
        parts = {part.name: part.ok for part in check_all()}
        if all(parts.values()):
            return Response({"status": "ready", "parts": parts})
        return Response({"status": "not ready", "parts": parts}, status=503, headers={"Retry-After": "5"})


def draining() -> bool:
    """Whether this server is about to stop (fraudguard/run/draining.py); what comes all the same is done."""
    marker = os.environ.get("DRAIN_MARKER")
    return marker is not None and os.path.exists(marker)


class Services(ApiView):
    abilities = {"GET": Ability.READ_METRICS}

    @extend_schema(
        operation_id="services_status", summary="Each part with its latency", responses=ServicesBody
    )
    def get(self, request: Request) -> Response:
        parts = check_all()
        status = "ok" if all(part.ok for part in parts) else "degraded"
        return Response({"status": status, "services": [asdict(part) for part in parts]})
