"""The features of a set as a document, rendered from their definitions."""

from collections.abc import Iterable, Mapping, Sequence

from ml.features.spec import Feature, FeatureSet

_HEAD = ("Name", "Meaning", "Unit", "Window", "Kind", "Used by")
_ABOUT = (
    "For who writes rules, trains models or asks what a value in a decision means.\n\n"
    "A window of 24h is the 24 hours up to and including the event; `earlier` leaves the event out;\n"
    "`30d ago until 24h ago` ends a day before it. History is an entity's newest 499 earlier events;\n"
    "`all history` is not bounded; `measured` values are asked of history by the domain.\n"
    "A value that cannot be computed is missing, never zero.\n\n"
    "These are the shipped features. People add features, and fields that clients send, without a release:\n"
    "[DEFINING.md](DEFINING.md). What an installation has in all stands on its page Features."
)


UsedBy = Mapping[str, Sequence[str]]  # feature -> who reads it


def document(feature_sets: Iterable[FeatureSet], used_by: Mapping[str, UsedBy] | None = None) -> str:
    """Return a Markdown page: how to read it, and a section per feature set.

    used_by  by feature set, who reads each feature
    """
    used_by = used_by or {}
    sections = [markdown(feature_set, used_by.get(feature_set.name)) for feature_set in feature_sets]
    return "\n".join(["# Features", "", _ABOUT, "", *sections])


def markdown(feature_set: FeatureSet, used_by: UsedBy | None = None) -> str:
    """Return a Markdown section: a heading, the version, and one table row per feature."""
    used_by = used_by or {}
    title = f"## {feature_set.name}"
    about = (
        f"Version `{feature_set.version}`: {len(feature_set.numbers)} numbers and flags,"
        f" {len(feature_set.texts)} texts, from {len(feature_set.primitives)} values taken from history."
    )
    rows = [_row(_HEAD), _row(["---"] * len(_HEAD))]
    rows += [
        _row([*_cells(feature_set, feature_set.feature(name)), ", ".join(used_by.get(name, ())) or "-"])
        for name in feature_set.names
    ]
    return "\n".join([title, "", about, "", *rows, ""])


def _cells(feature_set: FeatureSet, feature: Feature) -> list[str]:
    window = feature_set.window_of(feature.name)
    return [f"`{feature.name}`", feature.meaning, feature.unit, window, feature.kind]


def _row(cells) -> str:
    return f"| {' | '.join(cells)} |"
