"""Turn the district, its indicators, instruments, audiences and sources into rows: what is measured, and how."""

import json
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING

from aimline._row_parts import Row, grade_text, joined, owner_of, ratio, shape_json, words
from schemas.district import Signals
from schemas.examples import stays_in_words
from schemas.indicators import USUAL_CHARTS, Indicator, Target, in_words
from schemas.instruments import InstrumentFile, Scale
from schemas.policy import PRESETS, held_by
from schemas.profiles import ABSENCE_KINDS, SHIPPED, Parameters, Profile, Test, resolved, starts_on

if TYPE_CHECKING:
    from aimline.settings import Deployment

PRIVACY_PAGES = "privacy/"
"""Pages without a figure: whoever reads no others is told none."""

DEFAULT_WEIGHT = Fraction(1)
ATTENDANCE_KINDS = ("regular", "early_release", "half", "off_site", "make_up")


def district(deployment: "Deployment") -> Iterator[Row]:
    """Yield the district and how its attendance is read."""
    district, facts = deployment.district, deployment.indicators
    gates = facts.quality.min_submission
    weights = facts.attendance.weight_source
    policy = deployment.audiences.disclosure
    yield {
        "district_id": district.district_id,
        **words("label", district.label),
        "time_zone": district.time_zone,
        "n_min": policy.smallest_group,
        "disclosure_policy": shape_json(policy),
        "size_caps": json.dumps([dict(zip(("from", "low", "high"), cap, strict=True)) for cap in policy.size_caps]),
        "count_bands": json.dumps(policy.bands),
        "shown_counts": PRESETS[policy.preset].counts,
        "printed_groups": joined(tuple(_printed_groups(deployment))) or None,
        "attendance_mode": facts.attendance.mode,
        "is_exit_day_member": facts.attendance.exit_day_is_member,
        "overlap": facts.attendance.overlap,
        "no_show": facts.attendance.no_show,
        "weight_source": weights.source if weights else None,
        "weight_label_en": weights.label["en"] if weights else None,
        **ratio("school_day_gate", gates.school_day),
        **ratio("district_day_gate", gates.district_day),
        **ratio("period_gate", gates.period),
        **ratio("measured_share", facts.quality.min_measured_share),
        **_policy(district.signals or Signals()),
    }


def _policy(signals: Signals) -> Row:
    """Return how a district's departures become alerts."""
    peer = signals.peer
    return {
        **ratio("signal_q", signals.q),
        **ratio("signal_watch_q", signals.watch_q),
        "n_signal_budget": signals.false_alerts_per_year,
        "signal_evaluate": signals.evaluate_on,
        "is_preset_noted": signals.preset_note,
        **({"peer_terms": joined(peer.terms), **ratio("peer_trim", peer.trim)} if peer else {}),
    }


def school_zones(deployment: "Deployment") -> Iterator[Row]:
    """Yield the zones of the schools whose clocks differ from the district's."""
    for school in sorted(deployment.district.schools, key=lambda each: each.school_id):
        yield {"school_id": school.school_id, "time_zone": school.time_zone}


def day_weights(deployment: "Deployment") -> Iterator[Row]:
    """Yield the weight of each kind of day."""
    declared = deployment.indicators.attendance.day_weight
    for kind in sorted({*ATTENDANCE_KINDS, *declared}):
        yield {"day_kind": kind, **ratio("weight", declared.get(kind, DEFAULT_WEIGHT))}


def profiles(deployment: "Deployment") -> Iterator[Row]:
    """Yield the definitions in use, resolved; the first is how attendance itself counts."""
    yield default_profile()
    years = [(each.school_year.first_day, each.school_year.last_day) for each in deployment.years.values()]
    for profile in deployment.indicators.definitions:
        yield profile_row(profile) | {"effective_from": starts_on(profile, years)}


def default_profile() -> Row:
    """Return the definition behind every attendance figure: which marks are absences, and how much of a day."""
    label = {"en": "Days attended of days enrolled", "es": "Días asistidos de días inscritos"}
    return {
        "profile_id": "default",
        "measure_id": "attendance_rate",
        **words("label", label),
        "citation": "Aimline's own",
        **_parameters(Parameters()),
    }


