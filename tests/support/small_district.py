"""A small district for files alone: its folder written from a few sources, its inbox, its nights."""

import contextlib
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aimline._yaml import new_text
from aimline.cli import main
from aimline.context import open_context
from aimline.journal import Event
from aimline.warehouse import connect, quote_literal

DISTRICT = """version: 1
district_id: smalltown
label: {en: Smalltown schools}
time_zone: America/Denver
nightly: {at: "05:00"}
roles:
  - {role: data_engineer, label: {en: Data engineer}}
"""
AUDIENCES = """version: 1
languages: {en: {locale: en_US, dir: ltr}}
site: {title: {en: Smalltown}, contact: sel@smalltown.example}
disclosure: {preset: default, confirmed_by: data_engineer, confirmed_on: 2018-01-03}
audiences:
  - {audience_id: engineering, label: {en: Data}, scope: district, languages: [en], pages: ["engineering/**"]}
"""
YEAR = """version: 1
school_year: {{id: {year}, label: "{label}", first_day: {first}-08-20, last_day: {year}-05-31}}
time_zone: America/Denver
"""


def source(source_id: str, entity: str, columns: Sequence[Mapping[str, Any]], **rest: Any) -> dict[str, Any]:
    """Return one source of the inbox, of CSV files without people unless ``rest`` says otherwise."""
    own = {
        "source_id": source_id,
        "entity": entity,
        "owner": {"role": "data_engineer"},
        "contains_people": False,
        "transport": {"kind": "local", "url": "inbox", "match": [rest.pop("match", "*.csv")]},
        "format": {"type": "csv"},
        "columns": list(columns),
        "load": {"mode": "full"},
    }
    return own | rest


class District:
    """A district in a folder: what is declared, what waits in its inbox, what its nights say."""

    def __init__(self, folder: Path, *sources: Mapping[str, Any], years: Sequence[int] = (2019,)) -> None:
        """Write the declared files and an empty inbox."""
        self.folder, self.state = folder / "smalltown", folder / "state"
        self.inbox = self.folder / "inbox"
        self.inbox.mkdir(parents=True)
        (self.folder / "years").mkdir()
        for name, text in (
            ("district", DISTRICT),
            ("audiences", AUDIENCES),
            ("indicators", "version: 1\nindicators: []\n"),
        ):
            (self.folder / f"{name}.yml").write_text(text, encoding="utf-8")
        for year in years:
            label = f"{year - 1}-{year % 100:02d}"
            text = YEAR.format(year=year, label=label, first=year - 1)
            (self.folder / "years" / f"{label}.yml").write_text(text, encoding="utf-8")
        self.declare(*sources)

    def copy(self, folder: Path) -> "District":
        """Return a copy of all of it, in another folder."""
        made = District.__new__(District)
        made.folder, made.state = folder / "smalltown", folder / "state"
        made.inbox = made.folder / "inbox"
        for own, other in ((self.folder, made.folder), (self.state, made.state)):
            shutil.copytree(own, other, copy_function=shutil.copy2)
        return made

    def declare(self, *sources: Mapping[str, Any]) -> None:
        """Write ``sources.yml`` anew."""
        text = new_text(json.loads(json.dumps({"version": 1, "sources": list(sources)})))
        (self.folder / "sources.yml").write_text(text, encoding="utf-8")

    def ask(self, instrument: Mapping[str, Any], window_id: str, *sources: str) -> None:
        """Declare an instrument, and a window of January 2019 that asks it through some sources."""
        key = f"{instrument['instrument_id']}.{instrument['edition']}"
        (self.folder / "instruments").mkdir(exist_ok=True)
        (self.folder / "instruments" / f"{key}.yml").write_text(json.dumps(instrument), encoding="utf-8")
        window = {"id": window_id, "kind": "survey", "instrument": key.replace(".", "@")}
        window |= {"opens": "2019-01-07", "closes": "2019-01-25"}
        window |= {"sources": f"[{', '.join(sources)}]"}
        path = self.folder / "years" / "2018-19.yml"
        told = "\n".join(f"    {name}: {value}" for name, value in window.items()).replace("    id", "  - id", 1)
        path.write_text(f"{path.read_text(encoding='utf-8')}windows:\n{told}\n", encoding="utf-8")

    def put(self, name: str, data: bytes) -> Path:
        """Put a file into the inbox."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def run(self, verb: str, *words: str, on: str = "2019-01-10") -> tuple[int, str]:
        """Run a verb; return its exit code and what it printed on either stream."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main([verb, str(self.folder), *words, "--as-of", on, "--state", str(self.state)])
        return code, out.getvalue()

    def collect(self, on: str = "2019-01-10") -> dict[str, Any]:
        """Collect; return what it says as JSON, with its exit code."""
        code, text = self.run("collect", "--json", on=on)
        assert text.startswith("{"), text
        return {"exit": code, **json.loads(text)}

    def batches(self, on: str = "2019-01-10") -> list[dict[str, Any]]:
        """Collect; return every batch of every source."""
        return [batch for each in self.collect(on)["sources"] for batch in each["batches"]]

    def events(self, *kinds: str) -> list[Event]:
        """Return events of the journal."""
        context = open_context(str(self.folder), as_of=None, state=str(self.state))
        try:
            return context.journal.events(*kinds)
        finally:
            context.journal.close()

    def rows(self, entity: str, batch_id: str, query: str = "*") -> list[dict[str, Any]]:
        """Return accepted rows of a batch, or what a query's columns say of them."""
        path = self.state / "accepted" / entity / f"batch={batch_id}" / "part-0.parquet"
        with connect(role="memory") as connection:
            return connection.rows(f"select {query} from read_parquet({quote_literal(str(path))})")
