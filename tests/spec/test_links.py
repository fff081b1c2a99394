"""``link`` of a policy: what a total over schools hides comes from enough schools, and is a large, mixed pool."""

import pytest

from aimline.disclosure.instance import instance_of
from aimline.disclosure.layers import Layer
from aimline.disclosure.policy import with_policy
from aimline.disclosure.protect import protect
from aimline.disclosure.proving import proved_gaps
from tests.support.sdc import data_of

SCHOOLS = {"s1": (6, 3), "s2": (14, 7), "s3": (15, 8), "s4": (30, 3), "s5": (60, 30)}


def asked(schools, policy):
    """Return a district total over schools under a policy."""
    whole = tuple(sum(pair[place] for pair in schools.values()) for place in (0, 1))
    unit = {name: {"unit": "school", "unit_id": name, "grade": "all", "group": "el"} for name in schools}
    more = unit | {"D": {"unit": "district", "unit_id": "D", "grade": "all", "group": "el"}}
    data = data_of({"D": whole, **schools}, {"D": list(schools)}, more=more)
    return with_policy(instance_of(data, "made.json"), policy, "policy.yml")


def hidden(schools=SCHOOLS, **policy):
    """Protect a district total over schools; return what is hidden."""
    made = protect(asked(schools, policy))
    assert not made.refusal
    return made.audit.instance.names(made.gaps)


@pytest.mark.parametrize(
    ("link", "least"),
    [
        ({"min_schools": 3}, (3, 20, 5)),
        ({"min_schools": 4}, (4, 20, 5)),
        ({"min_pool": 40}, (3, 40, 5)),
        ({"min_minority_pool": 19}, (3, 20, 19)),
    ],
)
def test_a_total_over_schools_hides_enough_of_them(link, least):
    """Schools, students, favourable and others."""
    n, x = (sum(SCHOOLS[name][place] for name in hidden(link=link)) for place in (0, 1))
    assert len(hidden(link=link)) >= least[0]
    assert n >= least[1]
    assert min(x, n - x) >= least[2]


def test_without_the_key_no_school_more_is_hidden():
    """Two schools hide each other; that is what the audit asks."""
    assert hidden() == ["s1", "s2"]


def test_two_who_talk_ask_for_one_school_more():
    """With a coalition of two, what is left after two are known still comes from as many schools."""
    assert len(hidden(link={"min_schools": 3}, coalition=2)) == 4


def test_where_schools_are_too_few_the_total_is_hidden():
    """Three schools are asked for, and there are two."""
    assert hidden({"s1": (6, 3), "s2": (14, 7)}, link={"min_schools": 3}) == ["D", "s1"]


def test_nothing_is_asked_for_where_nothing_is_hidden():
    """A total over large schools stays as it is."""
    assert hidden({"s1": (20, 10), "s2": (30, 15)}, link={"min_schools": 3}) == []


@pytest.mark.parametrize(("policy", "n_schools"), [({}, 2), ({"link": {"min_schools": 4}}, 4)])
def test_the_nights_of_a_district_ask_for_it_too(policy, n_schools):
    """A pattern that the audit lets pass gets the schools that are missing, and keeps them."""
    layer = Layer(asked(SCHOOLS, policy))
    assert len(proved_gaps({"s1": "primary", "s2": "secondary"}, {"one": layer})) == n_schools