def profile_row(profile: Profile) -> Row:
    """Return one definition of chronic absence, resolved."""
    shipped = SHIPPED[profile.based_on or profile.profile_id]
    return {
        "profile_id": profile.profile_id,
        "measure_id": "chronic_absence",
        "based_on": profile.based_on,
        **words("label", profile.label or shipped.label),
        "citation": profile.citation or shipped.citation,
        "effective_from": profile.effective_from,
        "replaces": profile.replaces,
        "overlap_years": joined(profile.overlap_years),
        "examples_en": stays_in_words(profile.profile_id) if resolved(profile) == shipped.parameters else None,
        **_parameters(resolved(profile)),
    }


def _parameters(parameters: Parameters) -> Row:
    """Return the parameters of a definition as columns, with the version they make."""
    row = {
        "counts": joined([each for each in ABSENCE_KINDS if each in parameters.counts]),
        "partial_day": parameters.partial_day,
        "missing_days_rule": parameters.missing_days,
        "grain": parameters.grain,
        "min_member_days": parameters.min_member_days,
        "min_op": parameters.min_op,
        **_test(parameters.test),
        "grades": grade_text(parameters.grades),
        "min_attended_days": parameters.min_attended_days,
        "min_days_by_kind": joined([f"{kind}={n}" for kind, n in sorted(parameters.min_days_by_school_kind.items())]),
        "leavers": parameters.leavers,
    }
    return row | {"definition_version": sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:12]}


def _test(test: Test) -> Row:
    """Return the test of a definition as columns; a rounded percent as whole units of its last digit."""
    row: Row = {"test_op": test.op, "n_absent_days": test.absent_days}
    if test.rounded_percent is not None:
        unit = 10**test.digits
        whole = {"test_numerator": test.rounded_percent * unit, "test_denominator": 100 * unit}
        return row | {"test_kind": "rounded"} | whole
    return row | {"test_kind": "share" if test.share is not None else "absent_days", **ratio("test", test.share)}


def definition_version(profile: Profile) -> str:
    """Return the version of a definition: twelve hex digits of its resolved parameters."""
    return str(_parameters(resolved(profile))["definition_version"])


def indicators(deployment: "Deployment") -> Iterator[Row]:
    """Yield the indicators."""
    for number, indicator in enumerate(deployment.indicators.indicators, 1):
        baseline = indicator.baseline
        yield {
            "indicator_id": indicator.indicator_id,
            "indicator_no": number,
            **words("label", indicator.label),
            "kind": indicator.kind,
            "measure_id": indicator.measure,
            "profile_id": indicator.profile,
            "also_show": joined(indicator.also_show),
            "subject_id": indicator.subject or "",
            "estimator": indicator.headline_estimator,
            "units": joined(indicator.units),
            "group_sets": joined(indicator.group_sets),
            "direction": indicator.direction,
            "period_kind": indicator.period,
            **owner_of(deployment, indicator.owner),
            "sources": joined(indicator.sources),
            **ratio("smallest_change", indicator.smallest_change),
            **({"baseline_year": baseline.year, **ratio("baseline", baseline.value)} if baseline else {}),
            **ratio("on_track", indicator.status.on_track),
            **ratio("watch", indicator.status.watch),
            **ratio("interval", indicator.status.interval),
            **_signal(indicator),
        }


def _signal(indicator: Indicator) -> Row:
    """Return how an indicator's departures are looked for; nothing where none are."""
    signal = indicator.signal
    if signal is None or not indicator.tested_periods:
        return {}
    return {
        "signal_period_kind": indicator.tested_periods,
        "signal_better": indicator.better,
        "n_signal_baseline": signal.baseline.periods,
        "signal_per_year": signal.periods_per_year,
        "signal_min_denominator": signal.detector.min_denominator,
        **ratio("signal_effect", signal.detector.min_effect),
        "signal_next_step": signal.next_step,
        "signal_kind": signal.kind,
        "signal_chart": signal.chart or USUAL_CHARTS[signal.kind],
        "signal_rules": signal.rules or "anhoej",
        "signal_groups": joined(signal.groups),
        **ratio("signal_lambda", signal.detector.lambda_),
        "is_signal_spike": signal.detector.spike,
        "is_signal_daily": signal.pace == "nightly",
        **ratio("signal_change", signal.smallest_change or indicator.smallest_change),
        "signal_baseline_from": signal.baseline.from_,
        "signal_baseline_to": signal.baseline.to,
    }


