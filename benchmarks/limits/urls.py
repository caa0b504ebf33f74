"""A POST that parses JSON and answers, and one that also inserts one row as wide as an event."""

import json
import os

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

INSERT = "insert into bench_row (id, {names}) values (nextval('bench_row_id'), {values})"
ANSWER = {"id": 1, "decision": "approve", "risk_score": 0.0, "reasons": [], "alerts": []}
COLUMNS = json.loads(os.environ.get("BENCH_ROW", "{}"))  # the values of a stored event by column


def up(request: HttpRequest) -> HttpResponse:
    return HttpResponse("up")


def parse(request: HttpRequest) -> JsonResponse:
    content = json.loads(request.body)
    return JsonResponse(ANSWER | {"transaction_id": content["transaction_id"]})


def insert(request: HttpRequest) -> JsonResponse:
    content = json.loads(request.body)
    text = INSERT.format(names=", ".join(COLUMNS), values=", ".join(["%s"] * len(COLUMNS)))
    with connection.cursor() as cursor:
        cursor.execute(text, list((COLUMNS | {"transaction_id": content["transaction_id"]}).values()))
    return JsonResponse(ANSWER | {"transaction_id": content["transaction_id"]})


urlpatterns = [path("up", up), path("parse", parse), path("insert", insert)]
