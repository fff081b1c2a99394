"""The contract of every entity that can arrive: what accepted rows of it must be."""

import pandera.pandas as pa

from schemas.landing import (
    activities,
    attendance_counts,
    attendance_events,
    attendance_submissions,
    calendar_days,
    cycle_form,
    enrollment,
    meeting_record,
    pd_attendance,
    reference_figures,
    responses,
    rooms,
    roster,
    rubric_ratings,
    school_events,
    school_plan,
    schools,
    staff,
    student_attributes,
    walkthroughs,
)

CONTRACTS: dict[str, pa.DataFrameSchema] = {
    module.CONTRACT.name: module.CONTRACT
    for module in (
        activities,
        attendance_counts,
        attendance_events,
        attendance_submissions,
        calendar_days,
        cycle_form,
        enrollment,
        meeting_record,
        pd_attendance,
        reference_figures,
        responses,
        rooms,
        roster,
        rubric_ratings,
        school_events,
        school_plan,
        schools,
        staff,
        student_attributes,
        walkthroughs,
    )
}
"""Contract by entity."""

__all__ = ["CONTRACTS"]
