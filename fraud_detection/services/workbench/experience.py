"""What the newest stored decisions say of a rule: parts that never differ, values never seen, gaps."""

from collections.abc import Iterator, Mapping

import numpy as np

from fraud_detection.rules.arrays import evaluate
from fraud_detection.rules.columns import Texts
from fraud_detection.rules.compiled import Lists
from fraud_detection.rules.language import Kind, depends_on
from fraud_detection.rules.language.tree import Call, Constant, IsMissing, Members, NamedList, Variable, walk
from fraud_detection.rules.reasons import format_value
from fraud_detection.services.workbench.findings import Finding
from fraud_detection.services.workbench.reading import Reading
from fraud_detection.services.workbench.sample import Sample
from fraud_detection.services.workbench.suspicions import CONDITIONS, Part

MOSTLY = 0.5  # a name missing in more of the events than this is worth a word
MOST_SEEN = 200  # with more different texts than that, a new one is no surprise
SHOWN_SEEN = 5


def experience(
    reading: Reading, lists: Lists, sample: Sample, kinds: Mapping[str, Kind], units: Mapping[str, str]
) -> list[Finding]:
    """Warnings that hold for the sample; none when it is too small to say anything."""
    if not sample.is_enough:
        return []
    parts = [Part.of(reading, name, lists) for name in CONDITIONS if name in reading.trees]
    found: list[Finding] = []
    for part in parts:
        found += _never_differs(part, sample, kinds)
        for each in part.everything():
            found += _never_seen(each, sample)
            found += _out_of_range(each, sample, units)
        found += _mostly_missing(part, sample, kinds)
    return found


def newest(sample: Sample) -> str:
    return f"the newest {sample.rows:,} decisions"


def _never_differs(part: Part, sample: Sample, kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    names = depends_on(part.bound)
    if not names:
        return  # constant folding has said so already
    true, false = evaluate(part.bound, sample.columns(kinds, names))
    if true.all():
        yield part.warn(f"the {part.field} is true for all of {newest(sample)}", "true_in_sample")
    elif not true.any() and false.any():
        known = "" if false.all() else " (not evaluable for some)"
        yield part.warn(f"the {part.field} is true for none of {newest(sample)}{known}", "false_in_sample")


def _never_seen(part: Part, sample: Sample) -> Iterator[Finding]:
    for name, values in _text_comparisons(part):
        column = sample.column(name, Kind.TEXT)
        seen = set(column.values) if isinstance(column, Texts) else set()
        if not seen or len(seen) > MOST_SEEN:
            continue
        for value in sorted(set(values) - seen)[:SHOWN_SEEN]:
            usual = ", ".join(_frequent(column))
            message = f"'{value[:64]}' was never seen in '{name}' in {newest(sample)}; seen: {usual}"
            yield part.warn(message, "never_seen", _quoted(part.source, value) or name)


def _text_comparisons(part: Part) -> Iterator[tuple[str, list[str]]]:
    """(name, texts that it is compared with); named lists are people's own and not asked."""
    node = part.bound
    if not isinstance(node, Call) or node.operator not in ("==", "!=", "in"):
        return
    left, right = node.arguments
    if isinstance(left, Constant):
        left, right = right, left
    if not (isinstance(left, Variable) and left.kind is Kind.TEXT):
        return
    if isinstance(right, Constant):
        yield left.name, [str(right.value)]
    elif isinstance(right, Members) and not isinstance(part.written.arguments[1], NamedList):
        yield left.name, [str(value) for value in right.values]


def _frequent(column: Texts) -> list[str]:
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.values))
    order = np.argsort(-counts, kind="stable")[:SHOWN_SEEN]
    more = ["…"] if len(column.values) > SHOWN_SEEN else []
    return [column.values[code] for code in order] + more


def _quoted(source: str, value: str) -> str:
    return next((text for text in (f'"{value}"', f"'{value}'") if text in source), "")


def _out_of_range(part: Part, sample: Sample, units: Mapping[str, str]) -> Iterator[Finding]:
    """A number compared with one that it never reached; zero and the like say nothing of a typing error."""
    node = part.bound
    if not isinstance(node, Call) or node.operator not in ("<", "<=", ">", ">=", "==", "!="):
        return
    places = (0, 1) if isinstance(node.arguments[0], Variable) else (1, 0)
    name, limit = (node.arguments[place] for place in places)
    if not (isinstance(name, Variable) and isinstance(limit, Constant) and limit.kind is Kind.NUMBER):
        return
    column = sample.column(name.name, Kind.NUMBER)
    known = column[~np.isnan(column)]
    value = float(limit.value)
    if not len(known) or known.min() <= value <= known.max():
        return
    unit = units.get(name.name, "")
    low, high = (format_value(float(each), unit) for each in (known.min(), known.max()))
    message = (
        f"'{name.name}' was never {'above' if value > known.max() else 'below'} "
        f"{high if value > known.max() else low} in {newest(sample)}; this compares it with "
        f"{format_value(value, unit)}"
    )
    yield part.warn(message, "out_of_range", name.name)


def _mostly_missing(part: Part, sample: Sample, kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    asked = {node.variable.name for node in walk(part.bound) if isinstance(node, IsMissing)}
    for name in sorted(depends_on(part.bound) - asked):
        share = sample.missing(name, kinds[name])
        if share > MOSTLY:
            gap = f"'{name}' is missing in {_percent(share)} of {newest(sample)}"
            message = f"{gap}: what needs it is not evaluable there"
            yield part.warn(message, "mostly_missing", name)


def _percent(share: float) -> str:
    return "all" if share == 1 else f"{min(share * 100, 99.9):.3g} %"
