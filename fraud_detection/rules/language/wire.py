"""Reads the checked syntax tree that CEL serialises (cel.expr.CheckedExpr) from its protobuf bytes.

Only the message fields that a rule needs are read, each level when it is asked for, so that no
generated protobuf classes are needed.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def read_fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(field number, raw value) of one protobuf message: integers as int, everything else as bytes."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire_type == _BYTES:
            size, at = _varint(data, at)
        else:
            size = {_FIXED64: 8, _FIXED32: 4}[wire_type]
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if byte < 0x80:
            return value, at


@dataclass(frozen=True)
class Expression:
    """One node of CEL's tree. `what` is constant, name, select, call, list, struct or comprehension."""

    data: bytes

    _KINDS = {3: "constant", 4: "name", 5: "select", 6: "call", 7: "list", 8: "struct", 9: "comprehension"}

    @cached_property
    def _read(self) -> tuple[int, str, bytes]:
        identity, what, body = 0, "", b""
        for number, value in read_fields(self.data):
            if number == 2:
                identity = value
            elif number in self._KINDS:
                what, body = self._KINDS[number], value
        return identity, what, body

    @property
    def id(self) -> int:
        return self._read[0]

    @property
    def what(self) -> str:
        return self._read[1]

    def name(self) -> str:
        return dict(read_fields(self._read[2])).get(1, b"").decode()

    def elements(self) -> list["Expression"]:
        return [Expression(value) for number, value in read_fields(self._read[2]) if number == 1]

    def constant(self) -> float | str | bool | None:
        """A double, a text or a bool; None for every other literal."""
        for number, value in read_fields(self._read[2]):
            if number == 2:
                return bool(value)
            if number == 5:
                return struct.unpack("<d", value)[0]
            if number == 6:
                return value.decode()
        return None

    def call(self) -> tuple[str, list["Expression"]]:
        """The function and its arguments; the receiver of a method comes first."""
        function, target, arguments = "", [], []
        for number, value in read_fields(self._read[2]):
            if number == 1:
                target = [Expression(value)]
            elif number == 2:
                function = value.decode()
            elif number == 3:
                arguments.append(Expression(value))
        return function, target + arguments


def read_checked(serialized: bytes) -> tuple[Expression, dict[int, int]]:
    """The root expression, and per expression id its offset (characters) in the compiled text."""
    packed = dict(read_fields(serialized))[2]
    root, positions = Expression(b""), {}
    for number, value in read_fields(packed):
        if number == 4:
            root = Expression(value)
        elif number == 5:
            entries = (dict(read_fields(entry)) for field, entry in read_fields(value) if field == 4)
            positions = {entry.get(1, 0): entry.get(2, 0) for entry in entries}
    return root, positions
