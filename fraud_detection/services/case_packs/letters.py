"""Text as the PDF can show it: DejaVu for most scripts, a font of the reader's for Chinese, Japanese, Korean.

What neither has is written as its code point, so that nothing silently disappears.
"""

from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent / "fonts"
PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
EAST_ASIAN = (
    ("HYSMyeongJo-Medium", ((0x1100, 0x11FF), (0xAC00, 0xD7A3))),
    ("HeiseiMin-W3", ((0x3040, 0x30FF),)),
    ("STSong-Light", ((0x2E80, 0x303F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xFF00, 0xFFEF))),
)


@cache
def _covered() -> frozenset[int]:
    """Code points that DejaVu draws; registers the fonts."""
    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))
    for name, _ in EAST_ASIAN:
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return frozenset(pdfmetrics.getFont(PLAIN).face.charToGlyph)


def register_fonts() -> None:
    _covered()


def marked_up(text: object) -> str:
    """A text as paragraph markup: escaped, line breaks kept, every letter in a font that has it."""
    covered, runs, font, run = _covered(), [], "", ""
    for letter in str(text):
        code = ord(letter)
        wanted = "" if letter == "\n" or code in covered else _east_asian(code)
        shown = letter if wanted or letter == "\n" or code in covered else _named(code)
        if wanted != font and run:
            runs.append(_run(run, font))
            run = ""
        font, run = wanted, run + shown
    return "".join([*runs, _run(run, font)])


def _named(code: int) -> str:
    return " " if code < 32 else f"[U+{code:04X}]"


def _run(text: str, font: str) -> str:
    body = escape(text).replace("\n", "<br/>")
    return f'<font name="{font}">{body}</font>' if font else body


def _east_asian(code: int) -> str:
    for name, ranges in EAST_ASIAN:
        if any(low <= code <= high for low, high in ranges):
            return name
    return ""
