"""The PDF of an evidence pack: a summary to read and print; the ZIP holds everything."""

import io
import json
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from alerts.models import Case
from alerts.selectors.cases import alerts_of, case_history, case_reports
from alerts.services.cases.narrating import FIELDS
from alerts.services.cases.stakes import at_stake
from fraud_detection.services.case_packs.evidence import decisions_behind
from fraud_detection.services.case_packs.letters import BOLD, PLAIN, marked_up, register_fonts

ROWS = 500  # of each table
DECISIONS = 100
WIDTH = A4[0] - 36 * mm
BODY = ParagraphStyle("body", fontName=PLAIN, fontSize=8.5, leading=11.5)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=7, leading=9)
HEADING = ParagraphStyle(
    "heading", parent=BODY, fontName=BOLD, fontSize=11, leading=14, spaceBefore=10, spaceAfter=4
)
TITLE = ParagraphStyle("title", parent=HEADING, fontSize=15, leading=19)
LINES = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#c3cbd7")),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
)


def document(case: Case, *, reports: bool, exported_by: str, at: datetime) -> bytes:
    """The bytes of the PDF. `reports` adds a section, for people who may read reports."""
    register_fonts()
    parts = [
        Paragraph(marked_up(f"{case}: {case.title}"), TITLE),
        Paragraph(marked_up(f"Exported by {exported_by}, {_time(at)}"), SMALL),
        *_summary(case),
        *_narrative(case),
        *_alerts(case),
        *_decisions(case),
        *_comments(case),
        *_work(case),
        *(_reports(case) if reports else ()),
        *_history(case, reports),
    ]
    target = io.BytesIO()
    SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=16 * mm,
        bottomMargin=16 * mm,
        title=f"{case} {case.title}",
        author="FraudGuard",
    ).build(parts, onFirstPage=_foot(case), onLaterPages=_foot(case))
    return target.getvalue()


def _foot(case: Case):
    def draw(canvas, layout) -> None:
        canvas.setFont(PLAIN, 7)
        canvas.drawString(18 * mm, 9 * mm, f"{case}, confidential")
        canvas.drawRightString(A4[0] - 18 * mm, 9 * mm, f"page {layout.page}")

    return draw


def _summary(case: Case) -> list[Flowable]:
    ended = f"{case.get_verdict_display()}: {case.note}" if case.verdict else ""
    if case.merged_into_id:
        ended = f"merged into K-{case.merged_into_id}"
    facts = [
        ("Customer", f"{case.customer} ({case.customer.external_id})" if case.customer else ""),
        ("Status", case.get_status_display()),
        ("Severity", case.get_severity_display()),
        ("Engines", ", ".join(case.engines)),
        ("At stake", f"{_money(at_stake(case))} {settings.REPORTING_CURRENCY}"),
        ("Opened", f"{_time(case.opened_at)}, {case.opened_by}"),
        ("Assignee", case.assignee or ""),
        ("Due", _time(case.due_at)),
        ("Closed", f"{_time(case.closed_at)}, {case.closed_by}" if case.closed_at else ""),
        ("Verdict", ended),
    ]
    return [Spacer(1, 6), _table([(name, value) for name, value in facts if value], (1, 5))]


def _narrative(case: Case) -> list[Flowable]:
    latest = case.narratives.first()
    if latest is None:
        return []
    told = [(name.capitalize(), getattr(latest, name)) for name in FIELDS if getattr(latest, name)]
    parts: list[Flowable] = [Paragraph(f"Narrative, version {latest.number}", HEADING)]
    for name, text in told:
        parts += [Paragraph(f"<b>{name}</b>", BODY), Paragraph(marked_up(text), BODY), Spacer(1, 4)]
    return parts


def _alerts(case: Case) -> list[Flowable]:
    total = case.memberships.count()
    rows = [
        (
            str(row.alert),
            row.alert.get_severity_display(),
            f"{row.alert.rule}: {row.alert.reason}",
            f"{row.alert.hit_count:,}",
            _money(row.alert.amount_minor),
            row.alert.get_disposition_display() or "open",
        )
        for row in alerts_of(case)[:ROWS]
    ]
    head = ("Alert", "Severity", "Strongest reason", "Hits", settings.REPORTING_CURRENCY, "Verdict")
    return _section(f"Alerts ({total:,})", head, rows, (1.1, 1.1, 4.5, 0.8, 1.6, 1.4), total)


