"""The verbs of disclosure protection on files.

``protect`` chooses gaps, ``audit`` tells what readers derive, ``audit-site`` reads finished pages back.
"""

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from aimline.commands._shared import AsJson, AsOf, State, say, say_json, say_table
from aimline.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from aimline.disclosure.coarsen import Ladder
    from aimline.disclosure.instance import Instance

InstanceFile = Annotated[str, typer.Argument(metavar="INSTANCE.json", help="A file of the format sdc-instance/1.")]
Hidden = Annotated[
    str | None, typer.Option("--hidden", metavar="FILE", help="The hidden cells; the printed small ones when absent.")
]
MaybeInstanceFile = Annotated[
    str | None, typer.Argument(metavar="INSTANCE.json", help="A file of the format sdc-instance/1.")
]
Protected = Annotated[
    str | None, typer.Option("--deployment", metavar="NAME", help="All populations of a district instead of a file.")
]
ChangedOnly = Annotated[bool, typer.Option("--changed-only", help="List only populations whose gaps changed.")]
NoRule = Annotated[bool, typer.Option("--no-rule", help="Leave out the reader who knows what a gap means.")]
Full = Annotated[bool, typer.Option("--full", help="Add minority pools, failures and seconds.")]
AuditFormat = Annotated[Literal["json", "table"], typer.Option("--format", metavar="FORMAT", help="json or table.")]

PolicyFile = Annotated[
    str | None, typer.Option("--policy", metavar="FILE", help="What is asked instead of the thresholds of the file.")
]
PreviousFile = Annotated[
    str | None,
    typer.Option("--previous", metavar="FILE", help="An earlier pattern; its gaps are kept where they serve."),
]
Rounds = Annotated[
    int | None, typer.Option("--rounds", metavar="N", min=0, help="How often to look for a cheaper pattern.")
]
Coarsen = Annotated[
    bool, typer.Option("--coarsen", help="Tell schools with many small cells in larger ones, as the policy declares.")
]
ProofsFile = Annotated[
    str | None,
    typer.Option(
        "--proofs",
        metavar="FILE",
        help="What was proved of a large district: read when it is there, so that only what changed is redone.",
    ),
]
ProtectFormat = Annotated[
    Literal["json", "table"] | None,
    typer.Option("--format", metavar="FORMAT", help="json or table; on a terminal table, else json."),
]

SiteFolder = Annotated[str, typer.Argument(metavar="SITE_DIR", help="The site of a release.")]
Release = Annotated[
    str | None,
    typer.Option("--release", metavar="ID", help="The release it belongs to; the folder around it when absent."),
]

_CHECKS = ("exact", "result_known_exactly", "all_or_none_known", "narrower_than_threshold", "small_pools")


def audit(  # noqa: PLR0913 - each is an option of the command line
    instance_file: InstanceFile,
    hidden: Hidden = None,
    *,
    no_rule: NoRule = False,
    full: Full = False,
    form: AuditFormat = "json",
    as_json: AsJson = False,
    as_of: AsOf = None,  # noqa: ARG001 - every verb takes them; a file has no date and no state
    state: State = None,  # noqa: ARG001
) -> int:
    """Report what every reader of an instance can derive: from naive gaps, or from the gaps given.

    Returns 6 when a reader derives what is protected, else 0.
    """
    from aimline.disclosure.audit import audit_pattern, naive_gaps
    from aimline.disclosure.aware import Rule
    from aimline.disclosure.forms import strange_forms
    from aimline.disclosure.instance import read_instance
    from aimline.disclosure.merging import shown_by
    from aimline.disclosure.report import audit_json, hidden_zeros, is_clean

    started = perf_counter()
    instance = read_instance(instance_file)
    _warn((*instance.warnings, *(f"{instance_file}: {each}" for each in strange_forms(instance))))
    if hidden is None:
        gaps = naive_gaps(instance)
    else:
        instance, gaps = shown_by(hidden, instance)
    zeros = hidden_zeros(instance, gaps)
    _warn(
        f'{hidden}: cell "{name}" has nobody in it and is hidden; zero is always shown.'
        for name in instance.names(zeros)
    )
    rule = Rule() if hidden is not None else Rule(high=instance.thresholds.n_min - 1)
    told = audit_pattern(instance, gaps, None if no_rule else rule)
    answer = audit_json(told, gaps, round(perf_counter() - started, 3) if full else None)
    if as_json or form == "json":
        say_json(answer)
    else:
        _say_views(answer)
    is_exact = any(view["exact_count"] for view in answer["views"].values())  # by printed percents, of whole students
    return 6 if is_exact or zeros or not is_clean(told) else 0


