"""Run one verb of a year for a district: ``python -m benchmarks.plan_year VERB FOLDER``.

The large district is Riverbend with 1,600 schools and 60 windows: every second school has a day of its own, forty
schools each had a day of snow, some windows ask different grades of some schools. The dense district is Riverbend with
51 windows for the same families, who have as many school days as they need, or not quite.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from aimline.cli import main as aimline

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "deployments/riverbend"
YEAR, AS_OF = "years/2026-27.yml", "2026-07-15"
N_SCHOOLS, N_WINDOWS = 1_600, 60
SNOW = ("2027-02-03", "2027-02-04", "2027-02-08")
N_DENSE, N_FREE = 51, 178
GRADES = ("3-5", "6-8", "9-12")


def main(words: list[str]) -> None:
    """Run the verb, say nothing of what it prints, and print the year; what it finds is no matter here."""
    verb, folder = words
    seen = [] if verb == "check" else ["--as-of", AS_OF, "--state", str(Path(folder) / "no-state")]
    with TemporaryDirectory() as home, Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        os.environ["AIMLINE_HOME"] = home  # an answer that is kept would be no work
        aimline([verb, folder, "--year", "2027", *seen])
    print(2027)


def large_district(folder: Path) -> Path:
    """Make the folder of a district with many schools and windows, and return it."""
    shutil.copytree(SMALL, folder)
    district = folder / "district.yml"
    text = district.read_text(encoding="utf-8")
    district.write_text(text[: text.index("clusters:")], encoding="utf-8")
    path = folder / YEAR
    text = path.read_text(encoding="utf-8")
    schools = [f"{number:04d}" for number in range(1, N_SCHOOLS + 1)]
    text = text.replace("closures:\n", "closures:\n" + "".join(_snow(schools)), 1)
    text = text.replace("terms:\n", "".join(_own_days(schools)) + "terms:\n", 1)
    text = text.replace("reviews:\n", "".join(_windows()) + "reviews:\n", 1)
    path.write_text(text, encoding="utf-8")
    return folder


def dense_district(folder: Path, n_short: int) -> Path:
    """Make the folder of a district that has 178 school days and asks the same families 51 times, and return it.

    Args:
        folder: Where to.
        n_short: How many school days more the windows need than there are; below zero, how many they leave.
    """
    shutil.copytree(SMALL, folder)
    path = folder / YEAR
    text = path.read_text(encoding="utf-8").replace(
        "closures:\n", "closures:\n  - {date: 2026-08-20, kind: holiday}\n", 1
    )
    text = text.replace("expect: {on_site_days: 178,", "expect: {on_site_days: 177,", 1)
    n_longer = N_FREE + n_short - (3 * N_DENSE - 1)
    lines = (
        f"  - {{id: dense_{number:02d}, kind: activity, respondents: {{family: all}}, min_gap_school_days: 1, "
        f"opens: {{nth_school_day: {1 + number * 171 // N_DENSE}}}, "
        f"length: {{school_days: {2 + (number < n_longer)}}}, sources: [activity_log]}}\n"
        for number in range(N_DENSE)
    )
    path.write_text(text.replace("reviews:\n", "".join(lines) + "reviews:\n", 1), encoding="utf-8")
    return folder


def _snow(schools: list[str]) -> Iterator[str]:
    for number, day in enumerate(SNOW):
        some = ", ".join(f'"{each}"' for each in schools[number * 40 : number * 40 + 40])
        yield f"  - {{date: {day}, kind: snow, declared_on: {day}, schools: [{some}]}}\n"


def _own_days(schools: list[str]) -> Iterator[str]:
    for number, school_id in enumerate(schools[::2]):
        yield f'  - {{schools: ["{school_id}"], closed: [2026-10-{5 + number % 5:02d}]}}\n'


def _windows() -> Iterator[str]:
    """Yield windows beside the nine that Riverbend has, each a few school days after the one before.

    Every third asks students of some grades in forty schools, so that some are in the way of the surveys.
    """
    for number in range(N_WINDOWS - 9):
        opens, grades = 20 + number * 3 % 140, GRADES[number // 3 % len(GRADES)]
        schools = ", ".join(f'"{number * 30 + each:04d}"' for each in range(1, 41))
        asked = f"respondents: {{student: {{grades: {grades}, schools: [{schools}]}}}}, " if number % 3 == 0 else ""
        yield (
            f"  - {{id: check_in_{number}, kind: activity, {asked}"
            f"opens: {{nth_school_day: {opens}}}, length: {{school_days: 2}}, sources: [activity_log]}}\n"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
