"""``aimline decide``: a decision is recorded once, on figures people saw, in the file that people keep."""

import json
import shutil

import pytest

from aimline.cli import main
from aimline.commands.reviews import freeze_reviews, record_decisions
from aimline.ledger.reviews import frozen_figures, frozen_reviews
from aimline.settings import load_deployment
from tests.support.declared import ROOT
from tests.support.reviewed import RELEASE, night_of, put_release, snapshot_of_release

REVIEW = "2027_mid_year"
WORDS = ("--what", "Give every class a fixed hour.", "--why", "Lessons fell out where they had no hour.")
DATES = ("--due", "2027-02-26", "--revisit", "2027-05-20")
ABOUT = ("--about", "strategy:s_lessons", "--disposition", "adapt", "--owner", "sel_lead")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Published tables of one release."""
    return snapshot_of_release(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def frozen_state(tmp_path_factory, snapshot):
    """A state root in which the mid-year review is frozen."""
    context = night_of("riverbend", tmp_path_factory.mktemp("frozen") / "state")
    put_release(context, snapshot)
    freeze_reviews(context)
    context.journal.close()
    return context.store.root


@pytest.fixture
def desk(tmp_path, frozen_state):
    """A copy of Riverbend whose mid-year review is frozen, and a way to call the verb."""
    folder = tmp_path / "riverbend"
    shutil.copytree(ROOT / "deployments" / "riverbend", folder)
    shutil.copytree(frozen_state, tmp_path / "state")
    return Desk(folder, night_of(folder, tmp_path / "state"))


class Desk:
    """The copy, its context, its frozen figures."""

    def __init__(self, folder, context):
        self.folder, self.context = folder, context
        self.file = folder / "decisions" / f"{REVIEW}.yml"
        rows = frozen_figures(context.store, frozen_reviews(context.journal)[REVIEW])
        whole = [row for row in rows if row["unit_type"] == "district" and row["group_id"] == "all"]
        self.shown = next(row for row in whole if row["indicator_id"] == "belonging")
        self.hidden = next((row for row in rows if row["is_suppressed"]), None)

    def decide(self, *words):
        """Call the verb on the day of the meeting."""
        state = str(self.context.store.root)
        return main(["decide", str(self.folder), "mid_year", *words, "--as-of", "2027-01-11", "--state", state])

    def events(self):
        """Return what the journal tells of decisions."""
        return [event.payload for event in self.context.journal.events("decision_recorded")]


def test_a_decision_goes_round(desk, capsys):
    """What is recorded stands in the deployment's file, in the state root and in the journal, with what was seen."""
    code = desk.decide(*ABOUT, *WORDS, *DATES, "--evidence", desk.shown["figure_id"])
    out = capsys.readouterr().out
    (decision,) = load_deployment(desk.folder).decisions[REVIEW].decisions
    assert code in {0, 1}
    assert (decision.decision_id, decision.disposition, decision.decided_by) == (f"{REVIEW}_01", "adapt", "sel_lead")
    pin = decision.evidence[0]
    assert (pin.release_id, pin.seen) == (RELEASE, desk.shown["value_text"])
    (event,) = desk.events()
    kept = json.loads(desk.context.store.read(f"decisions/{REVIEW}/{event['digest']}.json"))
    assert kept["what"] == "Give every class a fixed hour."
    assert f"{REVIEW}_01 saved (digest {event['digest'][:12]})" in out


def test_the_same_decision_twice_is_one(desk, capsys):
    """A second call with the same words changes nothing and says so."""
    words = (*ABOUT, *WORDS, *DATES, "--evidence", desk.shown["figure_id"])
    desk.decide(*words)
    before = desk.file.read_bytes()
    capsys.readouterr()
    desk.decide(*words)
    assert "was there already" in capsys.readouterr().out
    assert (desk.file.read_bytes(), len(desk.events())) == (before, 1)


