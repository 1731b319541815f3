"""A table as PDF on A4 or as a picture, from one source: Turkish letters, page numbers, what it rests on in the head,
trust in the foot of every page.

Texts reach the typesetter as data, never as its source, so no cell can be read as a command.
"""

import json
from datetime import date, datetime
from fractions import Fraction

from hedef.exports.safe import clean
from hedef.exports.sheet import Cell, Column, Sheet, plain

MOST_ROWS = 20_000
MOST_PICTURE_ROWS = 400

_SOURCE = b"""
#let d = json(bytes(sys.inputs.data))
#let wide = d.columns.len() > 6
#let drawn = d.bars.len() > 0
#set document(title: d.title, date: none)
#set page(width: 297mm, height: auto, margin: 10mm, footer: none) if d.picture
#set page(
  paper: "a4", flipped: wide, margin: (x: 14mm, top: 16mm, bottom: 18mm),
  footer: context [
    #set text(7pt, fill: luma(40%))
    #grid(columns: (1fr, auto), column-gutter: 8pt, [#d.foot], counter(page).display("1 / 1", both: true))
  ],
) if not d.picture
#let size = if d.columns.len() > 10 { 6.5pt } else { 8pt }
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), size: size, lang: d.lang)
#text(15pt, weight: "bold", d.title)
#v(2pt)
#for line in d.head [#text(7.5pt, fill: luma(35%))[#line.at(0): #line.at(1)] #linebreak()]
#v(6pt)
#let bar(one) = {
  let whole = 38mm
  let full = whole * 10 / 11
  let at(share) = full * calc.min(share, 1100) / 1000
  box(width: whole, height: 2.6mm, {
    place(horizon, rect(width: full, height: 1.5mm, radius: 0.5mm, fill: luma(92%)))
    if one.attained != none {
      place(horizon, rect(width: at(calc.max(one.attained, 0)), height: 1.5mm, radius: 0.5mm, fill: rgb("#2458c5")))
    }
    if one.due != none {
      let pin = at(one.due)
      place(dx: pin, line(start: (0mm, 0.2mm), end: (0mm, 2.6mm), stroke: 0.7pt))
      place(dx: pin - 0.5mm, dy: -0.3mm, circle(radius: 0.5mm, fill: black))
    }
  })
}
#let with-bar(cells, one) = if drawn { cells.slice(0, d.bar_after) + (one,) + cells.slice(d.bar_after) } else { cells }
#let told(row, number) = {
  let strong-row = drawn and d.bars.at(number).strong
  let cells = row.map(cell => if strong-row { strong[#cell] } else { [#cell] })
  with-bar(cells, if drawn { bar(d.bars.at(number)) })
}
#let heads = with-bar(d.columns.map(c => strong(c.title)), [])
#let kinds = with-bar(d.columns, (title: "", right: false, text: false))
#table(
  columns: kinds.map(c => if c.text { 1fr } else { auto }),
  align: (at, _) => horizon + if kinds.at(at).right { right } else { left },
  stroke: (_, row) => if row == 0 { (bottom: 0.8pt) } else { (bottom: 0.2pt + luma(75%)) },
  inset: (x: 3pt, y: 3.2pt),
  table.header(..heads),
  ..d.rows.enumerate().map(one => told(one.at(1), one.at(0))).flatten(),
)
#if d.picture [#v(4pt) #text(7pt, fill: luma(40%))[#d.foot]]
"""


def document(sheet: Sheet, *, language: str = "") -> bytes:
    """The bytes of the PDF. ValueError for more rows than anybody prints."""
    if sheet.count > MOST_ROWS:
        raise ValueError(f"{sheet.count} rows are too many for a PDF ({MOST_ROWS}); take xlsx or csv")
    return _typeset(sheet, language, picture=False)


def picture(sheet: Sheet, *, language: str = "") -> bytes:
    """The same as one PNG. ValueError for more rows than anybody looks at."""
    if sheet.count > MOST_PICTURE_ROWS:
        raise ValueError(f"{sheet.count} rows are too many for a picture ({MOST_PICTURE_ROWS}); take pdf or xlsx")
    return _typeset(sheet, language, picture=True)


def _typeset(sheet: Sheet, language: str, *, picture: bool) -> bytes:
    import typst

    told = {
        "title": clean(sheet.title),
        "lang": language or "en",
        "columns": [_column(one) for one in sheet.columns],
        "rows": [[_shown(cell, column) for cell, column in zip(row, sheet.columns, strict=True)] for row in sheet.rows],
        "head": [[name, clean(text)] for name, text in sheet.head.lines()],
        "foot": _foot(sheet),
        "picture": picture,
        "bars": [
            {"attained": _thousandths(one.attained), "due": _thousandths(one.due), "strong": one.strong}
            for one in sheet.bars
        ],
        "bar_after": sheet.bar_after,
    }
    inputs = {"data": json.dumps(told)}
    if picture:
        return bytes(typst.compile(_SOURCE, format="png", ppi=144.0, sys_inputs=inputs))
    return bytes(typst.compile(_SOURCE, format="pdf", sys_inputs=inputs))


def _thousandths(share: Fraction | None) -> int | None:
    return None if share is None else round(share * 1000)


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
