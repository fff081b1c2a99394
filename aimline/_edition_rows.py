"""Turn what the editions of instruments say of each other into rows: items that went on, and what figures measure."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aimline._row_parts import Row
from schemas import editions

if TYPE_CHECKING:
    from aimline.settings import Deployment


def crosswalk(deployment: "Deployment") -> Iterator[Row]:
    """Yield how items go on from earlier editions; what went on unchanged through several is told of each pair."""
    for instrument_id, held in editions.by_instrument(deployment.instruments.values()).items():
        for edition, shape in held.items():
            named = {line.from_.edition for line in shape.crosswalk if line.from_.edition in held}
            lines: dict[tuple[str, str, str], str] = {
                (line.to, line.from_.edition, line.from_.item_id): line.match
                for line in shape.crosswalk
                if line.from_.edition in named and line.match != "exact"
            }
            for earlier in sorted({*editions.before(held, edition), *named} - {edition}):
                found = editions.exact_items(held, edition, earlier)
                lines |= {(item, earlier, origin): "exact" for item, origin in found.items()}
            for (item, earlier, origin), match in sorted(lines.items()):
                row = {"instrument_id": instrument_id, "edition": edition, "item_id": item}
                yield row | {"earlier_edition": earlier, "earlier_item_id": origin, "match": match}


def subject_definitions(deployment: "Deployment") -> Iterator[Row]:
    """Yield what each scale, or item of a rubric, measures in each edition, and the years that speak of it."""
    for instrument_id, held in editions.by_instrument(deployment.instruments.values()).items():
        for (edition, subject), told in sorted(editions.definitions(held).items()):
            row = {"instrument_id": instrument_id, "edition": edition, "subject_id": subject}
            years = {"first_year": told.first_year, "next_year": told.next_year}
            yield row | {"definition_edition": told.edition} | years
