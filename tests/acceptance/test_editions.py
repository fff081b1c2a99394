"""Editions of an instrument as people declare them: what was asked is frozen, and what replaces it says how."""

import base64
import re
from pathlib import Path

import pytest

from aimline.cli import main
from tests.support.declared import changed_copy
from tests.support.surveyed import LIST_ON, OPENS, Surveyed

KEY = base64.b64encode(bytes(32)).decode()
SEL = "instruments/student_sel.2026.yml"
NEW = """version: 1
instrument_id: student_sel
edition: "2027"
replaces: "2026"
overlap_years: [2027]
kind: survey
respondents: [student]
grades: 3-12
mode: confidential
option_sets:
  agree5:
    - {value: 1, label: {en: Strongly disagree, es: Muy en desacuerdo}}
    - {value: 2, label: {en: Disagree, es: En desacuerdo}}
    - {value: 3, label: {en: Neither, es: Ni uno ni otro}}
    - {value: 4, label: {en: Agree, es: De acuerdo}}
    - {value: 5, label: {en: Strongly agree, es: Muy de acuerdo}}
items:
  - {item_id: belonging_1, options: agree5, column: Q1_1, text: {en: I feel that I belong at this school.}}
  - {item_id: belonging_2, options: agree5, reverse: true, column: Q1_2, text: {en: I feel left out here.}}
scales:
  - {scale_id: belonging, label: {en: Belonging}, items: [belonging_1, belonging_2], favorable: {rule: top, of: {5: 2}}}
crosswalk:
  - {from: {edition: "2026", item_id: belonging_1}, to: belonging_1, match: exact}
  - {from: {edition: "2026", item_id: belonging_2}, to: belonging_2, match: reworded}
anchors: {alpha: [0.70, 0.86]}
"""
FALL = "    instrument: student_sel@2026\n    wave: 1\n"
ASKED = FALL.replace("2026", "2027")
BOTH = ("years/2026-27.yml", FALL, ASKED)


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what ``check`` says of instruments and years."""
    main(["check", str(folder)])
    lines = capsys.readouterr().out.splitlines()
    return [line for line in lines if re.match(r"riverbend/(instruments/student_sel|years)", line)]


CASES = {
    "all is said": ("", "", []),
    "it says not what it replaces": (
        'replaces: "2026"\noverlap_years: [2027]\n',
        "",
        [
            (
                "riverbend/instruments/student_sel.2027.yml:3:10: edition: 'student_sel@2027' is another edition "
                "beside '2026' and replaces none. "
                'Add replaces: "2026" and overlap_years, so that both are asked once.'
            )
        ],
    ),
    "it replaces none there is": (
        'replaces: "2026"',
        'replaces: "2025"',
        ["riverbend/instruments/student_sel.2027.yml:4:11: replaces: unknown edition '2025'. Did you mean '2026'?"],
    ),
    "no year of overlap": (
        "overlap_years: [2027]\n",
        "",
        [
            (
                "riverbend/instruments/student_sel.2027.yml:4:11: replaces: 'student_sel@2027' replaces '2026' without "
                "an overlap year, and changes belonging. Add overlap_years so that both are asked once."
            )
        ],
    ),
    "a year of overlap in which one alone is asked": (
        "overlap_years: [2027]",
        "overlap_years: [2026, 2027]",
        [
            (
                "riverbend/instruments/student_sel.2027.yml:5:17: overlap_years[0]: no window of 2026 asks with "
                "student_sel@2027. Ask with both editions in a year of overlap, or name another year."
            )
        ],
    ),
    "the edition before is asked after the overlap": (
        "overlap_years: [2027]",
        "overlap_years: [2026]",
        [
            (
                "riverbend/instruments/student_sel.2027.yml:5:17: overlap_years[0]: no window of 2026 asks with "
                "student_sel@2027. Ask with both editions in a year of overlap, or name another year."
            ),
            (
                "riverbend/years/2026-27.yml:38:17: windows[1].instrument: student_sel@2026 is asked in 2027; '2027' "
                "replaced it, and the overlap ended with 2026. Ask with student_sel@2027."
            ),
            (
                "riverbend/years/2026-27.yml:47:17: windows[2].instrument: student_sel@2026 is asked in 2027; '2027' "
                "replaced it, and the overlap ended with 2026. Ask with student_sel@2027."
            ),
        ],
    ),
    "it is asked before its overlap": (
        "overlap_years: [2027]",
        "overlap_years: [2028]",
        [
            (
                "riverbend/years/2026-27.yml:29:17: windows[0].instrument: student_sel@2027 is asked in 2027; it "
                "replaces '2026' from 2028 on. Ask with student_sel@2026, or name 2027 in overlap_years."
            )
        ],
    ),
    "called the same, and worded otherwise": (
        "match: reworded",
        "match: exact",
        [
            (
                "riverbend/instruments/student_sel.2027.yml:24:77: crosswalk[1].match: 'exact', and the text of "
                "'belonging_2' is not that of 'belonging_2'. Write reworded, or give it the same again."
            )
        ],
    ),
    "from an item that is not there": (
        "item_id: belonging_1}, to",
        "item_id: belonging_9}, to",
        [
            (
                "riverbend/instruments/student_sel.2027.yml:23:39: crosswalk[0].from.item_id: 'belonging_9' is no item "
                "of student_sel@2026."
            )
        ],
    ),
    "to an item that is not there": (
        "to: belonging_2",
        "to: belonging_3",
        [
            (
                "riverbend/instruments/student_sel.2027.yml:24:57: crosswalk[1].to: unknown item 'belonging_3'. "
                "Did you mean 'belonging_1'?"
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_edition_says_what_it_replaces(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each gap in what is said is told with its place and what to do."""
    old, new, expected = CASES[case]
    folder = changed_copy(tmp_path, *BOTH)
    (folder / "instruments/student_sel.2027.yml").write_text(NEW.replace(old, new, 1), encoding="utf-8")
    found = told(folder, capsys)
    assert [line[: len(each)] for line, each in zip(found, expected, strict=True)] == expected


