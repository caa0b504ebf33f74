"""Backtests, to be looked at; they are started in the rule workbench."""

from django.contrib import admin

from fraud_detection.models import Backtest
from users.admin_access import RoleAdmin


@admin.register(Backtest)
class BacktestAdmin(RoleAdmin):
    editable = False
    list_display = ("id", "code", "engine", "state", "labels", "since", "until", "created_by", "created_at")
    list_filter = ("state", "engine", "labels")
    exclude = ("hits",)
