"""Words with numbers in them that say nothing of a figure."""

from types import SimpleNamespace

import pytest

from reports.declared_texts import site_texts


def texts_of(label: str) -> list[str]:
    """Return what a site with one reader of this name may say."""
    site = SimpleNamespace(title={"en": "A district"}, contact="")
    audiences = [SimpleNamespace(label={"en": label})]
    return site_texts(SimpleNamespace(audiences=SimpleNamespace(site=site, audiences=audiences)))


@pytest.mark.parametrize("label", ["Term 2", "T2", "Q1", "3rd grade", "P5 and P6"])
def test_a_declared_name_with_a_number_may_be_said(label):
    """A name has two letters in a row, or a letter right before its digit."""
    assert texts_of(label) == [label]


@pytest.mark.parametrize("label", ["2", "12 %", "2b", "5 m", "n 12", "1.5", "T 2"])
def test_what_could_be_a_figure_is_no_name(label):
    """A declared text that a figure could be written as does not keep that figure from being traced."""
    assert texts_of(label) == []
