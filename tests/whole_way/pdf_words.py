"""The text of a PDF, as a copying reader reads it: the glyphs of each page through their fonts' ToUnicode maps."""

import re
from io import BytesIO

import pikepdf

_CHAR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])")


def words_of(pdf: bytes) -> str:
    """Without any white space: where a line or a word ends is the typesetter's business."""
    with pikepdf.Pdf.open(BytesIO(pdf)) as opened:
        return "".join("".join(_shown(page) for page in opened.pages).split())


def _shown(content: pikepdf.Page | pikepdf.Object) -> str:
    resources = content.get("/Resources", pikepdf.Dictionary())
    maps = {name: _map(font) for name, font in resources.get("/Font", pikepdf.Dictionary()).items()}
    forms = resources.get("/XObject", pikepdf.Dictionary())
    text, current = "", {}
    for instruction in pikepdf.parse_content_stream(content):
        match str(instruction.operator):
            case "Tf":
                current = maps[str(instruction.operands[0])]
            case "Tj":
                text += _decoded(bytes(instruction.operands[0]), current)
            case "TJ":
                strings = [each for each in instruction.operands[0] if isinstance(each, pikepdf.String)]
                text += "".join(_decoded(bytes(each), current) for each in strings)
            case "Do" if forms[str(instruction.operands[0])].get("/Subtype") == "/Form":
                text += _shown(forms[str(instruction.operands[0])])
    return text


def _decoded(codes: bytes, characters: dict[bytes, str]) -> str:
    width = len(next(iter(characters), b"\0\0"))
    return "".join(characters.get(codes[at : at + width], "") for at in range(0, len(codes), width))


def _map(font: pikepdf.Object) -> dict[bytes, str]:
    """Code to character; the codes of one font are of one width."""
    table: dict[bytes, str] = {}
    if "/ToUnicode" not in font:
        return table
    source = font.ToUnicode.read_bytes()
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", source, re.DOTALL):
        table |= {bytes.fromhex(code.decode()): _character(char) for code, char in _CHAR.findall(block)}
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", source, re.DOTALL):
        for first, last, start, listed in _RANGE.findall(block):
            each = re.findall(rb"<([0-9A-Fa-f]+)>", listed)
            for step in range(int(last, 16) - int(first, 16) + 1):
                code = (int(first, 16) + step).to_bytes(len(first) // 2, "big")
                table[code] = _character(each[step]) if each else _character(start, step)
    return table


def _character(code: bytes, step: int = 0) -> str:
    units = bytes.fromhex(code.decode())
    return (units[:-2] + (int.from_bytes(units[-2:], "big") + step).to_bytes(2, "big")).decode("utf-16-be")
