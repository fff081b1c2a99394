"""Attack random small districts: what the protection leaves must give nothing back, and the gate must agree."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimline.disclosure import release_gate
from aimline.errors import DisclosureError
from tests.support.disclosure_tables import attack, betrayed, cell_id, district
from tests.support.gate_bench import POLICY, gaps_of, release

COUNTS = st.one_of(st.integers(0, 14), st.integers(0, 200))
SMALL = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def districts(draw):
    """Draw one to three layers of two to five schools with one or two group sets that cover every student or not."""
    groups = draw(
        st.lists(st.sampled_from(["lang/a", "lang/b", "band/x", "band/y", "band/z"]), min_size=1, unique=True)
    )
    names = [f"s{number}" for number in range(draw(st.integers(2, 5)))]
    layers = []
    for _ in range(draw(st.integers(1, 3))):
        schools = {}
        for name in names:
            counts = {group: draw(COUNTS) for group in groups}
            sums = [sum(n for g, n in counts.items() if g.startswith(s)) for s in {g.split("/")[0] for g in groups}]
            schools[name] = {**counts, "all": max(sums) + draw(st.sampled_from([0, 0, 3, 25]))}
        layers.append(district(schools))
    return layers


@settings(SMALL, max_examples=300)
@given(districts())
def test_protection_resists_one_subtraction(layers):
    """No hidden cell of any layer follows from one subtraction or addition of what is shown."""
    assert attack(layers, gaps_of(layers), POLICY.n_min) == []


@settings(SMALL, max_examples=100)
@given(districts())
def test_empty_cells_are_never_hidden_as_small(layers):
    """A cell that is empty in every layer is not hidden: that nobody is there is known."""
    gaps = gaps_of(layers)
    empty = {cell_id(key) for key in layers[0] if not any(layer.get(key) for layer in layers)}
    assert not gaps & empty


@SMALL
@given(districts())
def test_gate_agrees_with_the_attacker(layers):
    """The gate, which shares no code with the protection, passes what was protected."""
    release_gate(release(layers, gaps_of(layers)))


@SMALL
@given(districts(), st.integers(0, 100))
def test_gate_sees_what_the_attacker_sees(layers, chosen):
    """When one hidden cell is shown again, the gate refuses just where a chain of sums leads to a small group."""
    gaps = sorted(gaps_of(layers))
    left = set(gaps) - {gaps[chosen % len(gaps)]} if gaps else set()
    small = [key for layer in layers for key, n in layer.items() if 0 < n < POLICY.n_min and cell_id(key) not in left]
    try:
        release_gate(release(layers, left))
    except DisclosureError:
        assert small or betrayed(layers, left, POLICY.n_min)
    else:
        assert not small
        assert not betrayed(layers, left, POLICY.n_min)