def test_comments_of_the_file_survive(desk):
    """A decision is added below what people wrote, comments and all."""
    desk.decide(*ABOUT, *WORDS, *DATES, "--evidence", desk.shown["figure_id"])
    text = desk.file.read_text(encoding="utf-8").replace("decisions:", "# agreed in the second hour\ndecisions:")
    desk.file.write_text(text, encoding="utf-8")
    other = ("--about", "strategy:s_calls", "--disposition", "continue", "--owner", "attendance_lead")
    desk.decide(*other, *WORDS, *DATES, "--evidence", desk.shown["figure_id"])
    after = desk.file.read_text(encoding="utf-8")
    assert after.startswith(text.rstrip())
    assert [each.decision_id[-2:] for each in load_deployment(desk.folder).decisions[REVIEW].decisions] == ["01", "02"]


def test_a_file_says_the_same_as_the_options(desk, tmp_path):
    """The same answers by a file give the same digest."""
    figure = desk.shown["figure_id"]
    desk.decide(*ABOUT, *WORDS, *DATES, "--evidence", figure)
    answers = tmp_path / "answers.yml"
    answers.write_text(
        "decisions:\n  - about: {strategy_id: s_lessons}\n    disposition: adapt\n"
        f"    what: {WORDS[1]}\n    why: {WORDS[3]}\n    owner: {{role: sel_lead}}\n"
        f"    due_on: 2027-02-26\n    revisit_on: 2027-05-20\n    evidence: [{figure}]\n",
        encoding="utf-8",
    )
    desk.decide("--from", str(answers))
    assert len(desk.events()) == 1


def test_a_decision_written_by_hand_is_recorded_by_the_night(desk):
    """The night records what the file says, once, and the verb's decisions are known to it."""
    desk.decide(*ABOUT, *WORDS, *DATES, "--evidence", desk.shown["figure_id"])
    text = desk.file.read_text(encoding="utf-8")
    desk.file.write_text(text.replace("a fixed hour", "a fixed hour, on Tuesdays"), encoding="utf-8")
    night = night_of(desk.folder, desk.context.store.root, desk.context.clock.as_of.replace(day=12))
    assert record_decisions(night) == (f"{REVIEW}_01",)
    assert record_decisions(night) == ()


def test_above_the_limit_is_proposed(desk, capsys):
    """A cost above what the role may decide is saved as proposed, for the body above it."""
    words = (*ABOUT, *WORDS, *DATES, "--evidence", desk.shown["figure_id"])
    desk.decide(*words, "--amount", "14000")
    (decision,) = load_deployment(desk.folder).decisions[REVIEW].decisions
    assert (decision.status, decision.escalated_to) == ("proposed", "cabinet")
    assert "proposed, escalated to cabinet" in capsys.readouterr().out