def _decisions(case: Case) -> list[Flowable]:
    total = decisions_behind(case).count()
    rows = [
        (
            _time(each.decided_at),
            each.external_id,
            f"{each.decision} {each.risk_score:.0f}",
            _money(each.amount_minor),
            "; ".join(str(reason.get("text", "")) for reason in each.reasons[:3]),
        )
        for each in decisions_behind(case)[:DECISIONS]
    ]
    head = ("Decided", "Event", "Decision", settings.REPORTING_CURRENCY, "Reasons")
    return _section(f"Decisions ({total:,})", head, rows, (1.7, 2, 1.2, 1.4, 4.4), total)


def _comments(case: Case) -> list[Flowable]:
    parts: list[Flowable] = []
    for comment in case.comments.select_related("author").order_by("pk")[:ROWS]:
        fixes = f", corrects comment {comment.corrects_id}" if comment.corrects_id else ""
        said = f"Comment {comment.pk}, {comment.author.email}, {_time(comment.written_at)}{fixes}"
        parts += [Paragraph(marked_up(said), SMALL), Paragraph(marked_up(comment.text), BODY), Spacer(1, 4)]
    return [Paragraph("Comments", HEADING), *parts] if parts else []


def _work(case: Case) -> list[Flowable]:
    tasks = [
        (task.title, task.created_by, f"{_time(task.done_at)}, {task.done_by}" if task.done_at else "open")
        for task in case.tasks.all()[:ROWS]
    ]
    files = [(file.name, f"{file.size:,}", file.sha256) for file in case.files.all()[:ROWS]]
    return [
        *_section("Tasks", ("Task", "Added by", "Done"), tasks, (4, 2.5, 3), len(tasks)),
        *_section("Attachments", ("Name", "Bytes", "SHA-256"), files, (3, 1, 5), len(files)),
    ]


def _reports(case: Case) -> list[Flowable]:
    parts: list[Flowable] = []
    for report in case_reports(case):
        facts = [
            ("State", report.get_state_display()),
            ("Determined on", report.determined_on),
            ("Due on", report.due_on),
            ("Reference", report.reference),
            ("Reason", report.reason),
        ]
        parts += [
            _table([fact for fact in facts if fact[1]], (1, 5)),
            Paragraph(marked_up(report.text), BODY),
        ]
    return [Paragraph("Suspicious-activity report", HEADING), *parts] if parts else []


def _history(case: Case, reports: bool) -> list[Flowable]:
    found = case_history(case, reports=reports)
    rows = [(_time(step.at), step.actor, step.action, _said(step.after)) for step in found[:ROWS]]
    head = ("When", "Who", "What", "Details")
    return _section("History, newest first", head, rows, (1.8, 2.4, 2, 4.4), found.count())


def _section(
    title: str, head: Sequence[str], rows: Sequence[Sequence[object]], widths: Sequence[float], total: int
) -> list[Flowable]:
    if not rows:
        return []
    parts: list[Flowable] = [Paragraph(marked_up(title), HEADING), _table(rows, widths, head)]
    if total > len(rows):
        parts.append(Paragraph(f"{len(rows):,} of {total:,} are shown here.", SMALL))
    return parts


def _table(
    rows: Sequence[Sequence[object]], widths: Sequence[float], head: Sequence[str] | None = None
) -> Table:
    cells = [[Paragraph(marked_up(str(value)[:1_500]), SMALL) for value in row] for row in rows]
    if head:
        cells.insert(0, [Paragraph(f"<b>{marked_up(name)}</b>", SMALL) for name in head])
    unit = WIDTH / sum(widths)
    return Table(cells, colWidths=[unit * width for width in widths], repeatRows=bool(head), style=LINES)


def _said(after: dict | None) -> str:
    return json.dumps(after, ensure_ascii=False)[:300] if after else ""


def _time(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%-d %b %Y %H:%M:%S}" if at else ""


def _money(minor: int) -> str:
    return f"{minor / 100:,.2f}"
