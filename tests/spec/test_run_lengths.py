"""Run lengths against published tables. Sources: Lucas and Saccucci 1990; Montgomery; Champ and Woodall 1987."""

import pytest

from aimline.signals.arl import Cusum, Ewma, Mean, critical_value, cusum_arl, ewma_arl, nhs_arl, rules_arl
from tests.support.charted import said

SHIFTS = (0.0, 0.25, 0.5, 1.0, 2.0)


@pytest.mark.parametrize(("shift", "published"), list(zip(SHIFTS, (500, 150, 41.8, 10.5, 3.74), strict=True)))
def test_ewma_runs_as_published(shift: float, published: float) -> None:
    """Weight 0.2 and limits of 2.962 (Lucas and Saccucci 1990, table 3)."""
    assert ewma_arl(Ewma(), Mean(shift)) == pytest.approx(published, rel=2e-3, abs=0.05)


@pytest.mark.parametrize(("shift", "published"), list(zip(SHIFTS, (465, 139, 38.0, 10.4, 4.01), strict=True)))
def test_cusum_runs_as_published(shift: float, published: float) -> None:
    """Reference 0.5 and interval 5 (Montgomery, table 9.3)."""
    assert cusum_arl(Cusum(), Mean(shift)) == pytest.approx(published, rel=4e-3)


@pytest.mark.parametrize(
    ("rules", "published"),
    [
        (("1",), 370.40),
        (("1", "2of3"), 225.44),
        (("1", "4of5"), 166.05),
        (("1", "run8"), 152.73),
        (("1", "2of3", "4of5"), 132.89),
        (("1", "2of3", "4of5", "run8"), 91.75),
    ],
)
def test_rules_run_as_published(rules: tuple[str, ...], published: float) -> None:
    """Joined rules without a shift (Champ and Woodall 1987, table 1)."""
    assert rules_arl(rules, Mean()) == pytest.approx(published, abs=0.01)


def test_limits_that_vary_in_time_find_early_shifts_sooner() -> None:
    """Limits of the first values are narrower, so no run is longer; with weight 1 both are a Shewhart chart."""
    assert all(ewma_arl(Ewma(varies=True), Mean(s)) < ewma_arl(Ewma(), Mean(s)) for s in SHIFTS)
    assert ewma_arl(Ewma(1.0, 3.0, varies=True), Mean()) == pytest.approx(370.398, abs=1e-3)


def test_fast_response_runs_as_published() -> None:
    """A head start of half the interval: 430 without a shift, 6.35 at one sigma (Lucas and Crosier 1982)."""
    scheme = Cusum(head_start=2.5)
    assert cusum_arl(scheme, Mean()) == pytest.approx(430, rel=2e-3)
    assert cusum_arl(scheme, Mean(1.0)) == pytest.approx(6.35, rel=2e-3)


@pytest.mark.parametrize("scheme", [Ewma(), Ewma(varies=True), Cusum(), Cusum(is_one_sided=True)])
def test_critical_value_has_the_run_length_it_was_solved_for(scheme: Ewma | Cusum) -> None:
    """Solving a limit and asking for its run length meet."""
    name, value = critical_value(scheme, 320.0)
    arl = ewma_arl(Ewma(0.2, value, scheme.varies), Mean()) if isinstance(scheme, Ewma) else None
    arl = arl or cusum_arl(Cusum(0.5, value, getattr(scheme, "is_one_sided", False)), Mean())
    assert (name, arl) == ("L" if isinstance(scheme, Ewma) else "h", pytest.approx(320.0, rel=1e-8))


def test_slow_drift_is_found_later_than_a_fast_one() -> None:
    """Without drift in the limit the run length is that of no shift; each scheme finds a faster drift sooner."""
    one_sided = Cusum(h=2.0, is_one_sided=True)
    for length in (
        lambda drift: ewma_arl(Ewma(limit=1.5), Mean(drift=drift)),
        lambda drift: cusum_arl(one_sided, Mean(drift=drift)),
        lambda drift: rules_arl(("1", "run4"), Mean(drift=drift)),
    ):
        assert length(0.2) < length(0.05) < length(0.0)
        assert length(1e-9) == pytest.approx(length(0.0), rel=1e-4)


def test_nhs_rules_are_simulated_with_their_error() -> None:
    """About 80 values without a shift; the same seed gives the same answer."""
    found = nhs_arl(Mean(), 4000, 7)
    assert abs(found.arl - 86.5) < 4 * found.se
    assert found == nhs_arl(Mean(), 4000, 7)


def test_arl_prints_a_row_a_shift() -> None:
    """Scheme, parameters, shift, length; the simulated one its error; a design its critical value."""
    assert said("arl", "--scheme", "ewma", "--shift", "0,1").columns == "scheme,parameters,shift,arl"
    assert said("arl", "--scheme", "nhs", "--draws", 50).columns.endswith(",arl,se")
    design = said("arl", "--scheme", "cusum", "--arl0", 500).rows[0]
    assert list(design) == ["scheme", "parameters", "target_arl0", "name", "critical_value"]
    assert said("arl", "--scheme", "rules", "--arl0", 500).code == 2
    assert "run8" in said("arl", "--scheme", "rules", "--rules", "5of6").err


@pytest.mark.parametrize(
    "words",
    [
        ("cusum", "--k", -1, "--h", 1),
        ("cusum", "--k", 99, "--arl0", 100),
        ("cusum", "--h", 1e6),
        ("ewma", "--lambda", 1e-4, "--arl0", 500),
        ("cusum", "--shift", 1e300),
        ("rules", "--rules", "1;run51"),
        ("rules", "--rules", "1;run99999"),
    ],
)
def test_what_cannot_be_worked_out_is_refused(words: tuple[object, ...]) -> None:
    """A number outside what the equations resolve is wrong usage, never a wrong length."""
    found = said("arl", "--scheme", *words)
    assert (found.code, found.rows) == (2, [])
