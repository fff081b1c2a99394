"""Name the cells that a policy hides beside the small ones: partners by rule, and groups that answered alike.

They are no targets: nobody is small in them. How the small ones are protected belongs to ``search``.
"""

from aimline.disclosure.instance import Instance


def asked_gaps(instance: Instance) -> frozenset[int]:
    """Return the printed cells, none of them small, that the policy wants hidden whatever else is."""
    limits, cells = instance.thresholds, instance.cells
    found: set[int] = set()
    if limits.has_all_in_one_level:
        found |= {place for place, cell in enumerate(cells) if cell.n > 0 and cell.x in {0, cell.n}}
    if limits.has_next_smallest:
        found |= _next_smallest(instance, found)
    return frozenset(place for place in found if cells[place].is_printed and not instance.is_small(place))


def _next_smallest(instance: Instance, hidden: set[int]) -> set[int]:
    """Return for every sum with exactly one gap its smallest visible part that is not empty."""
    found = set()
    for relation in instance.relations:
        printed = [part for part in relation.parts if instance.cells[part].is_printed]
        gaps = [part for part in printed if instance.is_small(part) or part in hidden]
        offered = [part for part in printed if part not in gaps and instance.cells[part].n > 0]
        if len(gaps) == 1 and offered:
            found.add(min(offered, key=lambda part: (instance.cells[part].n, part)))
    return found
