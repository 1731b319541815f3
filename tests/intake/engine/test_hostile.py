"""Files made to do harm, and files that are merely broken: a clear refusal, no traceback, bounded memory (section 7).

Each one goes the way of a real import: received, unfolded or staged in the reader's process, recognised.
"""

import contextlib
import gzip
import io
import resource
import stat
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from hedef.intake.engine.reader import Bounds
from hedef.intake.run.reader import in_reader
from hedef.intake.run.sheet import NoSheet, Sheet, open_sheet, receive, recognise
from hedef.intake.schema import Mapping
from hedef.kernel.errors import HedefError, Refused, WrongUse

PEAK_MB = 512
ANY = Mapping.model_validate(
    {
        "vendor": "files",
        "shape": "any",
        "object": "deal",
        "key": "Id",
        "fields": {"name": {"column": "Name", "type": "text"}},
    }
)


def read(path: Path) -> Sheet | NoSheet:
    known = recognise(receive(path, limit_bytes=1 << 31), object_=None, mapping=ANY)
    return open_sheet(
        known, decide={}, saved=(), zone="UTC", currency="EUR", far_after=date(2036, 1, 1), row_limit=10_000_000
    )


def zip_of(path: Path, entries: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)


def workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Deals").write_row(0, 0, ["Id", "Name"])
        book.worksheets()[0].write_row(1, 0, ["1", "Ann"])


