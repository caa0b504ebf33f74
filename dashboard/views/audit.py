"""The audit trail: searched, one event in full, exported, and how far it is sealed."""

import json

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from dashboard.access import requires
from dashboard.keyset import page as keyset_page
from dashboard.selectors.trail import TrailFilter, changes, trail, with_changes
from logs.models import AuditEvent
from logs.selectors.chain import chain, seal_of
from logs.services.audit_export import FORMATS, export_events
from logs.services.chain.heads import exported
from users.roles import Ability


@require_safe
@requires(Ability.READ_AUDIT)
def listing(request: HttpRequest) -> HttpResponse:
    wanted = TrailFilter.read(request.GET)
    page = keyset_page(trail(wanted), ("id",), request.GET.get("after", ""))
    context = {"filter": wanted, "page": page, "rows": with_changes(page.rows), "chain": chain()}
    template = "dashboard/audit/_list.html" if request.htmx else "dashboard/audit/list.html"
    return render(request, template, context)


@require_safe
@requires(Ability.READ_AUDIT)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    event = get_object_or_404(AuditEvent, pk=pk)
    context = {"event": event, "changes": changes(event), "seal": seal_of(event)}
    return render(request, "dashboard/audit/detail.html", context)


@require_safe
@requires(Ability.READ_AUDIT)
def export(request: HttpRequest, format: str) -> StreamingHttpResponse:
    wanted = TrailFilter.read(request.GET)
    parts = export_events(
        trail(wanted),
        format=format,
        filters=wanted.given,
        actor_kind="user",
        actor=request.user.email,
        request_id=request.request_id,
    )
    answer = StreamingHttpResponse(parts, content_type=FORMATS[format])
    name = f"audit-{timezone.localdate()}.{format}"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_safe
@requires(Ability.READ_AUDIT)
def head(request: HttpRequest) -> HttpResponse:
    """The head of the chain as a file, for verify_audit --head."""
    now = chain().head
    answer = HttpResponse(json.dumps(exported(now), indent=1) + "\n", content_type="application/json")
    name = f"audit-head-{now.number if now else 0}.json"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer
