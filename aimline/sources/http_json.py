"""Pull records from a declared JSON interface: one address, its way to log in, its way to turn pages.

What is kept are the declared fields, ids as pseudonyms; of other fields that may be kept, the name alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aimline.errors import SourcePermanentError, SourceTransientError
from aimline.sources.http import Answer, Call, Http
from aimline.sources.pulled import Asked, Part, Pull, Written, write_part
from aimline.sources.secrets import secret_of
from aimline.sources.tables import Table
from schemas.fields import PSEUDONYMS

if TYPE_CHECKING:
    from schemas.source_kinds import HttpJson as Declared
    from schemas.source_kinds import Paging
    from schemas.sources import Source

_MOST_PAGES = 10_000
_LOOK = "Compare http in sources.yml with what the server documents."
_PLACEHOLDERS = ("@x@", "${", "{{")

Page = list[Mapping[str, Any]]


class HttpJson:
    """The interface of one source."""

    def __init__(self, source: "Source") -> None:
        """Open the server of a source."""
        if source.http is None:
            raise SourcePermanentError("the interface is not declared.", remedy="Add http: {path: …, records: …}.")
        self.source, self.declared = source, source.http
        headers, login = _login(self.declared, source)
        self.http = Http(source.transport.url, headers, login)

    def pull(self, asked: Asked) -> Pull:
        """Ask for every page, and write down all records."""
        try:
            records = [dict(_flat(record)) for page in self._pages() for record in page]
        finally:
            self.http.close()
        kept, others = _named(self.source, records, asked)
        path = asked.to / "http_json"
        write_part(path, {"kind": "http_json", "others": others}, kept)
        return Pull((Part("records", path),), {})

    def _pages(self) -> Iterator[Page]:
        """Yield page after page until there is none.

        Raises:
            SourceTransientError: Pages changed their size while they were turned.
            SourcePermanentError: The same page comes for ever, or there are too many.
        """
        turn = _Turning(self.declared.paging)
        before: Page | None = None
        sizes: list[int] = []
        for _ in range(_MOST_PAGES):
            params = {**self.declared.params, **turn.params}
            answer = self.http.ask(Call(self.declared.method, turn.path or self.declared.path, params))
            page = _records(answer.body, self.declared.records)
            if page and page == before:
                raise SourcePermanentError("the same page came twice.", remedy=_LOOK, code="paging_loop")
            if page and len(sizes) > 1 and sizes[-1] != sizes[0]:
                raise SourceTransientError("the size of the pages changed while they were read.", code="limit_lowered")
            if page:
                yield page
            sizes.append(len(page))
            before = page
            if not turn.on(page, answer):
                return
        raise SourcePermanentError(f"there are more than {_MOST_PAGES:,} pages.", remedy=_LOOK, code="paging_loop")


class _Turning:
    """Where the next page is."""

    def __init__(self, paging: "Paging | None") -> None:
        self.paging, self.path = paging, ""
        self.seen: set[str] = set()
        self.at = (paging.first if paging.kind == "page" else 0) if paging else 0
        self.params: dict[str, Any] = self._first()

    def _first(self) -> dict[str, Any]:
        paging = self.paging
        if paging is None:
            return {}
        size = {paging.size_param: paging.size} if paging.size_param else {}
        return size | ({paging.param: self.at} if paging.kind in {"page", "offset"} else {})

    def on(self, page: Page, answer: Answer) -> bool:
        """Go on to the next page; say whether there is one."""
        paging = self.paging
        if paging is None:
            return False
        if paging.kind in {"page", "offset"}:
            self.at += 1 if paging.kind == "page" else len(page)
            self.params = {**self.params, paging.param: self.at}
            return bool(page)
        link = _link(answer) if paging.kind == "link" and not paging.next else _at(answer.body, paging.next)
        if not link or not isinstance(link, str | int):
            return False
        if str(link) in self.seen:
            raise SourcePermanentError("the next page is one that came before.", remedy=_LOOK, code="paging_loop")
        self.seen.add(str(link))
        if paging.kind == "cursor":
            self.params = {**self.params, paging.param: link}
        else:
            self.path, self.params = str(link), {}
        return True


def _link(answer: Answer) -> str:
    """Return the address of the next page from the header that tells of it."""
    for part in answer.headers.get("link", "").split(","):
        address, _, rest = part.partition(";")
        if 'rel="next"' in rest or "rel=next" in rest:
            return address.strip().strip("<>")
    return ""


def _at(body: Any, path: str) -> Any:
    """Return what stands at a path of names joined by points."""
    for name in filter(None, path.split(".")):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _records(body: Any, path: str) -> Page:
    found = _at(body, path)
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise SourcePermanentError(
            "http.records does not lead to a list of objects.", remedy=_LOOK, code="records_unreadable"
        )
    return found


def _login(declared: "Declared", source: "Source") -> tuple[dict[str, str], tuple[str, str] | None]:
    """Return the headers and the login of a source."""
    if declared.auth == "none":
        return {}, None
    secret = secret_of(source.transport.secret or "")
    if declared.auth == "bearer":
        return {"Authorization": f"Bearer {secret}"}, None
    if declared.auth == "basic":
        name, _, password = secret.partition(":")
        return {}, (name, password)
    return {declared.header: secret}, None


def _flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves of an object as text, names joined by points; a list stays JSON."""
    import json

    for name, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None:
            yield prefix + name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _named(
    source: "Source", records: Sequence[Mapping[str, str]], asked: Asked
) -> tuple[list[dict[str, str]], list[str]]:
    """Return records with the declared fields alone, ids as pseudonyms; and the names of fields nobody declared."""
    people = {
        name: PSEUDONYMS[column.name] for column in source.columns if column.name in PSEUDONYMS for name in column.from_
    }
    declared = {
        name for column in source.columns for name in (*column.from_, *([column.when.heading] if column.when else []))
    }
    declared |= {heading for rule in source.ignore_rows for heading in rule.when}
    pattern = source.unpivot.pattern if source.unpivot else None
    declared |= set(source.unpivot.headings) if source.unpivot else set()
    declared |= {name for record in records for name in record if pattern and pattern.fullmatch(name)}
    others = sorted({name for record in records for name in record} - declared)
    kept = []
    for record in records:
        cells = {name: value for name, value in record.items() if name in declared}
        for name in people.keys() & cells.keys():
            if cells[name].strip() and not cells[name].strip().lower().startswith(_PLACEHOLDERS):
                cells[name] = asked.door.key(people[name], cells[name])
        kept.append(cells)
    return kept, [name for name in others if not asked.door.drops(name)]


def table_of(written: Written, source: "Source") -> Table:
    """Return what was pulled; its columns are read as they are declared."""
    heads = dict.fromkeys(name for record in written.records for name in record)
    heads = heads or dict.fromkeys(name for column in source.columns for name in column.from_)
    names = (*heads, *written.header["others"])
    rows = [
        (number, tuple(str(record.get(name, "")) for name in names)) for number, record in enumerate(written.records, 1)
    ]
    columns = [column.model_dump(by_alias=True, exclude_none=True) for column in source.columns]
    return Table(source.entity, "records", names, rows, columns, n_records=len(rows), declares={"as_declared": True})
