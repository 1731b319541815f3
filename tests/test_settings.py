"""Settings: typed, loud, and all of them in the docs."""

from dataclasses import fields
from pathlib import Path

import pytest

from hedef.settings import SettingError, Settings, database, read_settings

DOCS = (Path(__file__).resolve().parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")


def test_every_setting_is_listed_in_the_docs():
    for one in fields(Settings):
        assert f"`HEDEF_{one.name.upper()}`" in DOCS, one.name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FISCAL_START", "13"),
        ("CURRENCY", "euro"),
        ("TIME_ZONE", "Mars/Base"),
        ("TODAY", "yesterday"),
        ("HTTPS", "maybe"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_with_an_example(tmp_path, name, value):
    with pytest.raises(SettingError) as refused:
        read_settings({"HEDEF_HOME": str(tmp_path), f"HEDEF_{name}": value})
    text = str(refused.value)
    assert f"HEDEF_{name}" in text
    assert f'"{value}"' in text
    assert "Example:" in text


def test_an_unknown_setting_is_refused(tmp_path):
    with pytest.raises(SettingError, match="there is no setting curency"):
        read_settings({"HEDEF_HOME": str(tmp_path), "HEDEF_CURENCY": "EUR"})


def test_the_environment_wins_over_the_file_of_the_home(tmp_path):
    (tmp_path / "hedef.toml").write_text('currency = "TRY"\ncountry = "TR"\nhosts = ["a.example", "b.example"]\n')
    read = read_settings({"HEDEF_HOME": str(tmp_path), "HEDEF_CURRENCY": "EUR"})
    assert (read.currency, read.country, read.hosts) == ("EUR", "TR", ("a.example", "b.example"))


def test_a_file_that_is_no_toml_is_named(tmp_path):
    (tmp_path / "hedef.toml").write_text("currency = ")
    with pytest.raises(SettingError, match=r"hedef\.toml: not readable as TOML"):
        read_settings({"HEDEF_HOME": str(tmp_path)})


def test_the_database_is_sqlite_in_the_home_or_a_postgres_url(tmp_path):
    assert database(Settings(home=tmp_path))["NAME"] == tmp_path / "hedef.sqlite3"
    url = "postgres://h%40f:s%3Acret@db.example:5433/sales"
    made = database(Settings(home=tmp_path, database_url=url))
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"], made["NAME"]) == (
        "h@f",
        "s:cret",
        "db.example",
        "5433",
        "sales",
    )
    with pytest.raises(SettingError, match="HEDEF_DATABASE_URL"):
        database(Settings(home=tmp_path, database_url="mysql://nobody"))
