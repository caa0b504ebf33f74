"""The side-by-side table of a backtest: one row a figure, active version, draft, change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Figures = Mapping[str, Any]
MINUS = "−"


@dataclass(frozen=True)
class Cell:
    """A figure and the line of context below it."""

    text: str
    below: str = ""


@dataclass(frozen=True)
class Row:
    name: str
    active: Cell | None
    draft: Cell
    change: str = ""
    strong: bool = False
    money: bool = False


def rows_of(result: Figures) -> list[Row]:
    """Every figure of a result; those from labels only where there are labels."""
    draft, active = result["draft"], result["active"]
    lines = [*_COUNTED, *(() if result["labels"]["reason"] else _LABELLED)]
    return [
        Row(
            name,
            cell(active) if active else None,
            cell(draft),
            change(active, draft) if active else "",
            strong=name.startswith("Net saving"),
            money=name.startswith(("Amount", "Good amount", "Net")),
        )
        for name, cell, change in lines
        if name not in _ONLY_WHEN or draft[_ONLY_WHEN[name]] or (active and active[_ONLY_WHEN[name]])
    ]


def _count(name: str) -> Callable[[Figures], Cell]:
    return lambda found: Cell(f"{found[name]:,}")


def _a_day(found: Figures) -> Cell:
    value = found["alerts_a_day"]
    return Cell("–" if value is None else f"{value:,.1f}", f"{found['alerts']:,} in all")


def _labelled(found: Figures) -> Cell:
    value = found["coverage"]["value"]
    return Cell(f"{found['labelled']:,}", "" if value is None else f"{value:.1%} of hits")


def _share(name: str) -> Callable[[Figures], Cell]:
    def cell(found: Figures) -> Cell:
        share = found[name]
        if share["value"] is None:
            return Cell("–", "no label")
        between = f"{100 * share['low']:.1f} to {100 * share['high']:.1f}"
        return Cell(f"{share['value']:.1%}", f"{between}, n {share['n']:,}")

    return cell


def _caught(found: Figures) -> Cell:
    recall = found["recall"]
    if recall["value"] is None:
        return Cell(f"{found['caught']['events']:,}", "no fraud known")
    between = f"{100 * recall['low']:.1f} to {100 * recall['high']:.1f}"
    return Cell(f"{recall['hits']:,}", f"{recall['value']:.1%} of {recall['n']:,} ({between})")


def _total(name: str) -> Callable[[Figures], Cell]:
    return lambda found: Cell(f"{found[name]['events']:,}", f"worth {_money(found[name]['amount'])}")


def _amount(name: str) -> Callable[[Figures], Cell]:
    return lambda found: Cell(_money(found[name]["amount"]))


def _money(minor: int) -> str:
    text = f"{Decimal(abs(minor)) / 100:,.2f}"
    return f"{MINUS}{text}" if minor < 0 else text


def _relative(read: Callable[[Figures], float | None]) -> Callable[[Figures, Figures], str]:
    def change(active: Figures, draft: Figures) -> str:
        before, after = read(active), read(draft)
        if not before or after is None or before == after:
            return "" if before or not after else f"+{after:,.0f}"
        return _signed(f"{after / before - 1:+.0%}")

    return change


def _points(name: str) -> Callable[[Figures, Figures], str]:
    def change(active: Figures, draft: Figures) -> str:
        before, after = active[name]["value"], draft[name]["value"]
        if before is None or after is None or before == after:
            return ""
        return _signed(f"{100 * (after - before):+.1f} pt")

    return change


def _less(read: Callable[[Figures], int], money: bool = False) -> Callable[[Figures, Figures], str]:
    def change(active: Figures, draft: Figures) -> str:
        difference = read(draft) - read(active)
        if not difference:
            return ""
        if money:
            return f"+{_money(difference)}" if difference > 0 else _money(difference)
        return _signed(f"{difference:+,}")

    return change


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


_ONLY_WHEN = {"Not evaluable": "not_evaluable", "Not enough data": "insufficient"}
_Line = tuple[str, Callable[[Figures], Cell], Callable[[Figures, Figures], str]]
_COUNTED: tuple[_Line, ...] = (
    ("Hits", _count("hits"), _relative(lambda found: found["hits"])),
    ("Alerts a day", _a_day, _relative(lambda found: found["alerts_a_day"])),
    ("Not evaluable", _count("not_evaluable"), _less(lambda found: found["not_evaluable"])),
    ("Not enough data", _count("insufficient"), _less(lambda found: found["insufficient"])),
)
_LABELLED: tuple[_Line, ...] = (
    ("Hits with a label", _labelled, lambda active, draft: ""),
    ("Precision", _share("precision"), _points("precision")),
    ("Fraud caught", _caught, _less(lambda found: found["caught"]["events"])),
    ("False positives of all good", _share("false_positive_rate"), _points("false_positive_rate")),
    ("Caught by no other rule", _total("alone"), _less(lambda found: found["alone"]["events"])),
    ("Caught that was approved", _total("new"), _less(lambda found: found["new"]["events"])),
    ("Amount caught", _amount("caught"), _less(lambda found: found["caught"]["amount"], True)),
    ("Good events held", lambda found: Cell(f"{found['good']['events']:,}"),
     _relative(lambda found: found["good"]["events"])),
    ("Good amount held", _amount("good"), _relative(lambda found: found["good"]["amount"])),
    ("Net saving", lambda found: Cell(_money(found["net_saving"])),
     _less(lambda found: found["net_saving"], True)),
)  # fmt: skip