def protect(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    instance_file: MaybeInstanceFile = None,
    policy: PolicyFile = None,
    previous: PreviousFile = None,
    rounds: Rounds = None,
    proofs: ProofsFile = None,
    *,
    coarsen: Coarsen = False,
    deployment: Protected = None,
    changed_only: ChangedOnly = False,
    form: ProtectFormat = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
    state: State = None,
) -> int:
    """Choose the gaps of an instance, or of all populations of a district, and audit them.

    Returns 6 when no safe pattern exists, else 0.
    """
    is_json = as_json or form == "json" or (form is None and not sys.stdout.isatty())
    if (instance_file is None) == (deployment is None):
        raise UsageError("protect takes a file or --deployment.", remedy="Give one of them.")
    of_files = {"--policy": policy, "--previous": previous, "--rounds": rounds, "--proofs": proofs}
    idle = "--changed-only" if instance_file and changed_only else None
    idle = idle or next((name for name, value in of_files.items() if deployment and value is not None), None)
    if idle:
        kind = "a deployment" if instance_file else "a file"
        raise UsageError(f"{idle} is for {kind}.", remedy="Leave it out: it would change nothing.")
    if coarsen and (policy is None or instance_file is None):
        raise UsageError("--coarsen takes a file and a policy.", remedy="Give both, with coarsen in the policy.")
    if instance_file is None:
        return _protect_district(str(deployment), (as_of, state), changed_only=changed_only, is_json=is_json)
    from aimline.disclosure.coarsen import told_together
    from aimline.disclosure.instance import read_instance
    from aimline.disclosure.proofs import read_proofs
    from aimline.disclosure.protect import protect as protect_instance
    from aimline.disclosure.report import protect_json

    asked, ladder = _asked(read_instance(instance_file), policy, is_coarsened=coarsen)
    instance, kept, together = told_together(asked, ladder if coarsen else None, previous)
    _warn(instance.warnings)
    _check_place(proofs)
    known = read_proofs(Path(proofs)) if proofs and Path(proofs).is_file() else None
    made = protect_instance(instance, kept, rounds, known)
    if proofs and made.proofs:
        made.proofs.write(Path(proofs))
    answer = protect_json(made.audit, made.gaps) | together
    if is_json:
        say_json(answer)
    else:
        _say_pattern(answer)
    if made.refusal:
        print(made.refusal, file=sys.stderr)  # noqa: T201 - stdout is the answer's
    return 6 if made.refusal else 0


def _check_place(proofs: str | None) -> None:
    """Refuse, before hours of work, a place at which proofs could not be kept after it."""
    if proofs and (Path(proofs).is_dir() or not Path(proofs).absolute().parent.is_dir()):
        raise UsageError(f"--proofs {proofs} names no file that can be written.", remedy="Name a file in a folder.")


def _protect_district(
    deployment: str, when: tuple["date | None", str | None], *, changed_only: bool, is_json: bool
) -> int:
    from aimline.commands._protecting import protect_district, say_district

    answer = protect_district(deployment, *when, changed_only=changed_only)
    if is_json:
        say_json(answer)
    else:
        say_district(answer)
    return 0 if answer["passed"] else 6


