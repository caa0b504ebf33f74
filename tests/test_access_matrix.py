"""Role x URL x method over every address of the site; an address that is not listed here fails.

A cell holds who may; everybody else must be refused: 401 to those the server does not know, 403 to
those it knows (the dashboard sends the former to sign in). What is granted may still answer that
there is no such thing: the requests are empty and name rows that do not exist.
"""

import re
import uuid
from collections.abc import Iterator
from itertools import product

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve
from rest_framework.test import APIClient

from tests.access import BACKEND, bearer, keyed, written

PEOPLE = frozenset({"admin", "analyst", "auditor"})
KEYS = frozenset({"key:ingest", "key:read", "key:labels", "key:jobs", "key:admin"})
EVERYBODY = PEOPLE | KEYS | {"anonymous"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

READERS = PEOPLE | {"key:read", "key:admin"}
DECIDERS = frozenset({"admin", "analyst", "key:ingest", "key:admin"})
LABELLERS = frozenset({"admin", "analyst", "key:labels", "key:admin"})
WORKERS = frozenset({"admin", "analyst"})  # a verdict needs a person, whatever a key may do
JOB_RUNNERS = frozenset({"admin", "analyst", "key:jobs", "key:admin"})
DRAFTERS = frozenset({"admin", "analyst", "key:admin"})
APPROVERS = frozenset({"admin"})  # so does an approval
STAFF = frozenset({"admin", "auditor"})
AUDITORS = frozenset({"admin", "auditor", "key:admin"})

API = {
    "transactions": {"GET": READERS, "POST": DECIDERS},
    "transactions/<path:transaction_id>": {"GET": READERS, "PUT": DECIDERS, "PATCH": DECIDERS},
    "score": {"POST": DECIDERS},
    "predict": {"POST": DECIDERS},
    "aml/detect": {"POST": DECIDERS},
    "credit/assess": {"POST": DECIDERS},
    "market/detect": {"POST": DECIDERS},
    "insurance/detect": {"POST": DECIDERS},
    "labels": {"POST": LABELLERS},
    "predictions": {"GET": READERS, "POST": DECIDERS},
    "predictions/external": {"GET": READERS},
    "predictions/external/<id:prediction_id>": {"GET": READERS},
    "predictions/<id:prediction_id>": {"GET": READERS},
    "predictions/<id:prediction_id>/review-request": {"POST": LABELLERS},
    "review-requests": {"GET": READERS},
    "review-requests/<id:review_id>": {"GET": READERS},
    "review-requests/<id:review_id>/resolve": {"POST": WORKERS},
    "alerts": {"GET": READERS},
    "alerts/<id:alert_id>": {"GET": READERS},
    "alerts/<id:alert_id>/resolve": {"POST": WORKERS},
    "alerts/<id:alert_id>/assign": {"POST": WORKERS},
    "alerts/<id:alert_id>/snooze": {"POST": WORKERS},
    "alerts/<id:alert_id>/wake": {"POST": WORKERS},
    "alerts/<id:alert_id>/undo": {"POST": WORKERS},
    "alerts/<id:alert_id>/reopen": {"POST": WORKERS},
    "alerts/<id:alert_id>/move": {"POST": WORKERS},
    "alerts/bulk": {"POST": WORKERS},
    "alerts/next": {"GET": READERS, "POST": WORKERS},
    "alerts/reasons": {"GET": READERS},
    "queues": {"GET": READERS, "POST": APPROVERS},
    "queues/<id:queue_id>": {"GET": READERS, "PATCH": APPROVERS},
    "queues/<id:queue_id>/members": {"GET": READERS, "POST": APPROVERS},
    "queues/<id:queue_id>/members/<str:email>": {"DELETE": APPROVERS},
    "cases": {"GET": READERS, "POST": WORKERS},
    "cases/<id:case_id>": {"GET": READERS, "PATCH": WORKERS},
    "cases/<id:case_id>/assign": {"POST": WORKERS},
    "cases/<id:case_id>/status": {"POST": WORKERS},
    "cases/<id:case_id>/escalate": {"POST": WORKERS},
    "cases/<id:case_id>/alerts": {"POST": WORKERS},
    "cases/<id:case_id>/merge": {"POST": WORKERS},
    "cases/<id:case_id>/split": {"POST": WORKERS},
    "cases/<id:case_id>/close": {"POST": WORKERS},
    "cases/<id:case_id>/approve-closing": {"POST": WORKERS},
    "cases/<id:case_id>/reopen": {"POST": WORKERS},
    "cases/<id:case_id>/comments": {"GET": READERS, "POST": WORKERS},
    "cases/<id:case_id>/tasks": {"POST": WORKERS},
    "cases/<id:case_id>/tasks/<id:task_id>": {"POST": WORKERS},
    "cases/<id:case_id>/narrative": {"GET": READERS, "PUT": WORKERS},
    "cases/<id:case_id>/files": {"POST": WORKERS},
    "cases/<id:case_id>/files/<id:file_id>": {"GET": READERS},
    "cases/<id:case_id>/export": {"GET": PEOPLE},  # it carries the name of a person
    "cases/<id:case_id>/report": {  # no hint to anybody else that there is one
        "GET": frozenset({"admin", "auditor"}),
        "POST": APPROVERS,
        "PATCH": APPROVERS,
    },
    "customers": {"GET": READERS},
    "customers/predict": {"POST": DECIDERS},
    "customers/predictions/export": {"GET": READERS},
    "customers/<path:customer_id>": {"GET": READERS},
    "customers/<path:customer_id>/export": {"GET": frozenset({"admin", "key:admin"})},
    "customers/<path:customer_id>/erase": {"POST": APPROVERS},
    "erasures": {"GET": frozenset({"admin", "key:admin"})},
    "erasures/<id:erasure_id>/carry-out": {"POST": APPROVERS},
    "erasures/<id:erasure_id>/withdraw": {"POST": APPROVERS},
    "links": {"GET": READERS},
    "lists": {"GET": READERS, "POST": WORKERS},
    "lists/<str:name>": {"GET": READERS, "PATCH": WORKERS, "DELETE": WORKERS},
    "lists/<str:name>/entries": {"GET": READERS, "POST": WORKERS},
    "lists/<str:name>/entries/<id:entry_id>": {"PATCH": WORKERS, "DELETE": WORKERS},
    "lists/<str:name>/import": {"POST": WORKERS},
    "lists/<str:name>/export": {"GET": READERS},
    "rule-snoozes": {"GET": READERS, "POST": WORKERS},
    "rule-snoozes/<id:snooze_id>/end": {"POST": WORKERS},
    "rules/packs": {"GET": READERS, "POST": WORKERS},
    "rules/export": {"GET": READERS},
    "statistics": {"GET": READERS},
    "analytics/fraud-trends": {"GET": READERS},
    "analytics/transaction-patterns": {"GET": READERS},
    "analytics/risk-distribution": {"GET": READERS},
    "analytics/model-performance": {"GET": READERS},
    "analytics/rule-performance": {"GET": READERS},
    "analytics/team": {"GET": READERS},
    "analytics/team/export": {"GET": READERS},
    "jobs": {"GET": READERS, "POST": JOB_RUNNERS},
    "jobs/datasets": {"GET": JOB_RUNNERS},
    "jobs/<id:job_id>": {"GET": READERS},
    "jobs/<id:job_id>/cancel": {"POST": JOB_RUNNERS},
    "jobs/<id:job_id>/pause": {"POST": JOB_RUNNERS},
    "jobs/<id:job_id>/resume": {"POST": JOB_RUNNERS},
    "jobs/<id:job_id>/priority": {"POST": JOB_RUNNERS},
    "jobs/<id:job_id>/results": {"GET": READERS},
    "jobs/<id:job_id>/errors": {"GET": READERS},
    "schedules": {"GET": READERS, "POST": APPROVERS},
    "schedules/<id:schedule_id>": {"GET": READERS, "PATCH": APPROVERS, "DELETE": APPROVERS},
    "schedules/<id:schedule_id>/run": {"POST": WORKERS},
    "schedules/<id:schedule_id>/runs": {"GET": READERS},
    "schedules/runs/<id:run_id>/rescorings": {"GET": READERS},
    "rules": {"GET": READERS, "POST": WORKERS},
    "rules/<id:rule_id>": {"GET": READERS},
    "rules/<id:rule_id>/draft": {"GET": READERS, "PUT": WORKERS, "DELETE": WORKERS},
    "rules/<id:rule_id>/diff": {"GET": READERS},
    "rules/<id:rule_id>/watch": {"GET": READERS},
    "rules/<id:rule_id>/shadow": {"POST": WORKERS},
    "rules/<id:rule_id>/submit": {"POST": WORKERS},
    "rules/<id:rule_id>/retire": {"POST": WORKERS},
    "rules/<id:rule_id>/approve": {"POST": APPROVERS},
    "rules/<id:rule_id>/reject": {"POST": APPROVERS},
    "rules/<id:rule_id>/pause": {"POST": APPROVERS},
    "rules/<id:rule_id>/resume": {"POST": APPROVERS},
    "rules/<id:rule_id>/rollback": {"POST": APPROVERS},
    "rules/<id:rule_id>/rollout": {"POST": APPROVERS},
    "models": {"GET": READERS},
    "models/<str:model_id>": {"GET": READERS},
    "models/<str:model_id>/card": {"GET": READERS},
    "models/<str:model_id>/drift": {"GET": READERS},
    "models/<str:model_id>/comparison": {"GET": READERS},
    "models/<str:model_id>/promote": {"POST": APPROVERS},
    "models/<str:model_id>/shadow": {"POST": APPROVERS},
    "models/<str:model_id>/retire": {"POST": APPROVERS},
    "models/<str:model_id>/rollback": {"POST": APPROVERS},
    "rules/validate": {"POST": DRAFTERS},
    "rules/features": {"GET": READERS},
    "rules/try": {"POST": READERS},
    "rules/<id:rule_id>/backtests": {"POST": WORKERS},
    "backtests": {"GET": READERS, "POST": WORKERS},
    "backtests/<id:backtest_id>": {"GET": READERS},
    "backtests/<id:backtest_id>/cancel": {"POST": WORKERS},
    "backtests/<id:backtest_id>/hits": {"GET": READERS},
    "features": {"GET": READERS, "POST": WORKERS},
    "features/preview": {"POST": WORKERS},
    "features/definitions": {"GET": READERS},
    "features/<id:feature_id>": {"GET": READERS, "PUT": WORKERS},
    "features/<id:feature_id>/submit": {"POST": WORKERS},
    "features/<id:feature_id>/approve": {"POST": APPROVERS},
    "features/<id:feature_id>/reject": {"POST": APPROVERS},
    "features/<id:feature_id>/retire": {"POST": APPROVERS},
    "event-fields": {"GET": READERS, "POST": WORKERS},
    "event-fields/<id:field_id>": {"PATCH": WORKERS},
    "audit": {"GET": AUDITORS},
    "audit/<id:event_id>": {"GET": AUDITORS},
    "audit/export": {"GET": AUDITORS},
    "audit/head": {"GET": AUDITORS},
    "logs/calls": {"GET": AUDITORS},
    "logs/predictions": {"GET": AUDITORS},
    "logs/model-versions": {"GET": AUDITORS},
    "logs/system-events": {"GET": AUDITORS},
    "notifications": {"GET": PEOPLE},
    "notifications/history": {"GET": frozenset({"admin", "auditor", "key:admin"})},
    "notifications/history/<id:delivery_id>/replay": {"POST": APPROVERS},
    "notifications/<id:notification_id>/read": {"POST": PEOPLE},
    "notifications/read": {"POST": PEOPLE},
    "notifications/fraud-alert": {"POST": frozenset({"admin", "key:admin"})},
    "notifications/system-alert": {"POST": frozenset({"admin", "key:admin"})},
    "notifications/preferences": {"GET": PEOPLE, "PATCH": PEOPLE},
    "notifications/rules": {"GET": frozenset({"admin", "key:admin"}), "POST": APPROVERS},
    "notifications/rules/<id:rule_id>": {"PUT": APPROVERS, "DELETE": APPROVERS},
    "notifications/channels": {"GET": frozenset({"admin", "key:admin"}), "POST": APPROVERS},
    "notifications/channels/<id:channel_id>": {"PATCH": APPROVERS, "DELETE": APPROVERS},
    "notifications/wordings": {"GET": frozenset({"admin", "key:admin"})},
    "notifications/wordings/<str:topic>": {"PUT": APPROVERS, "DELETE": APPROVERS},
    "streams": {"GET": READERS},
    "streams/dead-letters": {"GET": READERS},
    "streams/dead-letters/<id:letter_id>": {"GET": READERS},
    "streams/dead-letters/<id:letter_id>/replay": {"POST": WORKERS},
    "streams/dead-letters/<id:letter_id>/discard": {"POST": WORKERS},
    "webhooks": {"GET": frozenset({"admin", "key:admin"}), "POST": APPROVERS},
    "webhooks/<id:webhook_id>": {
        "GET": frozenset({"admin", "key:admin"}),
        "PATCH": APPROVERS,
        "DELETE": APPROVERS,
    },
    "webhooks/<id:webhook_id>/rotate-secret": {"POST": APPROVERS},
    "webhooks/<id:webhook_id>/test": {"POST": APPROVERS},
    "webhooks/<id:webhook_id>/deliveries": {"GET": frozenset({"admin", "key:admin"})},
    "webhooks/deliveries/<id:delivery_id>/replay": {"POST": APPROVERS},
    "system/overview": {"GET": READERS},
    "system/alerts": {"GET": READERS},
    "system/alerts/<id:alert_id>/acknowledge": {"POST": APPROVERS},
    "keys": {"GET": frozenset({"admin", "auditor", "key:admin"}), "POST": APPROVERS},
    "keys/<str:prefix>": {"GET": frozenset({"admin", "auditor", "key:admin"})},
    "keys/<str:prefix>/rotate": {"POST": APPROVERS},
    "keys/<str:prefix>/revoke": {"POST": APPROVERS},
    "people": {"GET": STAFF},
    "people/invitations": {"GET": STAFF, "POST": APPROVERS},
    "people/invitations/<id:invitation_id>": {"DELETE": APPROVERS},
    "people/<id:person_id>": {"GET": STAFF},
    "people/<id:person_id>/role": {"POST": APPROVERS},
    "people/<id:person_id>/deactivate": {"POST": APPROVERS},
    "people/<id:person_id>/reactivate": {"POST": APPROVERS},
    "people/<id:person_id>/reset-two-factor": {"POST": APPROVERS},
    "people/<id:person_id>/unlock": {"POST": APPROVERS},
    "people/<id:person_id>/sign-out": {"POST": APPROVERS},
    "token": {"POST": EVERYBODY},
    "token/refresh": {"POST": EVERYBODY},
    "token/revoke": {"POST": EVERYBODY},
    "health": {"GET": EVERYBODY},
    "ready": {"GET": EVERYBODY},
    "services/status": {"GET": READERS},
    "metrics": {"GET": READERS},
    "prometheus": {"GET": READERS},
    "schema": {"GET": EVERYBODY},
    "docs": {"GET": EVERYBODY},
}
API_AT_THE_ROOT = ("health", "ready", "services/status")
UNKNOWN_BELOW_API = r"^api(?:/[\s\S]*)?\Z"

RESET_LINK = r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$"

DASHBOARD = {
    "": {"GET": PEOPLE},
    "login/": {"GET": EVERYBODY, "POST": EVERYBODY, "PUT": EVERYBODY},  # Django reads a PUT as a POST
    "logout/": {"POST": EVERYBODY},
    "account/": {"GET": PEOPLE, "POST": PEOPLE},
    # On the way in; who is signed in is led past them.
    "account/register/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "account/invitation/<str:secret>/": {"GET": EVERYBODY},
    "account/inactive/": {"GET": EVERYBODY},
    "account/confirm-email/": {"GET": EVERYBODY},
    "account/confirm-email/<str:key>/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "account/password/reset/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "account/password/reset/sent/": {"GET": EVERYBODY},
    RESET_LINK: {"GET": EVERYBODY, "POST": EVERYBODY},
    "account/password/reset/done/": {"GET": EVERYBODY},
    "account/sso/login/": {"GET": EVERYBODY},
    "account/sso/callback/": {"GET": EVERYBODY},
    "account/sso/error/": {"GET": EVERYBODY},
    "account/sso/cancelled/": {"GET": EVERYBODY},
    "account/sso/refused/": {"GET": EVERYBODY},
    # The second step and a passkey without its first: back to the sign-in page.
    "account/two-factor/sign-in/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/passkey-sign-in/": {"GET": PEOPLE, "POST": PEOPLE},
    # One's own; what is delicate asks for the password first.
    "account/reauthenticate/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/reauthenticate/code/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/reauthenticate/passkey/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/password/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/password/set/": {"GET": PEOPLE},
    "account/two-factor/": {"GET": PEOPLE},
    "account/two-factor/app/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/two-factor/app/remove/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/two-factor/recovery-codes/": {"GET": PEOPLE},
    "account/two-factor/recovery-codes/new/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/two-factor/recovery-codes/download/": {"GET": PEOPLE},
    "account/two-factor/passkeys/": {"GET": PEOPLE},
    "account/two-factor/passkeys/add/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/two-factor/passkeys/<int:pk>/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/two-factor/passkeys/<int:pk>/remove/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/sessions/": {"GET": PEOPLE, "POST": PEOPLE},
    "account/sessions/<int:pk>/end/": {"POST": PEOPLE},
    "account/sso/": {"GET": PEOPLE, "POST": PEOPLE},
    "search/": {"GET": PEOPLE},
    "alerts/": {"GET": PEOPLE},
    "alerts/arrived/": {"GET": PEOPLE},
    "alerts/claim/": {"POST": WORKERS},
    "alerts/latest/": {"GET": PEOPLE},
    "alerts/next/": {"GET": PEOPLE, "POST": PEOPLE},  # an auditor is shown it, and takes nothing
    "alerts/<int:pk>/": {"GET": PEOPLE},
    "alerts/<int:pk>/resolve/": {"POST": WORKERS},
    "alerts/<int:pk>/assign/": {"POST": WORKERS},
    "alerts/<int:pk>/snooze/": {"POST": WORKERS},
    "alerts/<int:pk>/wake/": {"POST": WORKERS},
    "alerts/<int:pk>/undo/": {"POST": WORKERS},
    "alerts/<int:pk>/reopen/": {"POST": WORKERS},
    "alerts/<int:pk>/move/": {"POST": WORKERS},
    "alerts/bulk/assign/": {"POST": WORKERS},
    "alerts/bulk/snooze/": {"POST": WORKERS},
    "alerts/bulk/close/": {"POST": WORKERS},
    "queues/": {"GET": PEOPLE},
    "queues/new/": {"GET": APPROVERS, "POST": APPROVERS},
    "queues/people/<int:pk>/": {"POST": APPROVERS},
    "queues/<int:pk>/": {"GET": APPROVERS, "POST": APPROVERS},
    "queues/<int:pk>/members/": {"POST": APPROVERS},
    "team/": {"GET": PEOPLE},
    "team/export/": {"GET": PEOPLE},
    "decisions/": {"GET": PEOPLE},
    "fairness/": {"GET": frozenset({"admin", "auditor"})},
    "decisions/<int:pk>/": {"GET": PEOPLE},
    "transactions/": {"GET": PEOPLE},
    "transactions/<int:pk>/": {"GET": PEOPLE},
    "cases/": {"GET": PEOPLE},
    "cases/new/": {"GET": WORKERS, "POST": WORKERS},
    "cases/add/": {"POST": WORKERS},
    "cases/<int:pk>/": {"GET": PEOPLE},
    "cases/<int:pk>/assign/": {"POST": WORKERS},
    "cases/<int:pk>/status/": {"POST": WORKERS},
    "cases/<int:pk>/edit/": {"POST": WORKERS},
    "cases/<int:pk>/alerts/": {"POST": WORKERS},
    "cases/<int:pk>/merge/": {"POST": WORKERS},
    "cases/<int:pk>/split/": {"POST": WORKERS},
    "cases/<int:pk>/close/": {"POST": WORKERS},
    "cases/<int:pk>/approve/": {"POST": WORKERS},
    "cases/<int:pk>/send-back/": {"POST": WORKERS},
    "cases/<int:pk>/reopen/": {"POST": WORKERS},
    "cases/<int:pk>/comment/": {"POST": WORKERS},
    "cases/<int:pk>/task/": {"POST": WORKERS},
    "cases/<int:pk>/tick/": {"POST": WORKERS},
    "cases/<int:pk>/narrative/": {"POST": WORKERS},
    "cases/<int:pk>/report/": {"POST": APPROVERS},
    "cases/<int:pk>/files/": {"POST": WORKERS},
    "cases/<int:pk>/files/<int:file>/": {"GET": PEOPLE},
    "cases/<int:pk>/export.zip": {"GET": PEOPLE},
    "cases/<int:pk>/export.pdf": {"GET": PEOPLE},
    "customers/": {"GET": PEOPLE},
    "customers/export/": {"GET": PEOPLE},
    "customers/<int:pk>/": {"GET": PEOPLE},
    "customers/<int:pk>/export/": {"GET": APPROVERS},
    "customers/<int:pk>/erase/": {"POST": APPROVERS},
    "decisions/<int:pk>/review/": {"POST": WORKERS},
    "privacy/": {"GET": PEOPLE},
    "privacy/reviews/<int:pk>/settle/": {"POST": WORKERS},
    "privacy/erasures/<int:pk>/carry-out/": {"POST": APPROVERS},
    "privacy/erasures/<int:pk>/withdraw/": {"POST": APPROVERS},
    "rules/packs/": {"GET": PEOPLE},
    "rules/packs/<str:name>/load/": {"POST": WORKERS},
    "rules/export/<str:engine>/": {"GET": PEOPLE},
    "rule-snoozes/new/": {"POST": WORKERS},
    "rule-snoozes/<int:pk>/end/": {"POST": WORKERS},
    "lists/": {"GET": PEOPLE},
    "lists/new/": {"POST": WORKERS},
    "lists/add/": {"POST": WORKERS},
    "lists/entries/<int:pk>/edit/": {"POST": WORKERS},
    "lists/entries/<int:pk>/remove/": {"POST": WORKERS},
    "lists/<str:name>/": {"GET": PEOPLE},
    "lists/<str:name>/import/": {"POST": WORKERS},
    "lists/<str:name>/export/": {"GET": PEOPLE},
    "lists/<str:name>/describe/": {"POST": WORKERS},
    "lists/<str:name>/delete/": {"POST": WORKERS},
    "rules/": {"GET": PEOPLE},
    "rules/<int:pk>/shadow/": {"POST": WORKERS},
    "rules/<int:pk>/submit/": {"POST": WORKERS},
    "rules/<int:pk>/discard/": {"POST": WORKERS},
    "rules/<int:pk>/retire/": {"POST": WORKERS},
    "rules/<int:pk>/approve/": {"POST": APPROVERS},
    "rules/<int:pk>/reject/": {"POST": APPROVERS},
    "rules/<int:pk>/pause/": {"POST": APPROVERS},
    "rules/<int:pk>/resume/": {"POST": APPROVERS},
    "rules/<int:pk>/rollback/": {"POST": APPROVERS},
    "rules/<int:pk>/rollout/": {"POST": APPROVERS},
    "models/": {"GET": PEOPLE},
    "models/<int:pk>/": {"GET": PEOPLE},
    "models/<int:pk>/card/": {"GET": PEOPLE},
    "models/<int:pk>/report/": {"GET": PEOPLE},
    "models/<int:pk>/promote/": {"POST": APPROVERS},
    "models/<int:pk>/shadow/": {"POST": APPROVERS},
    "models/<int:pk>/retire/": {"POST": APPROVERS},
    "models/<int:pk>/rollback/": {"POST": APPROVERS},
    "rules/new/": {"GET": WORKERS, "POST": WORKERS},
    "rules/check/": {"POST": WORKERS},
    "rules/names/": {"GET": PEOPLE},
    "rules/<int:pk>/": {"GET": PEOPLE, "POST": WORKERS},
    "features/": {"GET": PEOPLE},
    "features/new/": {"GET": WORKERS, "POST": WORKERS},
    "features/<int:pk>/": {"GET": PEOPLE, "POST": WORKERS},
    "features/<int:pk>/submit/": {"POST": WORKERS},
    "features/<int:pk>/approve/": {"POST": APPROVERS},
    "features/<int:pk>/reject/": {"POST": APPROVERS},
    "features/<int:pk>/retire/": {"POST": APPROVERS},
    "event-fields/": {"GET": PEOPLE, "POST": WORKERS},
    "event-fields/<int:pk>/": {"POST": WORKERS},
    "backtests/": {"GET": PEOPLE},
    "backtests/<int:pk>/": {"GET": PEOPLE},
    "backtests/<int:pk>/cancel/": {"POST": WORKERS},
    "backtests/<int:pk>/hits/": {"GET": PEOPLE},
    "rules/<int:pk>/backtest/": {"GET": PEOPLE, "POST": WORKERS},
    "rules/<int:pk>/try/": {"GET": PEOPLE},
    "batches/": {"GET": PEOPLE},
    "batches/new/": {"GET": WORKERS, "POST": WORKERS},
    "batches/state/": {"GET": PEOPLE},
    "batches/schedules/": {"GET": PEOPLE},
    "batches/schedules/new/": {"POST": APPROVERS},
    "batches/schedules/<int:pk>/change/": {"POST": APPROVERS},
    "batches/schedules/<int:pk>/delete/": {"POST": APPROVERS},
    "batches/schedules/<int:pk>/run/": {"POST": WORKERS},
    "batches/schedules/<int:pk>/": {"GET": PEOPLE},
    "batches/schedules/runs/<int:pk>/": {"GET": PEOPLE},
    "batches/<int:pk>/": {"GET": PEOPLE},
    "batches/<int:pk>/cancel/": {"POST": WORKERS},
    "batches/<int:pk>/pause/": {"POST": WORKERS},
    "batches/<int:pk>/resume/": {"POST": WORKERS},
    "batches/<int:pk>/priority/": {"POST": WORKERS},
    "batches/<int:pk>/results/": {"GET": PEOPLE},
    "batches/<int:pk>/errors/": {"GET": PEOPLE},
    "histories/": {"GET": PEOPLE},
    "histories/new/": {"GET": WORKERS, "POST": WORKERS},
    "histories/uploads/<uuid:pk>/": {"GET": WORKERS, "POST": WORKERS},
    "histories/uploads/<uuid:pk>/state/": {"GET": WORKERS},
    "histories/uploads/<uuid:pk>/discard/": {"POST": WORKERS},
    "histories/<int:pk>/": {"GET": PEOPLE},
    "histories/<int:pk>/delete/": {"POST": WORKERS},
    "links/customers/<int:pk>/": {"GET": PEOPLE},
    "links/alerts/<int:pk>/": {"GET": PEOPLE},
    "links/cases/<int:pk>/": {"GET": PEOPLE},
    "notifications/": {"GET": PEOPLE},
    "notifications/sent/": {"GET": frozenset({"admin", "auditor"})},
    "notifications/sent/replay/": {"POST": APPROVERS},
    "notifications/sent/<int:pk>/replay/": {"POST": APPROVERS},
    "notifications/bell/": {"GET": PEOPLE},
    "notifications/read/": {"POST": PEOPLE},
    "notifications/<int:pk>/read/": {"POST": PEOPLE},
    "notifications/rules/": {"GET": APPROVERS},
    "notifications/rules/save/": {"POST": APPROVERS},
    "notifications/rules/<int:pk>/save/": {"POST": APPROVERS},
    "notifications/rules/<int:pk>/delete/": {"POST": APPROVERS},
    "notifications/channels/new/": {"POST": APPROVERS},
    "notifications/channels/<int:pk>/on/": {"POST": APPROVERS},
    "notifications/channels/<int:pk>/off/": {"POST": APPROVERS},
    "notifications/channels/<int:pk>/test/": {"POST": APPROVERS},
    "notifications/channels/<int:pk>/delete/": {"POST": APPROVERS},
    "notifications/wordings/": {"GET": APPROVERS, "POST": APPROVERS},
    "notifications/wordings/<str:topic>/": {"GET": APPROVERS, "POST": APPROVERS},
    "settings/notifications/": {"GET": PEOPLE, "POST": PEOPLE},
    "system/alerts/<int:pk>/acknowledge/": {"POST": APPROVERS},
    "streams/": {"GET": PEOPLE},
    "streams/<int:pk>/": {"GET": PEOPLE},
    "streams/<int:pk>/replay/": {"POST": WORKERS},
    "streams/<int:pk>/discard/": {"POST": WORKERS},
    "keys/": {"GET": STAFF},
    "keys/new/": {"POST": APPROVERS},
    "keys/<int:pk>/": {"GET": STAFF},
    "keys/<int:pk>/rotate/": {"POST": APPROVERS},
    "keys/<int:pk>/revoke/": {"POST": APPROVERS},
    "people/": {"GET": STAFF},
    "people/invite/": {"POST": APPROVERS},
    "people/invitations/<int:pk>/withdraw/": {"POST": APPROVERS},
    "people/<int:pk>/": {"GET": STAFF},
    "people/<int:pk>/role/": {"POST": APPROVERS},
    "people/<int:pk>/deactivate/": {"POST": APPROVERS},
    "people/<int:pk>/reactivate/": {"POST": APPROVERS},
    "people/<int:pk>/two-factor/": {"POST": APPROVERS},
    "people/<int:pk>/unlock/": {"POST": APPROVERS},
    "people/<int:pk>/sign-out/": {"POST": APPROVERS},
    "audit/": {"GET": STAFF},
    "audit/<int:pk>/": {"GET": STAFF},
    "audit/export.csv": {"GET": STAFF},
    "audit/export.jsonl": {"GET": STAFF},
    "audit/head.json": {"GET": STAFF},
    "logs/": {"GET": STAFF},
    "logs/predictions/": {"GET": STAFF},
    "logs/model-versions/": {"GET": STAFF},
    "logs/system-events/": {"GET": STAFF},
    "webhooks/": {"GET": APPROVERS},
    "webhooks/new/": {"POST": APPROVERS},
    "webhooks/<int:pk>/": {"GET": APPROVERS},
    "webhooks/<int:pk>/change/": {"POST": APPROVERS},
    "webhooks/<int:pk>/rotate/": {"POST": APPROVERS},
    "webhooks/<int:pk>/test/": {"POST": APPROVERS},
    "webhooks/<int:pk>/delete/": {"POST": APPROVERS},
    "webhooks/<int:pk>/replay/": {"POST": APPROVERS},
    "webhooks/deliveries/<int:pk>/replay/": {"POST": APPROVERS},
    "live/state/": {"GET": PEOPLE},
    "favicon.ico": {"GET": EVERYBODY},
}

# The admin site makes its addresses from the registered models; these shapes are all there may be.
ADMIN_SITE = (
    r"admin/(search/|logout/|password_change/(done/)?|autocomplete/|jsi18n/|r/<.*>/<.*>/|\^.*|\(\?P.*)?"
)
ADMIN_LIST = r"admin/\w+/\w+/"
ADMIN_ROW = r"admin/\w+/\w+/(?P<what>add/|<path:object_id>/(history/|delete/|change/)?)"
ADMIN_PASSWORD = r"admin/users/user/<id>/password/"
ADMIN_OPEN = ("admin/login/", "admin/logout/", "admin/jsi18n/")
OUR_APPS = ("users", "transactions", "fraud_detection", "alerts", "logs")


def addresses(patterns: list | None = None, prefix: str = "") -> Iterator[str]:
    """Every route of the URLconf."""
    for item in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(item.pattern)
        if isinstance(item, URLPattern):
            yield route
        else:
            yield from addresses(item.url_patterns, route)


def api_forms(route: str) -> set[str]:
    return {f"{prefix}{route}{end}" for prefix in ("api/v1/", "api/") for end in ("/", "")}


def admin_routes() -> list[str]:
    return sorted(route for route in addresses() if route.startswith("admin/"))


def filled(route: str) -> str:
    """The address of something that does not exist."""
    if route == RESET_LINK:
        return "/account/password/reset/key/nobody-nothing/"
    named = re.sub(r"<str:\w+>", "nothing", re.sub(r"<uuid:\w+>", str(uuid.UUID(int=0)), route))
    return "/" + re.sub(r"<(id|int|path):\w+>", "999999", named)


def test_every_address_is_listed():
    listed = {form for route in API for form in api_forms(route)} | set(DASHBOARD) | {UNKNOWN_BELOW_API}
    listed |= {route + end for route in API_AT_THE_ROOT for end in ("/", "")}
    shapes = re.compile("|".join((ADMIN_SITE, ADMIN_LIST, ADMIN_ROW, ADMIN_PASSWORD, "admin/login/")))
    unlisted = [
        route
        for route in addresses()
        if route not in listed and not (route.startswith("admin/") and shapes.fullmatch(route))
    ]
    assert unlisted == []
    assert listed <= set(addresses())


@pytest.mark.parametrize("route", API)
def test_all_forms_of_an_api_address_are_one_view(route):
    forms = api_forms(route) | ({route, f"{route}/"} if route in API_AT_THE_ROOT else set())
    assert len({resolve(filled(form)).func.view_class for form in forms}) == 1


@pytest.fixture
def callers(person, api_key, settings):
    """A client for everybody: people by token, systems by key."""
    from users.models import ApiKey
    from users.services.key_use import note_use
    from users.services.tokens import issue_tokens

    settings.RATE_LIMIT_REQUESTS = 1_000_000
    found = {"anonymous": APIClient()}
    for role in PEOPLE:
        found[role] = bearer(issue_tokens(person(role)).access)
    for name in KEYS:
        found[name] = keyed(api_key(name.removeprefix("key:")))
    for key in ApiKey.objects.all():
        note_use(key)  # the only thing that a call with a live key may write
    return found


def refused_and_granted(table: dict, part: str, callers) -> tuple[list, list]:
    """All of (route, method, name) of one part, those first that must change nothing."""
    refused, granted = [], []
    for route, method, name in product(of_part(table, part), METHODS, callers):
        allowed = table[route].get(method)
        (granted if allowed and name in allowed else refused).append((route, method, name))
    return refused, granted


def parts(table: dict) -> list[str]:
    """What addresses begin with: a test each, so that what they need is made once."""
    return sorted({route.partition("/")[0] for route in table})


def of_part(table: dict, part: str) -> list[str]:
    return [route for route in table if route.partition("/")[0] == part]


@pytest.mark.django_db
@pytest.mark.parametrize("part", parts(API))
def test_the_api_answers_whom_it_should(part, callers, payments_engine):
    refused, granted = refused_and_granted(API, part, callers)
    before = written()
    for route, method, name in refused:
        answer = callers[name].generic(method, filled(f"api/v1/{route}/"), "{}", "application/json")
        closed = 401 if name == "anonymous" else 403
        expected = closed if method in API[route] else 405
        assert answer.status_code == expected, f"{method} {route} by {name}: {answer.status_code}"
    assert written() == before, "a refused call wrote something"
    for route, method, name in granted:
        answer = callers[name].generic(method, filled(f"api/v1/{route}/"), "{}", "application/json")
        expected = {200, 201, 204, 404, 422, 503}
        assert answer.status_code in expected, f"{method} {route} by {name}: {answer.status_code}"


@pytest.mark.django_db
def test_below_api_nothing_else_answers(callers):
    for method in METHODS:
        for client in callers.values():
            assert client.generic(method, "/api/v1/nothing/").status_code == 404


@pytest.fixture
def sessions(person, api_key):
    """A browser for everybody: signed-in people, a stranger, and keys, which mean nothing here."""
    found = {"anonymous": Client()}
    for role in PEOPLE:
        found[role] = Client()
        found[role].force_login(person(role), backend=BACKEND)
    for name in KEYS:
        found[name] = Client(headers={"X-API-Key": api_key(name.removeprefix("key:"))})
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("part", parts(DASHBOARD))
def test_the_dashboard_answers_whom_it_should(part, sessions, payments_engine):
    refused, granted = refused_and_granted(DASHBOARD, part, sessions)
    before = written()
    for route, method, name in refused:
        answer = sessions[name].generic(method, filled(route))
        what = f"{method} /{route} by {name}: {answer.status_code}"
        if route == "login/" and name in PEOPLE:
            assert answer.status_code == 302, what  # signed in already, whatever was asked
        elif method not in DASHBOARD[route]:
            assert answer.status_code == 405, what
        elif name in PEOPLE:
            assert answer.status_code == 403, what
        else:
            assert to_sign_in(answer), what
    assert written() == before, "a refused call wrote something"
    for route, method, name in granted:
        answer = sessions[name].generic(method, filled(route))
        what = f"{method} /{route} by {name}: {answer.status_code}"
        assert answer.status_code in {200, 204, 302, 303, 400, 404, 409, 422}, what
        assert route in ("login/", "logout/") or not to_sign_in(answer), what


def to_sign_in(answer) -> bool:
    return answer.status_code == 302 and "/login/" in answer["Location"]


@pytest.mark.django_db
def test_the_admin_site_opens_for_staff_only(sessions):
    for route in admin_routes():
        if route in ADMIN_OPEN or "(?P" in route:
            continue
        for name in EVERYBODY - STAFF:
            for method in ("GET", "POST"):
                answer = sessions[name].generic(method, filled(route.replace("<id>", "999999")))
                assert to_sign_in(answer), f"{method} /{route} by {name}: {answer.status_code}"


@pytest.mark.django_db
def test_an_auditor_changes_nothing_in_the_admin_site(sessions):
    for route in admin_routes():
        row = re.fullmatch(ADMIN_ROW, route)
        if row is None or not row["what"].endswith(("add/", "change/", "delete/")):
            continue
        for method in ("POST",) if row["what"].endswith("change/") else ("GET", "POST"):
            answer = sessions["auditor"].generic(method, filled(route))
            assert answer.status_code == 403, f"{method} /{route}: {answer.status_code}"


@pytest.mark.django_db
def test_an_admin_sees_every_list_of_our_own_in_the_admin_site(sessions):
    for route in admin_routes():
        if re.fullmatch(ADMIN_LIST, route) and route.split("/")[1] in OUR_APPS:
            assert sessions["admin"].get(filled(route)).status_code == 200, route
