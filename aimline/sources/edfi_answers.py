"""Say what the answers to a survey that a host holds become: one row an answer, with what its response says of it."""

from collections.abc import Iterator, Mapping, Sequence

RESPONDENTS = {
    "studentReference.studentUniqueId": "student",
    "staffReference.staffUniqueId": "staff",
    "contactReference.contactUniqueId": "family",
    "parentReference.parentUniqueId": "family",
}
NUMBER = "values.numericResponse"
MATRIX = "surveyQuestionMatrixElementResponses.{matrixElement=numericResponse}"


def answers(answers: Sequence[Mapping[str, str]], responses: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return the answers with what their response says of them; of several choices, one row each.

    Texts are not kept: a number that was chosen is an answer, anything else is none.
    """
    names = ("namespace", "surveyIdentifier", "surveyResponseIdentifier")
    by_key = {
        (each["surveyReference.namespace"], each["surveyReference.surveyIdentifier"], each[names[2]]): each
        for each in responses
    }
    found = []
    for answer in answers:
        key = tuple(answer[f"surveyResponseReference.{name}"] for name in names)
        response = by_key.get((key[0], key[1], key[2]), {})
        made = dict(answer) | _of_response(response, key[1])
        made |= {"isOrphan": "" if response else "true"}
        for item, number in _choices(answer):
            state = "answered" if number else "skipped"
            found.append(made | {"item": item, NUMBER: number, "answerState": state})
    return found


def _choices(answer: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield item and number of what was chosen; of a question with lines, each line is an item."""
    question = answer["surveyQuestionReference.questionCode"]
    for line in filter(None, answer[MATRIX].split(" + ")):
        name, _, number = line.rpartition("=")
        yield f"{question}/{name}", number
    if answer[NUMBER] or not answer[MATRIX]:
        yield from ((question, number) for number in answer[NUMBER].split(" + "))


def _of_response(response: Mapping[str, str], survey: str) -> dict[str, str]:
    """Return what a response says of each of its answers; of one without a name the survey tells who was asked."""
    who = next((name for name in RESPONDENTS if response.get(name)), None)
    told = {name: response.get(name, "") for name in ("responseDate", "responseTime")}
    own = {"window": survey, "respondent": response.get(who or "", "")}
    return told | own | {"respondentClass": RESPONDENTS[who] if who else survey}
