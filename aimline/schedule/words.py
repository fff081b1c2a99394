"""Name the steps of a plan in each language. Words of people's own things, such as windows, come from their files."""

from collections.abc import Mapping

STEPS: Mapping[str, Mapping[str, str]] = {
    "notice": {"en": "notice to families", "es": "aviso a las familias"},
    "opt_out": {"en": "last day to opt out", "es": "último día para excluirse"},
    "roster_freeze": {"en": "list of those asked is frozen", "es": "se fija la lista de participantes"},
    "setup": {"en": "set-up", "es": "preparación"},
    "late_accept": {"en": "late answers", "es": "respuestas tardías"},
    "scoring_qa": {"en": "scoring and checks", "es": "puntuación y revisión"},
    "report_district": {"en": "report to the district", "es": "informe al distrito"},
    "report_schools": {"en": "report to schools", "es": "informe a las escuelas"},
    "report_staff": {"en": "report to staff", "es": "informe al personal"},
    "reflection": {"en": "reflection", "es": "reflexión"},
    "cabinet_preread": {"en": "cabinet reads ahead", "es": "lectura previa del gabinete"},
    "staff_item": {"en": "item for the board", "es": "punto para la junta"},
    "packet": {"en": "packet for the board", "es": "carpeta para la junta"},
    "decisions": {"en": "decisions", "es": "decisiones"},
    "close": {"en": "close", "es": "cierre"},
}

BOARD_MEETING = {"en": "Board meeting", "es": "Reunión de la junta"}
ANNUAL_NOTICE = {"en": "Notice to families of the year's surveys", "es": "Aviso anual de las encuestas a las familias"}


def titled(label: Mapping[str, str], part: str) -> dict[str, str]:
    """Return the words for one step of a thing that has words of its own."""
    return {language: f"{words}: {STEPS[part].get(language, STEPS[part]['en'])}" for language, words in label.items()}


def budget_words(step_id: str) -> dict[str, str]:
    """Return the words for a named step of the budget."""
    name = step_id.replace("_", " ")
    return {"en": f"Budget: {name}", "es": f"Presupuesto: {name}"}