def targets(deployment: "Deployment") -> Iterator[Row]:
    """Yield the targets, once more for schools that inherit one."""
    for indicator in deployment.indicators.indicators:
        lines = [line for target in indicator.targets for line in _target_lines(indicator, target)]
        for number, line in enumerate(lines, 1):
            yield from ({**line, "target_no": number, **point} for point in line.pop("points"))


def _target_lines(indicator: Indicator, target: Target) -> Iterator[Row]:
    """Yield a target with the points it ends at, and once more for every school when the schools inherit it."""
    begins = target.from_ or indicator.baseline
    ends = [(target.to.year, target.to.value)] if target.to else sorted(target.steps.items())
    line = {
        "indicator_id": indicator.indicator_id,
        "unit_type": target.unit_type,
        "unit_id": target.unit_id,
        "group_id": target.group,
        "method": target.method,
        **({"begins_year": begins.year, **ratio("begins", begins.value)} if begins else {}),
        "n_years": target.years if target.method == "gap_halving" else None,
        **(ratio("rate", target.rate) if target.method == "safe_harbor" else {}),
        "points": [{"ends_year": year, **ratio("ends", value)} for year, value in ends] or [{}],
    }
    yield line
    if target.inherit:
        yield line | {"unit_type": "school"}


def _printed_groups(deployment: "Deployment") -> Iterator[str]:
    """Yield the groups that stand on pages, as ``set=group``, of the sets of which not all do.

    A group may be named by its id, or by the value that makes it.
    """
    partitions = deployment.audiences.disclosure.partitions
    for groups in deployment.indicators.groups:
        partition = partitions.get(groups.group_set_id)
        if partition is not None and partition.printed != "all":
            named = {groups.values.get(name, name) for name in partition.printed}
            yield from (f"{groups.group_set_id}={group}" for group in groups.labels if group in named)


def groups(deployment: "Deployment") -> Iterator[Row]:
    """Yield the values of attributes and the groups they make; a group of other values alone has no value."""
    for groups in deployment.indicators.groups:
        order = list(groups.labels)
        values: list[tuple[str | None, str]] = list(groups.values.items())
        if groups.unmapped != "fail" and groups.unmapped not in groups.values.values():
            values.append((None, groups.unmapped))
        for value, group_id in values:
            yield {
                "group_set_id": groups.group_set_id,
                **words("set_label", groups.label),
                "attribute": groups.attribute,
                "value": value,
                "group_id": group_id,
                **words("label", groups.labels[group_id]),
                "group_no": order.index(group_id) + 1,
                "member_on": groups.member_on,
                "reference": groups.reference,
                "unmapped": groups.unmapped,
                "screen_json": shape_json(groups.screen) if groups.screen else None,
                "state_json": f"[{','.join(shape_json(each) for each in groups.state)}]" if groups.state else None,
            }


def instruments(deployment: "Deployment") -> Iterator[Row]:
    """Yield the instrument editions."""
    for instrument in deployment.instruments.values():
        spec = shape_json(instrument)
        yield {
            **_edition(instrument),
            "kind": instrument.kind,
            **words("label", instrument.label or in_words(instrument.instrument_id)),
            "respondents": joined(instrument.respondents),
            "grades": grade_text(instrument.grades),
            "mode": instrument.mode,
            **ratio("usable", instrument.usable.min_answered),
            "hygiene_json": shape_json(instrument.hygiene),
            "spec_json": spec,
            "digest": sha256(spec.encode()).hexdigest(),
        }