REFUSED = {
    "no such figure": (("--evidence", "fig_aaaaaaaaaaaa"), "fig_aaaaaaaaaaaa is not in release"),
    "no figure": ((), "2027_mid_year_01 is decided on no figure. Pin at least one, or say no_evidence_because."),
    "unknown strategy": (("--about", "strategy:s_lesons"), "unknown strategy 's_lesons'. Did you mean 's_lessons'?"),
    "unknown role": (("--owner", "sel_leed"), "unknown role 'sel_leed'. Did you mean 'sel_lead'?"),
    "looked at before it is done": (("--revisit", "2027-02-01"), "revisit_on 2027-02-01 is not after due_on"),
    "not its right": (("--by", "attendance_lead"), "attendance_lead may not decide strategy_disposition."),
    "stop without a reason": (("--disposition", "stop"), "stop needs a reason."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_decision_is_refused_and_nothing_written(desk, capsys, name):
    """The message says what is wrong; neither file nor journal holds anything of it."""
    words, message = REFUSED[name]
    figure = () if "figure" in name else ("--evidence", desk.shown["figure_id"])
    code = desk.decide(*ABOUT, *WORDS, *DATES, *figure, *words)
    told = capsys.readouterr().err
    assert (code, message in told, "Traceback" in told) == (2, True, False), told
    assert (desk.file.exists(), desk.events()) == (False, [])


def test_a_hidden_figure_cannot_be_cited(desk, capsys):
    """What protects a small group is no evidence for anybody."""
    assert desk.hidden is not None
    code = desk.decide(*ABOUT, *WORDS, *DATES, "--evidence", desk.hidden["figure_id"])
    assert (code, "is not shown to protect privacy and cannot be cited" in capsys.readouterr().err) == (2, True)


def test_without_a_decision_the_figures_are_listed(desk, capsys):
    """Called with nothing to record, it shows what can be cited and what waits."""
    desk.decide()
    out = capsys.readouterr().out
    assert desk.shown["figure_id"] in out
    assert desk.hidden["figure_id"] not in out


def test_evidence_must_be_frozen_first(tmp_path, capsys):
    """Before its packet, a review decides nothing: the message says when the packet is due."""
    code = main(["decide", "riverbend", "mid_year", "--as-of", "2027-01-05", "--state", str(tmp_path)])
    told = capsys.readouterr().err
    assert code == 2
    assert "2027_mid_year has no frozen evidence as of 2027-01-05; its packet is due on 2027-01-06." in told


def test_a_misspelt_review_is_guessed(tmp_path, capsys):
    """A near miss is named."""
    assert main(["decide", "riverbend", "midyear", "--as-of", "2027-01-11", "--state", str(tmp_path)]) == 2
    assert "no review 'midyear' in riverbend. Did you mean 'mid_year'?" in capsys.readouterr().err


def test_a_deployment_nobody_may_write_is_left_alone(desk, monkeypatch, capsys):
    """The file waits in the outbox of the state root, and the message says where to copy it."""
    monkeypatch.setattr("aimline.ledger.decision_files._put", lambda *_: False)
    desk.decide(*ABOUT, *WORDS, *DATES, "--evidence", desk.shown["figure_id"])
    assert desk.context.store.exists(f"outbox/decisions/{REVIEW}.yml")
    assert (desk.file.exists(), "copy it to decisions/2027_mid_year.yml" in capsys.readouterr().out) == (False, True)


def test_programs_read_json(desk, capsys):
    """What can be cited, what was saved and what is left, as JSON."""
    desk.decide("--json")
    listed = json.loads(capsys.readouterr().out)
    assert desk.shown["figure_id"] in {row["figure_id"] for row in listed["figures"]}
    desk.decide(*ABOUT, *WORDS, *DATES, "--evidence", desk.shown["figure_id"], "--json")
    saved = json.loads(capsys.readouterr().out)
    assert [row["decision_id"] for row in saved["decisions"]] == [f"{REVIEW}_01"]
    assert "s_lessons" not in {row["id"] for row in saved["must_decide"]}
    assert {row["id"] for row in listed["must_decide"]} >= {row["id"] for row in saved["must_decide"]}


def test_what_is_decided_becomes_due(desk, capsys):
    """A decision's own dates stand in the calendar of the year."""
    desk.decide(*ABOUT, *WORDS, *DATES, "--evidence", desk.shown["figure_id"])
    capsys.readouterr()
    assert main(["calendar", str(desk.folder), "--year", "2027", "--json"]) == 0
    items = {item["id"]: item["due_on"] for item in json.loads(capsys.readouterr().out)["items"]}
    assert items["mid_year_01.due"] == "2027-02-26"
    assert items["mid_year_01.revisit"] == "2027-05-20"


BAD_FILES = {
    "nothing there": (None, "there is no file answers.yml."),
    "not YAML": ("decisions: [", "answers.yml:1:13: this is not YAML"),
    "no decisions": ("- just words\n", "answers.yml:1:1: this holds no decisions."),
    "a key that is none": ("decisions:\n  - {abuot: {strategy_id: s_lessons}}\n", "abuot: unknown key 'abuot'."),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_used_says_why(desk, tmp_path, capsys, name):
    """Exit 2 and one message; nothing is written."""
    text, message = BAD_FILES[name]
    answers = tmp_path / "answers.yml"
    if text is not None:
        answers.write_text(text, encoding="utf-8")
    code = desk.decide("--from", str(answers))
    told = capsys.readouterr().err
    assert (code, message in told, desk.file.exists()) == (2, True, False), told