def test_an_edition_that_asks_the_same_needs_no_overlap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where every scale goes on as it was, one day is as good as another."""
    folder = changed_copy(tmp_path, *BOTH)
    old = (folder / SEL).read_text(encoding="utf-8")
    ids = re.findall(r"item_id: (\w+)", old)
    lines = "".join(f'  - {{from: {{edition: "2026", item_id: {i}}}, to: {i}, match: exact}}\n' for i in ids)
    new = old.replace('edition: "2026"\n', 'edition: "2027"\nreplaces: "2026"\n') + f"crosswalk:\n{lines}"
    (folder / "instruments/student_sel.2027.yml").write_text(new, encoding="utf-8")
    assert told(folder, capsys) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("I am calm.", "I feel calm.", "9:9: items[0]: text changed"),
        ("label: {en: b}", "label: {en: B}", "9:9: items[0]: options changed"),
        ("item_id: calm, options", "item_id: calm, reverse: true, options", "9:9: items[0]: direction changed"),
    ],
)
def test_what_was_asked_is_frozen(
    old: str, new: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first use of an edition each change of an item is an error, where it stands; before it is none."""
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    district = Surveyed(tmp_path)
    file = district.folder / "instruments/pulse.1.yml"
    text = file.read_text(encoding="utf-8")
    district.night(LIST_ON)
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert "first use" not in district.run("check", on="2018-10-24")[1]
    file.write_text(text, encoding="utf-8")
    district.night(OPENS)
    file.write_text(text.replace(old, new), encoding="utf-8")
    code, found = district.run("check", on="2018-10-30")
    wanted = f"instruments/pulse.1.yml:{message} since first use on 2018-10-29. Start a new edition and add a crosswalk"
    assert (code, wanted in found) == (2, True), found