def changed(source: Path, target: Path, name: str, change: Callable[[bytes], bytes], more: dict[str, bytes]) -> None:
    """A zip with one entry changed and some added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(data) if entry.filename == name else data)
        for added, data in more.items():
            new.writestr(added, data)


# --- what the files are -----------------------------------------------------------------------------------------------


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("Deals.csv", "w", force_zip64=True) as out:
        out.write(b"Id,Name\n")
        for _ in range(100):
            out.write(b"0" * (1 << 20))


def gzip_bomb(path: Path) -> None:
    with gzip.open(path, "wb") as out:
        for _ in range(100):
            out.write(b"0" * (1 << 20))


def path_traversal(path: Path) -> None:
    zip_of(path, {"../../etc/passwd.csv": b"Id,Name\n1,A\n"})


def absolute_path(path: Path) -> None:
    zip_of(path, {"/etc/passwd.csv": b"Id,Name\n1,A\n"})


def device_name(path: Path) -> None:
    zip_of(path, {"data/CON.csv": b"Id,Name\n1,A\n"})


def symlink_entry(path: Path) -> None:
    link = zipfile.ZipInfo("Deals.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(link, "/etc/passwd")


def encrypted_zip(path: Path) -> None:
    zip_of(path, {"Deals.csv": b"Id,Name\n1,A\n"})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(mark) + at
        data[place : place + 2] = struct.pack("<H", 1)
    path.write_bytes(data)


def zip_in_zip(path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("Deals.csv", "Id,Name\n1,A\n")
    zip_of(path, {"inner.zip": inner.getvalue()})


def gzip_in_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.compress(b"Id,Name\n1,A\n")))


def many_entries(path: Path) -> None:
    zip_of(path, {f"{n}.csv": b"" for n in range(1_001)})


def program_in_zip(path: Path) -> None:
    zip_of(path, {"Deals.csv": b"Id,Name\n1,A\n", "run.exe": b"MZ" + bytes(100)})


def billion_laughs(path: Path) -> None:
    plain = path.with_suffix(".plain")
    workbook(plain)
    laughs = b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>'
    changed(plain, path, "xl/workbook.xml", lambda data: data.replace(b"<workbook", laughs + b"<workbook", 1), {})


def macro_workbook(path: Path) -> None:
    plain = path.with_suffix(".plain")
    workbook(plain)
    changed(plain, path, "", bytes, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(100)})


def cut_workbook(path: Path) -> None:
    workbook(path)
    path.write_bytes(path.read_bytes()[:-400])


def locked_workbook(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_096))


def deep_json(path: Path) -> None:
    path.write_text('[{"a": ' + "[" * 100_000 + "]" * 100_000 + "}]")


def rather_deep_json(path: Path) -> None:
    path.write_text('[{"Id": 1, "a": ' + '{"b": ' * 40 + "1" + "}" * 40 + "}]")


def nan_json(path: Path) -> None:
    path.write_text('[{"Id": 1, "Name": NaN}]')


def infinity_json(path: Path) -> None:
    path.write_text('[{"Id": 1, "Name": -Infinity}]')


def cut_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(b"Id,Name\n" + b"".join(b"%d,Ann\n" % n for n in range(1_000)))[:-100])


def cut_parquet(path: Path) -> None:
    pq.write_table(pa.table({"Id": ["1"], "Name": ["Ann"]}), path)
    path.write_bytes(path.read_bytes()[:-20])


def three_thousand_columns(path: Path) -> None:
    path.write_text(",".join(f"c{n}" for n in range(3_000)) + "\n" + "," * 2_999 + "\n")


def nul_soup(path: Path) -> None:
    path.write_bytes(b"Id,Name\n" + b"\x00\x01\x00\x00\x00\x02" * 2_000)


def elf(path: Path) -> None:
    path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(200))


def windows_program(path: Path) -> None:
    path.write_bytes(b"MZ\x90\x00" + bytes(200))


def script(path: Path) -> None:
    path.write_bytes(b"#!/bin/sh\nrm -rf /\n")


def endless_line(path: Path) -> None:
    with path.open("wb") as out:
        out.write(b'Id,Name\n1,A\n2,"')
        for _ in range(40):
            out.write(b"x" * (1 << 20))


def endless_header(path: Path) -> None:
    path.write_bytes(b"Id,Name" + b"x" * (9 << 20))


REFUSED = [
    (zip_bomb, ".zip", 3, "unsafe_archive", "more than 100 times its size"),
    (gzip_bomb, ".csv.gz", 3, "unsafe_archive", "more than 100 times its size"),
    (path_traversal, ".zip", 3, "unsafe_archive", "name points elsewhere"),
    (absolute_path, ".zip", 3, "unsafe_archive", "name points elsewhere"),
    (device_name, ".zip", 3, "unsafe_archive", "name points elsewhere"),
    (symlink_entry, ".zip", 3, "unsafe_archive", "link or device"),
    (encrypted_zip, ".zip", 3, "unsafe_archive", "locked with a password"),
    (zip_in_zip, ".zip", 3, "unsafe_archive", "archive inside"),
    (gzip_in_gzip, ".gz", 3, "unsafe_archive", "archive inside an archive"),
    (many_entries, ".zip", 3, "unsafe_archive", "more than 1,000 files"),
    (program_in_zip, ".zip", 3, "unsafe_file", "is a program"),
    (billion_laughs, ".xlsx", 3, "unsafe_file", "document type"),
    (macro_workbook, ".xlsx", 3, "unsafe_file", "holds macros"),
    (cut_workbook, ".xlsx", 2, "not_data", "cannot be unpacked|no workbook that can be read"),
    (locked_workbook, ".xlsx", 3, "unsafe_file", "old or locked format"),
    (deep_json, ".json", 3, "unsafe_file", "more than 32 deep"),
    (rather_deep_json, ".json", 3, "unsafe_file", "more than 32 deep"),
    (nan_json, ".json", 3, "unsafe_file", "holds NaN"),
    (infinity_json, ".json", 3, "unsafe_file", "holds -Infinity"),
    (cut_gzip, ".csv.gz", 2, "not_data", "cannot be unpacked"),
    (cut_parquet, ".parquet", 2, "not_data", "no Parquet that can be read"),
    (three_thousand_columns, ".csv", 2, "too_large", "3000 columns"),
    (nul_soup, ".csv", 3, "unsafe_file", "no text that could be a table"),
    (elf, ".csv", 3, "unsafe_file", "is a program"),
    (windows_program, ".csv", 3, "unsafe_file", "is a program"),
    (script, ".csv", 3, "unsafe_file", "is a program"),
    (endless_line, ".csv", 3, "too_large", "a line is longer than"),
    (endless_header, ".csv", 2, "too_large", "header line has more than"),
]


@pytest.mark.parametrize(("make", "ending", "code", "name", "words"), REFUSED, ids=[one[0].__name__ for one in REFUSED])
def test_a_hostile_file_is_refused_with_its_reason(
    tmp_path: Path, make: Callable[[Path], None], ending: str, code: int, name: str, words: str
) -> None:
    path = tmp_path / f"Deals{ending}"
    make(path)
    with pytest.raises(HedefError, match=words) as refused:
        read(path)
    assert (refused.value.exit_code, refused.value.error_code) == (code, name)
    assert refused.value.message.startswith(path.name)
    assert refused.value.hint


def peak_of_readers(folder: Path) -> int:
    """Megabytes of the largest reader over every file above and a large one. To be called in a small process: what a
    process was before it became a reader counts as the reader's."""
    for make, ending, *_ in REFUSED:
        path = folder / f"{make.__name__}{ending}"
        make(path)
        with contextlib.suppress(HedefError):
            read(path)
    assert stage(big_text(folder / "Deals.csv"), Bounds(memory_mb=PEAK_MB)) == 400_000
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def test_no_reader_takes_more_memory_than_it_may(tmp_path: Path) -> None:
    code = "import sys, pathlib; from tests.intake.engine import test_hostile as here; "
    code += "print(here.peak_of_readers(pathlib.Path(sys.argv[1])))"
    line = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(line, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < PEAK_MB


# --- what is odd, but can be read -------------------------------------------------------------------------------------


def test_a_huge_cell_rejects_its_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "Deals.csv"
    path.write_bytes(b"Id,Name\n1,Ann\n2," + b"x" * 3_000_000 + b"\n3,Cy\n" + b"4,Di\n" * 2_000_000)
    sheet = read(path)
    assert isinstance(sheet, Sheet)
    assert (sheet.rows, sheet.part_count) == (2_000_003, 81)
    findings = sheet.part(0).typed.findings
    errors = findings.filter(pl.col("level") == "error")
    assert errors.select("row", "code").rows() == [(2, "row_too_large")]


def test_a_formula_in_a_cell_of_text_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "Deals.csv"
    path.write_text("Id,Name\n1,\"=cmd|'/c calc'!A1\"\n2,'=1+1\n")
    sheet = read(path)
    assert isinstance(sheet, Sheet)
    assert sheet.typed.fields["name"].values.to_list() == ["=cmd|'/c calc'!A1", "=1+1"]


def test_utf_16_with_an_odd_number_of_bytes_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "Deals.csv"
    path.write_bytes("\ufeffId,Name\n1,Ann\n2,Bob\n".encode("utf-16-le") + b"\x00")
    sheet = read(path)
    assert isinstance(sheet, Sheet)
    assert sheet.typed.key.to_list()[:2] == ["1", "2"]


def test_a_wrong_ending_is_told_and_the_content_counts(tmp_path: Path) -> None:
    workbook(tmp_path / "Deals.csv")
    sheet = read(tmp_path / "Deals.csv")
    assert isinstance(sheet, Sheet)
    assert sheet.typed.key.to_list() == ["1"]
    assert [(one.code, one.message) for one in sheet.issues if one.code == "ending_mismatch"] == [
        ("ending_mismatch", "Deals.csv is a workbook, whatever its ending says; it was read as that.")
    ]
    (tmp_path / "Text.xlsx").write_text("Id,Name\n1,Ann\n")
    told = read(tmp_path / "Text.xlsx")
    assert [one.code for one in told.issues] == ["ending_mismatch"]


def test_repeated_keys_are_told(tmp_path: Path) -> None:
    path = tmp_path / "Deals.json"
    path.write_text('[{"Id": 1, "Id": 2, "Name": "Ann"}]')
    assert "key_repeated" in [one.code for one in read(path).issues]


def test_a_zip_of_several_files_names_them_where_one_is_wanted(tmp_path: Path) -> None:
    zip_of(tmp_path / "all.zip", {"a.csv": b"Id,Name\n1,A\n", "b.csv": b"Id,Name,X\n2,B,\n"})
    with pytest.raises(WrongUse, match=r"2 files: all\.zip: a\.csv, all\.zip: b\.csv"):
        read(tmp_path / "all.zip")


# --- the process itself -----------------------------------------------------------------------------------------------


def big_text(path: Path) -> Path:
    path.write_bytes(b"Id,Name\n" + b"".join(b"%d,Ann and some more words\n" % n for n in range(400_000)))
    return path


def stage(path: Path, bounds: Bounds) -> object:
    from hedef.intake.engine.sniff import sniff

    return in_reader(
        "stage", path.name, bounds, path=path, sniffed=sniff(path), folder=path.parent / "rows", row_limit=10**7
    )


def test_the_reader_that_takes_too_much_memory_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="needs more than 20 MB of memory") as refused:
        stage(big_text(tmp_path / "Deals.csv"), Bounds(memory_mb=20))
    assert refused.value.error_code == "too_large"


def test_the_reader_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(Refused, match="could not be read within 0 seconds"):
        stage(big_text(tmp_path / "Deals.csv"), Bounds(seconds=0))
    assert time.monotonic() - began < 5


def test_the_death_of_the_reader_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the reader stopped at it") as refused:
        in_reader("no such task", "Deals.csv", Bounds())
    assert refused.value.error_code == "unsafe_file"


def test_the_reader_has_no_network_and_starts_nothing(tmp_path: Path) -> None:
    told = in_reader("probe", "Deals.csv", Bounds(), folder=tmp_path)
    assert told == {"connect": "refused", "start": "refused"}
