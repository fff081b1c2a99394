"""Say what an association of a student with an organization tells of the student: one row an attribute.

Only what is told becomes a row: a host that says nothing of a disability does not say that there is none. What a
descriptor means is said for those of the Ed-Fi Alliance; a state's own are declared under ``codes`` of the source.
"""

from collections.abc import Iterable, Iterator, Mapping

RESOURCE = "studentEducationOrganizationAssociations"
STUDENT = "studentReference.studentUniqueId"
KEY = ("educationOrganizationReference.educationOrganizationId", STUDENT)
SEX, HISPANIC, RACE = "sexDescriptor", "hispanicLatinoEthnicity", "races.raceDescriptor"
ENGLISH, DISABILITY = "limitedEnglishProficiencyDescriptor", "disabilities.disabilityDescriptor"
TRAIT = "studentCharacteristics.studentCharacteristicDescriptor"
KEPT = (SEX, HISPANIC, RACE, ENGLISH, DISABILITY, TRAIT)
YES = "Y"

COLUMNS: tuple[Mapping[str, str], ...] = (
    {"name": "student_key", "from": STUDENT},
    {"name": "attribute", "from": "attribute"},
    {"name": "value", "from": "value"},
)

_RACES = {
    **dict.fromkeys(("American Indian or Alaska Native", "American Indian - Alaska Native"), "american_indian"),
    **dict.fromkeys(("Black or African American", "Black - African American"), "black"),
    **dict.fromkeys(("Native Hawaiian or Pacific Islander", "Native Hawaiian - Pacific Islander"), "pacific_islander"),
}
_RACES |= {"Asian": "asian", "White": "white", "Hispanic or Latino": "hispanic", "Other": "other"}
_RACES |= {"Middle Eastern or North African": "middle_eastern", "Choose Not to Respond": "not_told"}
_SEXES = {"Female": "female", "Male": "male", "Non-binary": "non_binary", "Not Selected": "not_told"}
_ENGLISH = {"Limited": YES, "NotLimited": "N", "Not Limited": "N"}
_ENGLISH |= {f"Limited{gap}Monitored{gap}{year}": "N" for gap in ("", " ") for year in (1, 2)}
_TRAITS = {"Economic Disadvantaged": "economic", "Homeless": "housing", "Foster Care": "foster_care"}
_OWN = ("hispanic", "two_or_more", YES)


def _uris(descriptor: str, meanings: Mapping[str, str]) -> dict[str, str]:
    return {f"uri://ed-fi.org/{descriptor}Descriptor#{word}": code for word, code in meanings.items()}


CODES: Mapping[str, Mapping[str, str]] = {
    "attribute": _uris("StudentCharacteristic", _TRAITS)
    | {name: name for name in ("sex", "race_ethnicity", "english_learner", "disability")},
    "value": _uris("Sex", _SEXES)
    | _uris("Race", _RACES)
    | _uris("LimitedEnglishProficiency", _ENGLISH)
    | {word: word for word in _OWN},
}
"""Column -> what is told -> its code."""


def attributes(
    records: Iterable[Mapping[str, str]], known: Iterable[str]
) -> tuple[list[dict[str, str]], dict[str, int]]:
    """Return a row an attribute, and by rule the records that told none and the characteristics nobody asked for.

    Args:
        records: What was written down of the associations.
        known: The characteristics that are attributes, by their whole address.
    """
    traits, found, n_silent, n_others = {*known}, [], 0, 0
    for record in records:
        own = [each for each in record.get(TRAIT, "").split(" + ") if each]
        told = [*_told(record), *((each, YES) for each in own if each in traits)]
        n_others += sum(each not in traits for each in own)
        n_silent += not told and not own
        found += [{STUDENT: record[STUDENT], "attribute": name, "value": value} for name, value in told]
    ignored = {"nothing_told": n_silent, "other_characteristic": n_others}
    return found, {rule: n for rule, n in ignored.items() if n}


def _told(record: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what a record says; whoever is Hispanic is of no other race, as the federal rule has it."""
    races = [each for each in record.get(RACE, "").split(" + ") if each]
    if record.get(HISPANIC) == "true":
        yield "race_ethnicity", "hispanic"
    elif races:
        yield "race_ethnicity", races[0] if len(races) == 1 else "two_or_more"
    for name, field in (("sex", SEX), ("english_learner", ENGLISH)):
        if record.get(field):
            yield name, record[field]
    if record.get(DISABILITY):
        yield "disability", YES
