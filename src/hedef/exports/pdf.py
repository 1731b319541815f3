"""A table as PDF on A4: Turkish letters, page numbers, what it rests on in the head, trust in the foot of every page.

Texts reach the typesetter as data, never as its source, so no cell can be read as a command.
"""

import json
from datetime import date, datetime

from hedef.exports.safe import clean
from hedef.exports.sheet import Cell, Column, Sheet, plain

MOST_ROWS = 20_000

_SOURCE = b"""
#let d = json(bytes(sys.inputs.data))
#let wide = d.columns.len() > 6
#set document(title: d.title, date: none)
#set page(
  paper: "a4", flipped: wide, margin: (x: 14mm, top: 16mm, bottom: 18mm),
  footer: context [
    #set text(7pt, fill: luma(40%))
    #grid(columns: (1fr, auto), column-gutter: 8pt, [#d.foot], counter(page).display("1 / 1", both: true))
  ],
)
#let size = if d.columns.len() > 10 { 6.5pt } else { 8pt }
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), size: size, lang: d.lang)
#text(15pt, weight: "bold", d.title)
#v(2pt)
#for line in d.head [#text(7.5pt, fill: luma(35%))[#line.at(0): #line.at(1)] #linebreak()]
#v(6pt)
#table(
  columns: d.columns.map(c => if c.text { 1fr } else { auto }),
  align: (at, _) => if d.columns.at(at).right { right } else { left },
  stroke: (_, row) => if row == 0 { (bottom: 0.8pt) } else { (bottom: 0.2pt + luma(75%)) },
  inset: (x: 3pt, y: 3.2pt),
  table.header(..d.columns.map(c => strong(c.title))),
  ..d.rows.flatten().map(cell => [#cell]),
)
"""


def document(sheet: Sheet, *, language: str = "") -> bytes:
    """The bytes of the file. ValueError for more rows than anybody prints."""
    import typst

    if sheet.count > MOST_ROWS:
        raise ValueError(f"{sheet.count} rows are too many for a PDF ({MOST_ROWS}); take xlsx or csv")
    told = {
        "title": clean(sheet.title),
        "lang": language or "en",
        "columns": [_column(one) for one in sheet.columns],
        "rows": [[_shown(cell, column) for cell, column in zip(row, sheet.columns, strict=True)] for row in sheet.rows],
        "head": [[name, clean(text)] for name, text in sheet.head.lines()],
        "foot": _foot(sheet),
    }
    return bytes(typst.compile(_SOURCE, format="pdf", sys_inputs={"data": json.dumps(told)}))


def _column(one: Column) -> dict[str, object]:
    right = one.kind not in ("text", "day", "instant")
    return {"title": clean(one.heading), "right": right, "text": one.kind == "text"}


def _shown(cell: Cell, column: Column) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str | date | datetime):
        return clean(plain(cell))
    text = plain(cell)
    if column.kind not in ("money", "integer"):
        return text
    whole, point, rest = text.lstrip("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", "\u202f")
    return ("\u2212" if text.startswith("-") else "") + grouped + point + rest


def _foot(sheet: Sheet) -> str:
    told = [
        sheet.head.trust or sheet.head.level,
        *sheet.head.reasons[:2],
        *(f"override {one}" for one in sheet.head.overrides[:2]),
    ]
    told += [sheet.head.fingerprint or ""]
    return clean(" · ".join(one for one in told if one))[:400]
