"""What every log line passes through: card numbers and secrets hidden, one event one line."""

from typing import Any

from logs.redacting import redact

Event = dict[str, Any]
PLAIN = (str, int, float, bool, dict, list, tuple, type(None))
# What a terminal or a reader of lines would act on: line ends of every kind and escape sequences.
ACTED_ON = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}
ACTED_ON |= {0x0A: "\\n", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def redacted(logger: Any, method: str, event: Event) -> Event:
    """Processor: values and the sentence itself without card numbers and secrets.

    Django hands over the whole request, query and all: the sentence and the request id say enough of it.
    """
    event.pop("request", None)
    return redact({name: value if isinstance(value, PLAIN) else str(value) for name, value in event.items()})


def one_line(logger: Any, method: str, event: Event) -> Event:
    """Processor for readable logs: a text from outside cannot begin a line of its own or colour a terminal.

    JSON needs none of this, and tracebacks keep their lines.
    """
    return {
        name: value.translate(ACTED_ON) if isinstance(value, str) and name != "exception" else value
        for name, value in event.items()
    }
