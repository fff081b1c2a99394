"""Test a release: whole or not at all, one name for one night, a pointer that only moves forward."""

import shutil
from datetime import UTC, date, datetime

import pytest

from aimline.errors import TransformError, UsageError
from aimline.journal import Event, open_journal
from aimline.ledger import TRUTH, Freezing, current, freeze, load, promote
from aimline.ledger.releases import KEPT
from aimline.storage import open_store
from aimline.transform import WAREHOUSE, BuildReport, staying_open
from aimline.warehouse import connect
from schemas.published import TABLES


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """The file of a warehouse with empty published tables, one measure row and a secret."""
    path = tmp_path_factory.mktemp("warehouse") / WAREHOUSE
    with connect(path, role="build") as connection:
        connection.execute("create schema landed")
        connection.execute("create table landed.batches as select 'b1' as batch_id")
        connection.execute("create table fct_measures as select 7 as n_people")
        for name, table in TABLES.items():
            connection.execute(f"create table {name} ({', '.join(f'{c.name} {c.type}' for c in table.columns)})")
        connection.execute("insert into rpt_units by name select 'board' as audience_id, 'd' as reader_unit_id, "
                           "'d' as unit_id, true as is_own")  # fmt: skip
    return path


@pytest.fixture
def night(tmp_path, warehouse):
    """A function that publishes a night and returns its release."""
    store = open_store(tmp_path / "state")
    shutil.copy(warehouse, store.path(WAREHOUSE))
    journal = open_journal(store)

    def request(day, build_id="b", plan="p"):
        report = BuildReport(f"{build_id}{day}", day, "done", WAREHOUSE)
        return Freezing(store, journal, "d", report, plan, "c", datetime(2027, 1, day.day, tzinfo=UTC))

    yield request
    journal.close()


def passing(_connection):
    """Let everything pass."""


def publish(request):
    """Freeze and promote."""
    return promote(request, freeze(request, passing), {"gate": {"passed": True}})


def day(number):
    """Return a day of January."""
    return date(2027, 1, number)


def test_release_holds_published_tables_alone(night):
    """The snapshot has every published table, nothing else, and the manifest names what it is made from."""
    release = publish(night(day(4)))
    with connect(release.snapshot, role="release", read_only=True) as connection:
        names = {row["name"] for row in connection.rows("select table_name as name from duckdb_tables()")}
        assert connection.rows("select unit_id from rpt_units") == [{"unit_id": "d"}]
    assert names == set(TABLES)
    assert release.manifest["batch_ids"] == ["b1"]
    assert release.manifest["gate"] == {"passed": True}


def test_a_warehouse_that_stays_open_is_frozen_alike(night):
    """Nothing of a release tells whether the warehouse was opened for it; the next night's is made beside it too."""
    requests = night(day(4)), night(day(5))
    store = requests[0].store
    alone = [freeze(request, passing) for request in requests]
    with staying_open(store):
        with connect(store.path(WAREHOUSE), role="night") as connection:
            connection.execute("create table made_tonight as select 1 as no")
        kept = [freeze(request, passing) for request in requests]
    for one, other in zip(alone, kept, strict=True):
        assert one.manifest == other.manifest
        assert one.snapshot.read_bytes() == other.snapshot.read_bytes()


def test_evidence_shows_snapshot_and_truth_and_lets_nothing_be_written(night):
    """The gate reads the snapshot by bare names and the true rows beside it."""
    request = night(day(4))

    def judge(connection):
        assert connection.rows("select count(*) as n from rpt_units") == [{"n": 1}]
        assert connection.rows(f"select n_people from {TRUTH}") == [{"n_people": 7}]
        connection.execute("create temp table notes as select unit_id from rpt_units")
        connection.execute("delete from rpt_units")

    with pytest.raises(TransformError):
        freeze(request, judge)
    assert not any(request.store.path(".temp").iterdir())


def test_same_night_twice_is_one_release(night):
    """The second time nothing is frozen, moved or told."""
    request = night(day(4))
    first = publish(request)
    again = freeze(request, passing)
    assert not again.is_new
    assert promote(request, again, {}).manifest == first.manifest
    assert len(request.journal.events("release_promoted")) == 1


def test_other_facts_or_code_make_another_release(night):
    """The name is made from the build, the declared facts and the code."""
    ids = {night(day(4)).release_id, night(day(4), build_id="x").release_id, night(day(4), plan="q").release_id}
    assert len(ids) == 3


def test_equal_rows_have_equal_digests(night):
    """DuckDB's bytes differ from run to run; the digest is over the rows."""
    one, other = freeze(night(day(4)), passing), freeze(night(day(5)), passing)
    assert one.manifest["snapshot"] == other.manifest["snapshot"]


def test_unfinished_release_is_not_seen(night):
    """Killed before the move, nothing of the release is there; killed after it, the next run sets the pointer."""
    request = night(day(4))
    staged = freeze(request, passing)
    assert load(request.store, staged.release_id) is None
    assert current(request.store) is None
    publish(request)
    request.store.remove("releases/current")
    promote(request, freeze(request, passing), {})
    assert current(request.store).release_id == staged.release_id


def test_pointer_never_moves_to_an_earlier_day(night):
    """A replayed earlier night is kept as a release and does not set readers back."""
    publish(night(day(8)))
    earlier = publish(night(day(4)))
    assert current(night(day(8)).store).as_of == day(8)
    assert load(night(day(4)).store, earlier.release_id) is not None


def test_old_releases_go_unless_a_review_rests_on_them(night):
    """The newest stay, and the evidence of a review."""
    pinned = publish(night(day(4)))
    request = night(day(4))
    told = Event("review_frozen", "2027_mid_year", day(4), "k", {"release_id": pinned.release_id})
    request.journal.append([told], at=request.at)
    days = range(5, 5 + KEPT + 2)
    releases = [publish(night(day(number))) for number in days]
    held = {path.name for path in request.store.path("releases").iterdir() if path.is_dir()}
    assert held == {pinned.release_id, *(release.release_id for release in releases[-KEPT:])}


def test_name_that_is_none_is_refused(night):
    """A name with a path in it names no release."""
    with pytest.raises(UsageError, match="not the name of a release"):
        load(night(day(4)).store, "../warehouse")
