"""Lists that people manage: what there is, what stands on each, in and out as CSV."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import requires
from dashboard.keyset import page as keyset_page
from fraud_detection.models import CUSTOM_KINDS, CustomList, ListEntry, ListKind
from fraud_detection.services.listing.csv_form import FileRefused
from fraud_detection.services.listing.editing import edit_list_entry
from fraud_detection.services.listing.files import ImportRefused, exported, import_entries, kinds_of
from fraud_detection.services.listing.life import (
    ListConflict,
    delete_custom_list,
    describe_custom_list,
    make_custom_list,
)
from fraud_detection.services.listing.overview import STATES, entries_of, lists_overview, one_list
from fraud_detection.services.listing.values import EntryRefused
from fraud_detection.services.lists import add_list_entry, remove_list_entry
from logs.redacting import mask_cards
from users.roles import Ability

SHOWN_FAULTS = 20


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    return _listing(request)


@require_POST
@requires(Ability.DRAFT_RULES)
def new(request: HttpRequest) -> HttpResponse:
    asked = {name: request.POST.get(name, "").strip() for name in ("name", "kind", "description")}
    try:
        made = make_custom_list(**asked, acting_user=request.user, request_id=request.request_id)
    except ValidationError as refused:
        return _listing(request, " ".join(refused.messages), status=422)
    messages.success(request, f"The list {made.name} is there; rules can read it by that name.")
    return redirect("dashboard:list", made.name)


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, name: str) -> HttpResponse:
    return _detail(request, name)


@require_POST
@requires(Ability.WORK_ALERTS)
def add(request: HttpRequest) -> HttpResponse:
    """One entry, from the page of a list, a customer or an alert."""
    given = {name: request.POST.get(name, "") for name in ("list", "kind", "value", "reason")}
    try:
        entry = add_list_entry(
            **given,
            expires_at=moment_posted(request.POST.get("expires_at", "")),
            acting_user=request.user,
            request_id=request.request_id,
        )
    except EntryRefused as refused:
        messages.error(request, f"Not added. {refused.field}: {refused}")
        return redirect(_behind(request, reverse("dashboard:lists")))
    messages.success(request, f"{entry.value} stands on the list {entry.list}.")
    return redirect(_behind(request, reverse("dashboard:list", args=[entry.list])))


@require_POST
@requires(Ability.WORK_ALERTS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(ListEntry, pk=pk)
    try:
        edit_list_entry(
            entry_id=pk,
            reason=request.POST.get("reason", ""),
            expires_at=moment_posted(request.POST.get("expires_at", "")),
            seen=_whole(request.POST.get("version", "")),
            acting_user=request.user,
            request_id=request.request_id,
        )
    except (EntryRefused, ListConflict) as refused:
        status = 409 if isinstance(refused, ListConflict) else 422
        return _detail(request, entry.list, str(refused), status=status)
    messages.success(request, f"{entry.value} is changed.")
    return redirect("dashboard:list", entry.list)


@require_POST
@requires(Ability.WORK_ALERTS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(ListEntry, pk=pk)
    remove_list_entry(entry_id=pk, acting_user=request.user, request_id=request.request_id)
    messages.success(request, f"{entry.value} is off the list {entry.list}.")
    return redirect("dashboard:list", entry.list)


@require_POST
@requires(Ability.WORK_ALERTS)
def take_csv(request: HttpRequest, name: str) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        return _detail(request, name, "choose a CSV file first", status=422)
    try:
        done = import_entries(
            list=name,
            content=file.read(),
            reason=request.POST.get("reason", ""),
            acting_user=request.user,
            request_id=request.request_id,
        )
    except ImportRefused as refused:
        return _detail(request, name, str(refused), refused.errors[:SHOWN_FAULTS], status=422)
    except FileRefused as refused:
        return _detail(request, name, str(refused), status=422)
    except EntryRefused as refused:
        raise Http404 from refused
    messages.success(request, f"{done.added:,} added, {done.unchanged:,} stood there already.")
    return redirect("dashboard:list", name)


@require_safe
@requires(Ability.READ)
def export(request: HttpRequest, name: str) -> StreamingHttpResponse:
    _existing(name)
    answer = StreamingHttpResponse(exported(name), content_type="text/csv; charset=utf-8")
    file = f"{name}-{timezone.localdate()}.csv"
    answer["Content-Disposition"] = content_disposition_header(True, file)
    return answer


@require_POST
@requires(Ability.DRAFT_RULES)
def describe(request: HttpRequest, name: str) -> HttpResponse:
    found = _existing(name)
    try:
        describe_custom_list(
            name=name,
            description=request.POST.get("description", "").strip(),
            seen=_whole(request.POST.get("version", "")),
            acting_user=request.user,
            request_id=request.request_id,
        )
    except CustomList.DoesNotExist:
        raise Http404 from None
    except (ListConflict, ValidationError) as refused:
        said = str(refused) if isinstance(refused, ListConflict) else " ".join(refused.messages)
        return _detail(request, found.name, said, status=409 if isinstance(refused, ListConflict) else 422)
    messages.success(request, "The description is changed.")
    return redirect("dashboard:list", name)


@require_POST
@requires(Ability.DRAFT_RULES)
def delete(request: HttpRequest, name: str) -> HttpResponse:
    _existing(name)
    try:
        delete_custom_list(
            name=name,
            seen=_whole(request.POST.get("version", "")),
            acting_user=request.user,
            request_id=request.request_id,
        )
    except CustomList.DoesNotExist:
        raise Http404 from None
    except ListConflict as refused:
        return _detail(request, name, str(refused), status=409)
    messages.success(request, f"The list {name} is deleted.")
    return redirect("dashboard:lists")


def moment_posted(text: str) -> datetime | None:
    """A time of a form, local unless it names its offset; EntryRefused for what is none."""
    if not text.strip():
        return None
    try:
        moment = parse_datetime(text.strip())
        if moment is None:
            raise ValueError
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    except (ValueError, OverflowError):
        raise EntryRefused(f"'{text[:40]}' is not a time", "expires_at") from None


def _listing(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "lists": lists_overview(timezone.now()),
        "kinds": CUSTOM_KINDS,
        "problem": problem,
        "given": request.POST,
    }
    return render(request, "dashboard/lists/list.html", context, status=status)


def _detail(
    request: HttpRequest, name: str, problem: str = "", faults: list | tuple = (), status: int = 200
) -> HttpResponse:
    now, found = timezone.now(), _existing(name)
    state = request.GET.get("state", "")
    state = state if state in STATES else "standing"
    text = request.GET.get("q", "").strip()[:254].replace("\x00", "")
    entries = entries_of(name, state, now)
    if text:
        entries = entries.filter(value__istartswith=mask_cards(text))
    context = {
        "list": found,
        "page": keyset_page(entries, ("id",), request.GET.get("after", "")),
        "state": state,
        "states": STATES,
        "q": text,
        "kinds": [(kind, ListKind(kind).label) for kind in kinds_of(name)],
        "problem": problem,
        "faults": faults,
        "now": now,
    }
    return render(request, "dashboard/lists/detail.html", context, status=status)


def _existing(name: str):
    try:
        return one_list(name.replace("\x00", ""), timezone.now())
    except CustomList.DoesNotExist:
        raise Http404 from None


def _behind(request: HttpRequest, otherwise: str) -> str:
    asked = request.POST.get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else otherwise


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
