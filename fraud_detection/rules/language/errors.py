"""The one error that reading a rule can raise."""


class RuleSyntaxError(ValueError):
    """A text of a rule that cannot be accepted, with the place where it goes wrong.

    `line` and `column` count from 1 in what the person wrote. `part` names the field of the rule
    (condition, requires, severity, confidence, reason) once it is known.
    """

    def __init__(self, message: str, source: str, offset: int = 0, part: str = "") -> None:
        offset = max(0, min(offset, len(source)))
        self.message = message
        self.part = part
        self.line = source.count("\n", 0, offset) + 1
        line_start = source.rfind("\n", 0, offset) + 1
        self.column = offset - line_start + 1
        self.source_line = source[line_start:].split("\n", 1)[0]
        super().__init__(message)

    def caret(self) -> str:
        """The line that is wrong with a caret below the place; tabs are kept so that they align."""
        before = self.source_line[: self.column - 1]
        indent = "".join("\t" if character == "\t" else " " for character in before)
        return f"{self.source_line}\n{indent}^"

    def __str__(self) -> str:
        part = f"{self.part}, " if self.part else ""
        return f"{part}line {self.line}, column {self.column}: {self.message}\n{self.caret()}"
