"""Signing in, models, batches, streams."""

from typing import Any

EXAMPLES: dict[str, Any] = {
    "obtain_token": {"email": "ana@bank.example", "password": "correct horse battery staple"},
    "refresh_token": {"refresh": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"},
    "revoke_token": {"refresh": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"},
    "promote_model": {"version": 1},
    "shadow_model": {"version": 1},
    "retire_model": {"version": 2},
    "roll_back_model": {"version": 2},
    "start_job": {
        "multipart/form-data": {"file": "rows.csv", "engine": "payments", "priority": "normal"},
        "application/json": {"dataset": "payments-march.csv", "engine": "payments"},
    },
    "prioritise_job": {"priority": "urgent"},
    "make_schedule": {"name": "Open exposure, hourly", "kind": "open_exposure", "cron": "15 * * * *"},
    "change_schedule": {"version": 1, "enabled": False},
    "discard_dead_letter": {"note": "A test of the sender"},
}