def _asked(instance: "Instance", policy: str | None, *, is_coarsened: bool) -> "tuple[Instance, Ladder | None]":
    """Ask of an instance what the policy file asks, when there is one; say what larger groups it declares."""
    from aimline._yaml import read_tree
    from aimline.disclosure.policy import ladder_in, with_policy
    from aimline.errors import DisclosureInputError

    if policy is None:
        return instance, None
    try:
        tree = read_tree(policy, Path(policy).read_bytes())
    except OSError:
        raise DisclosureInputError(f"{policy} cannot be read.", remedy="Give the path of a policy file.") from None
    if tree.findings:
        raise DisclosureInputError(str(tree.findings[0]))
    ladder = ladder_in(tree.data, policy)
    asked = with_policy(instance, tree.data, policy)
    if ladder is None and is_coarsened:
        raise UsageError(f"{policy} declares no coarsen.", remedy="Declare it, or leave --coarsen out.")
    if ladder is not None and not is_coarsened:
        idle = f"coarsen in {policy} is read and changes nothing without --coarsen."
        asked = replace(asked, warnings=(*asked.warnings, idle))
    return asked, ladder


def audit_site(  # noqa: PLR0913 - each is an option of the command line
    site_dir: SiteFolder,
    release: Release = None,
    *,
    form: ProtectFormat = None,
    as_json: AsJson = False,
    as_of: AsOf = None,  # noqa: ARG001 - a release has its own day
    state: State = None,
) -> int:
    """Read every file of a site back: numbers without a figure, unequal figures, and whatever is said of a gap.

    Returns 6 when anything is found, else 0.
    """
    from aimline.disclosure.artefacts import audit_site as judge_site
    from aimline.disclosure.artefacts import read_truth

    site = Path(site_dir)
    if not site.is_dir():
        raise UsageError(f"{site_dir} is not a folder.", remedy="Give the site folder of a release.")
    truth = read_truth(_release_folder(site, release, state))
    if release is not None and truth.release_id != release:
        raise UsageError(f"{site_dir} belongs to release '{truth.release_id}', not to '{release}'.")
    told = judge_site(site, truth)
    answer = told.told()
    if as_json or form == "json" or (form is None and not sys.stdout.isatty()):
        say_json(answer)
    else:
        found = [[name, len(value)] for name, value in answer.items() if isinstance(value, list)]
        say(f"{told.release_id}: {told.n_artefacts} files, {told.n_numbers} numbers.")
        say_table(["check", "found"], found)
    return 0 if told.passed else 6


def _release_folder(site: Path, release: str | None, state: str | None) -> Path:
    """Return the folder that tells what belongs to a site: that of the release, or the one around the site."""
    if release is not None and state is not None:
        return Path(state) / "releases" / release
    return site if (site / "manifest.json").is_file() else site.resolve().parent


def _say_pattern(answer: dict[str, Any]) -> None:
    say(
        f"{answer['id']}: {len(answer['primary'])} small cells, {len(answer['secondary'])} more hidden to protect them."
    )
    for name in answer["secondary"]:
        say(f"  {name}")
    for name, told in answer.get("coarsened", {}).get("levels", {}).items():
        say(f"{name}: {told['name'].replace('_', ' ')}. {told['note']}".rstrip())
    rows = [[name, view["targets"], "passed" if view["passed"] else "failed"] for name, view in answer["views"].items()]
    say_table(["view", "targets", "audit"], rows)


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        print(f"Warning: {warning}", file=sys.stderr)  # noqa: T201 - stdout is the answer's


def _say_views(answer: dict[str, Any]) -> None:
    rows = [[name, view["targets"], *(len(view[check]) for check in _CHECKS)] for name, view in answer["views"].items()]
    say(f"{answer['id']}: {len(answer['primary'])} small cells.")
    say_table(["view", "targets", *_CHECKS], rows)