def _edition(instrument: InstrumentFile) -> Row:
    return {"instrument_id": instrument.instrument_id, "edition": instrument.edition}


def items(deployment: "Deployment") -> Iterator[Row]:
    """Yield the items."""
    for instrument in deployment.instruments.values():
        for number, item in enumerate(instrument.items, 1):
            yield {
                **_edition(instrument),
                "item_id": item.item_id,
                "item_no": number,
                "option_set_id": item.options,
                "is_reversed": item.reverse,
                "is_multi": item.multi,
                "is_scored": item.scored,
                **words("text", item.text),
                "source_column": item.column,
                "present_if_item": item.present_if.item if item.present_if else None,
                "present_if_values": joined(item.present_if.in_) if item.present_if else None,
                "focus_area": item.focus_area,
            }


def options(deployment: "Deployment") -> Iterator[Row]:
    """Yield the options."""
    for instrument in deployment.instruments.values():
        for option_set_id, options in instrument.option_sets.items():
            for number, option in enumerate(options, 1):
                yield {
                    **_edition(instrument),
                    "option_set_id": option_set_id,
                    "option_no": number,
                    "option_value": option.value,
                    **words("label", option.label),
                    "aliases_json": json.dumps(list(option.aliases), ensure_ascii=False),
                    "counts_as": option.counts_as,
                }


def scales(deployment: "Deployment") -> Iterator[Row]:
    """Yield the scales."""
    for instrument in deployment.instruments.values():
        for number, scale in enumerate(instrument.scales, 1):
            yield {
                **_edition(instrument),
                "scale_id": scale.scale_id,
                "scale_no": number,
                **words("label", scale.label or in_words(scale.scale_id)),
                "score": scale.score,
                "favorable_values": joined(favorable_values(instrument, scale)),
                "estimator": scale.estimator,
                **ratio("min_answered", scale.min_answered),
            }


def favorable_values(instrument: InstrumentFile, scale: Scale) -> tuple[str, ...]:
    """Return the option values that count as favorable, after reversal."""
    if scale.favorable.rule == "values":
        return scale.favorable.values
    options = next(item.options for item in instrument.items if item.item_id == scale.items[0])
    numbers = sorted(each.number for each in instrument.option_sets[options or ""] if each.number is not None)
    return tuple(str(number) for number in numbers[-scale.favorable.of[len(numbers)] :])


def scale_items(deployment: "Deployment") -> Iterator[Row]:
    """Yield the items of each scale."""
    for instrument in deployment.instruments.values():
        reverse = {item.item_id: item.reverse for item in instrument.items}
        for scale in instrument.scales:
            for number, item_id in enumerate(scale.items, 1):
                named = {**_edition(instrument), "scale_id": scale.scale_id, "item_id": item_id}
                yield {**named, "item_no": number, "is_reversed": reverse[item_id]}


def audiences(deployment: "Deployment") -> Iterator[Row]:
    """Yield the audiences that have an edition; whoever is not protected reads no page."""
    readers = deployment.audiences.audiences
    for number, audience in enumerate(readers, 1):
        if not audience.protected:
            continue
        yield {
            "audience_id": audience.audience_id,
            "audience_no": number,
            **words("label", audience.label),
            "scope": audience.scope,
            "languages": joined(audience.languages),
            "pages": joined(audience.pages),
            "includes": joined(sorted(held_by(readers, audience.audience_id) - {audience.audience_id})),
            "share": audience.shares,
            "count": audience.counts,
            "knows": audience.knows,
            "is_told_figures": any(not page.startswith(PRIVACY_PAGES) for page in audience.pages),
        }


def sources(deployment: "Deployment") -> Iterator[Row]:
    """Yield the sources."""
    for number, source in enumerate(deployment.sources.sources, 1):
        yield {
            "source_id": source.source_id,
            "source_no": number,
            "entity": source.entity,
            "kind": source.kind,
            "label_en": source.label["en"] if source.label else source.source_id.replace("_", " "),
            **owner_of(deployment, source.owner),
            "is_about_people": source.contains_people,
            "load_mode": source.load.mode,
        }
