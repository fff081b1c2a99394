"""Set up what deliveries are read with: a database in memory, contracts, pseudonyms, known schools and school days.

One bench serves one run of collection. Which deliveries are read, and when, is decided by the caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.arrival.contract_sql import CompiledContract, compiled_contracts
from aimline.arrival.people import Naming
from aimline.arrival.pseudonyms import Pseudonyms, pseudonym_key
from aimline.arrival.windows import Judging, WindowDays, Zones
from aimline.storage import LocalStore, quarantine_key
from aimline.warehouse import MEMORY, Connection, connect, quote_literal
from schemas.fields import PSEUDONYMS
from schemas.sources import AT_THE_DOOR

if TYPE_CHECKING:
    from aimline.arrival.decisions import Decisions
    from aimline.arrival.delivery import Delivery
    from aimline.settings import Deployment
    from schemas.sources import Source

_SET_UP = (
    "create table known_schools (school_id varchar)",
    "create table calendar (on_date date, is_instructional boolean)",
)

_MOST_MEMORY = "640MB"
"""Beyond it tables wait on the disk of the state root, so that the largest file that is let in takes less than 1 GB."""


@dataclass
class Bench:
    """What one run of collection reads deliveries with."""

    deployment: "Deployment"
    store: LocalStore
    school_days: Mapping[date, bool] = field(default_factory=dict)
    lists_of_schools: list[str] = field(default_factory=list)
    decisions: "Mapping[str, Decisions]" = field(default_factory=dict)
    newest: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    windows: Sequence[WindowDays] = ()
    _readings: dict[str, str] = field(default_factory=dict)
    _n_lists_read: int = 0

    @cached_property
    def connection(self) -> Connection:
        """A database in memory, opened when the first delivery asks for it."""
        opened = connect(MEMORY, role="build", memory_limit=_MOST_MEMORY)
        opened.execute("set threads = 1")  # files are smaller than what a second thread would take; bytes stay equal
        opened.execute("set disabled_optimizers = 'build_side_probe_side'")  # rows keep the order of the left side
        opened.execute(f"set temp_directory = {quote_literal(str(self.work / 'spilled'))}")
        for statement in _SET_UP:
            opened.execute(statement)
        # One text is bound in no time; DuckDB takes long over lists of Python's dates.
        days = " ".join(f"{on_date}{int(counts)}" for on_date, counts in sorted(self.school_days.items()))
        told = "select unnest(string_split($1, ' ')) as told"
        opened.execute(
            f"insert into calendar select cast(left(told, 10) as date), right(told, 1) = '1' "
            f"from ({told}) where told <> ''",
            [days],
        )
        return opened

    @cached_property
    def contracts(self) -> Mapping[str, CompiledContract]:
        """The contract of every entity."""
        return compiled_contracts(self.store)

    @cached_property
    def work(self) -> Path:
        """A folder for unfinished work, on the file system of the state root."""
        return self.store.temp_dir()

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """The pseudonyms of the district; asked for only where an entity has people."""
        district_id = self.deployment.district.district_id
        return Pseudonyms(district_id, pseudonym_key(district_id))

    def naming(self, source: "Source") -> Naming | None:
        """Return what the ids of a source become pseudonyms with; None where it has none, or they came as such."""
        has_people = any(column.name in PSEUDONYMS for column in source.columns)
        if not has_people or source.kind in AT_THE_DOOR:
            return None
        return Naming(self.pseudonyms, source.id_rule, self.work)

    @cached_property
    def quarantine_key(self) -> bytes | None:
        """The key of refused records; without one they are counted and not kept beside the bytes that came."""
        return quarantine_key()

    @cached_property
    def first_days(self) -> dict[int, date]:
        """The first day of every declared school year."""
        return {year: file.school_year.first_day for year, file in sorted(self.deployment.years.items())}

    def know_schools(self) -> None:
        """Read the accepted lists of schools that were not read yet, so that rows of other schools can be refused."""
        for key in self.lists_of_schools[self._n_lists_read :]:
            self.know_more_schools(key)
        self._n_lists_read = len(self.lists_of_schools)

    def know_more_schools(self, key: str) -> None:
        """Read a list of schools that came with the rows that are read next, before it is told."""
        path = quote_literal(str(self.store.path(key)))
        self.connection.execute(
            f"insert into known_schools select distinct school_id from read_parquet({path}) "
            f"except select school_id from known_schools"
        )

    @property
    def references(self) -> str:
        """Return a digest of the lists of schools and the school days that rows are judged by."""
        return sha256(("\x1f".join(self.lists_of_schools) + self._days).encode()).hexdigest()[:16]

    @cached_property
    def _days(self) -> str:
        return "".join(f"{day}{int(counts)}" for day, counts in sorted(self.school_days.items()))

    def items(self, source: "Source") -> dict[str, str]:
        """Return heading -> item of the instrument a source unpivots."""
        if source.unpivot is None or source.unpivot.instrument is None:
            return {}
        instrument = self.deployment.instruments[source.unpivot.instrument]
        return {item.column or item.item_id: item.item_id for item in instrument.items}

    def placeholders(self, source: "Source") -> tuple[str, ...]:
        """Return the patterns of respondents that stand for nobody."""
        if source.unpivot is None or source.unpivot.instrument is None:
            return ()
        hygiene = self.deployment.instruments[source.unpivot.instrument].hygiene
        return hygiene.placeholder_keys if hygiene else ()

    def aliases(self, source: "Source") -> Mapping[str, str]:
        """Return heading -> the declared one a person said it stands for."""
        return self.decisions[source.source_id].aliases if source.source_id in self.decisions else {}

    def waived(self, delivery: "Delivery") -> frozenset[str]:
        """Return the codes a person said shall not hold a delivery; ``*`` for all that concern it as a whole."""
        decided = self.decisions.get(delivery.source.source_id)
        return decided.waived.get(delivery.sha256, frozenset()) if decided else frozenset()

    def year_decided(self, delivery: "Delivery") -> dict[str, str]:
        """Return the school year a person said a delivery is of, as its name would have told it."""
        decided = self.decisions.get(delivery.source.source_id)
        year = decided.years.get(delivery.sha256) if decided else None
        return {"school_year": str(year)} if year else {}

    def year_told(self, delivery: "Delivery", facts: Mapping[str, str]) -> dict[str, str]:
        """Return the school year a person said a delivery is of, else that of the window it answers.

        A list of those who may answer comes before its window opens: its own date says the year.
        """
        came_on = (delivery.landed_at or delivery.received_at).date()
        is_answer = delivery.source.entity == "responses"
        told = self.judging(delivery.source).year_told(facts, came_on) if is_answer else {}
        return told | self.year_decided(delivery)

    def judging(self, source: "Source") -> Judging:
        """Return the windows a source delivers for, and the zones in which their days begin and end."""
        district = self.deployment.district
        zones = {each.school_id: each.time_zone for each in district.schools}
        own = tuple(each for each in self.windows if source.source_id in each.sources)
        return Judging(own, Zones(district.time_zone, zones))

    def current(self, entity: str) -> list[str]:
        """Return the files of the newest accepted rows of an entity, each slot's once."""
        keys = {key for (name, _, _), key in self.newest.items() if name == entity}
        return [str(self.store.path(key)) for key in sorted(keys)]

    def reading(self, source: "Source") -> str:
        """Return a digest of everything declared that decides what a delivery of a source becomes."""
        if source.source_id not in self._readings:
            self._readings[source.source_id] = self._reading(source)
        return self._readings[source.source_id]

    def _reading(self, source: "Source") -> str:
        said = source.model_dump_json(include=_DECIDES, by_alias=True)
        told = (said, self.contracts[source.entity].version, self.items(source), self.placeholders(source))
        days = self.judging(source).days() if source.entity == "responses" else ()
        district = (self.deployment.district.time_zone, sorted(self.first_days.items()), *days)
        decided = sorted(self.aliases(source).items())
        return sha256(repr((told, district, decided)).encode()).hexdigest()[:16]

    def close(self) -> None:
        """Let go of the database and of unfinished work."""
        if "connection" in self.__dict__:
            self.connection.close()
        if "work" in self.__dict__:
            self.store.remove(self.work.relative_to(self.store.root).as_posix())


_DECIDES: dict[str, Any] = dict.fromkeys(
    (
        "entity",
        "format",
        "columns",
        "unpivot",
        "codes",
        "drop",
        "id_rule",
        "ignore_rows",
        "repair",
        "school_year",
        "load",
    ),
    True,
) | {"arrival": {"rows", "key_overlap", "max_bad_rows"}}
"""What of a declaration decides what a delivery becomes; when it is expected does not."""
