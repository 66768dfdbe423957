"""The program without a window: the commands of CONTRACT section 1."""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from core import __version__
from core.command_options import analyze_options, asked_for, kit_options, protocol_option, rules_options, run_options
from core.errors import UserError, Where, describe_bug
from core.progress import Cancelled, Progress, silent, subrange

if TYPE_CHECKING:
    from core.plan import Plan
    from core.session import Session
    from core.workers import Workers

DONE, BUG, INPUT_AT_FAULT, GAPS, STOPPED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status of CONTRACT section 1."""
    # a name in a script that no installed font has is drawn as boxes; that is no one's fault on standard error
    warnings.filterwarnings("ignore", message="Glyph .* missing from font")
    try:
        options = _parser().parse_args(arguments)
        status: int = options.run(options)
        return status
    except UserError as fault:
        print(f"modscope: {fault}", file=sys.stderr)
        return INPUT_AT_FAULT
    except (KeyboardInterrupt, Cancelled):
        print("modscope: stopped.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # whoever read our output has gone; there is no one left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as fault:
        if os.environ.get("MODSCOPE_TRACEBACK"):
            raise
        print(f"modscope: the program failed; this is a bug. {describe_bug(fault)}", file=sys.stderr)
        return BUG


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(INPUT_AT_FAULT, f"modscope: {message}. See --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="modscope", description="Pool the patient-level data of randomized trials and find out "
                     "who benefits. Without a command, the window opens.")
    parser.add_argument("--version", action="version", version=f"Modscope {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=about, description=about)
        one.add_argument("--quiet", action="store_true", help="print nothing but faults")
        one.set_defaults(run=run)
        return one

    demo = command("demo", _demo, "Analyze the bundled synthetic studies and write everything.")
    demo.add_argument("--full", action="store_true", help="all replicates and permutations of the plan")
    run_options(demo)
    take_in = command("import", _import, "Read study files into a project.")
    take_in.add_argument("sources", nargs="+", type=Path, metavar="SOURCE", help="study files or folders of them")
    take_in.add_argument("--project", required=True, type=Path, metavar="P.modscope")
    take_in.add_argument("--registry", type=Path, metavar="FILE", help="study registry (csv or xlsx)")
    take_in.add_argument("--privacy", choices=("ask", "suggested"), default="ask",
                         help="columns that could tell who a patient is: ask (kept and listed, the default), or do "
                         "what is suggested before anything is stored")
    protocol_option(take_in, "protocol of a new project")
    analyze_options(command("analyze", _analyze, "Analyze a project or one pooled table."))
    kit_options(command("kit", _kit, "Write the workbook that asks a study team for its data."))
    missing = command("missing", _missing, "Write a workbook a study with what its team is still to say.")
    missing.add_argument("project", type=Path, metavar="P.modscope")
    missing.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder to write into")
    check = command("check", _check, "List what is wrong or open, one line an issue.")
    check.add_argument("input", type=Path, metavar="INPUT")
    protocol_option(check, "protocol of a pooled table")
    rules_options(command("rules", _rules, "Write a project's rules as a table, or take in an edited one."))
    verify = command("verify", _verify, "Recompute the numbers in a folder from its own data and plan.")
    verify.add_argument("folder", type=Path, metavar="DIR")
    command("selftest", _selftest, "Recompute stored reference cases.")
    return parser


def _protocol_of(options: argparse.Namespace) -> str:
    """What --protocol says; else the protocol that was exported beside the table; else ketamine."""
    beside = options.input.parent / "protocol.json" if hasattr(options, "input") else None
    if options.protocol is None and beside and options.input.name == "harmonized.csv" and beside.is_file():
        return str(beside)
    return options.protocol or "ketamine"


def _beside(protocol: str) -> Path | None:
    """The folder of a protocol's own file, which may hold its conversion tables; None for a shipped one."""
    return Path(protocol).parent if protocol.endswith(".json") else None


# --- commands -------------------------------------------------------------------------------------------------------


def _demo(options: argparse.Namespace) -> int:
    from core.workers import MANY

    progress = _progress(options)
    with _workers(options, MANY) as workers:
        from core.intake import demo_session
        from core.plan import quick, seeded

        session = demo_session(subrange(progress, 0, 0.15))
        plan = session.plan if options.full else quick(session.plan)
        return _analyze_session(session.with_plan(seeded(plan, options.seed)), workers, options, progress)


def _import(options: argparse.Namespace) -> int:
    from core.intake import load_files, new_session
    from core.privacy.carry_out import suggested_decisions
    from core.project import Project

    progress = _progress(options)
    project: Project | None = None
    try:
        if options.project.exists():
            project, session = Project.open(options.project)
        else:
            session = new_session(_protocol_of(options), options.project.stem)
        session = load_files(session, options.sources, progress, options.registry)
        if options.privacy == "suggested":
            session = session.with_privacy(suggested_decisions(session, "import --privacy suggested"))
        if project is None:
            project = Project.create(options.project, session)
        else:
            project.save(session, "Files imported")
    finally:
        if project is not None:
            project.close()
    if not options.quiet:
        _print_import(session)
    return DONE


def _print_import(session: Session) -> None:
    issues = session.issues()
    for issue in issues:
        print(f"{issue.severity.value}: {issue}")
    questions = len(session.open_questions())
    print(f"{len(session.usable_studies)} studies imported, {len(session.harmonized().patients)} patients, "
          f"{questions} open question{'' if questions == 1 else 's'}.")


def _kit(options: argparse.Namespace) -> int:
    from core.protocol_files import load_protocol
    from core.request_kit import write_kit

    write_kit(options.out, load_protocol(_protocol_of(options)), options.study)
    if not options.quiet:
        print(f"Written to {options.out}. Send it to the team, and import it when it comes back.")
    return DONE


def _missing(options: argparse.Namespace) -> int:
    from core.missing_request import write_all_missing

    if not _is_project(options.project):
        raise UserError("What is missing is told of a project.", Where(file=options.project.name),
                        "Import the study files into a project first.")
    written = write_all_missing(options.out, _open_project(options.project), _progress(options))
    if not options.quiet:
        for path in written:
            print(f"Written: {path}")
        if not written:
            print("No study lacks anything.")
    return DONE


def _analyze(options: argparse.Namespace) -> int:
    from core.analysis import run_analysis
    from core.export import export_all
    from core.locked_run import session_to_run
    from core.plan import seeded
    from core.plan_lock import now
    from core.pooled import pooled_from_file
    from core.protocol_files import load_protocol

    progress = _progress(options)
    given = _read_plan(options.plan)
    if _is_project(options.input):
        session, said = session_to_run(options.input, given, options.seed, options.reason)
        if not options.quiet:
            print("\n".join(said))
        with _workers(options, session.plan.bootstrap.replicates) as workers:
            return _analyze_session(session, workers, options, progress)
    protocol = _protocol_of(options)
    pooled, plan = pooled_from_file(_read_input(options.input), given, load_protocol(protocol), _beside(protocol))
    plan, asked = seeded(plan, options.seed), asked_for(options)
    asked.prepared(plan)
    with _workers(options, plan.bootstrap.replicates) as workers:
        results = run_analysis(pooled, plan, workers, subrange(progress, 0.05, 0.7))
        export_all(options.out, results, pooled, subrange(progress, 0.7, 1), workers=workers, asked=asked)
    if not options.quiet:
        print(f"Plan {plan.fingerprint}, run {now()}; a table's plan is not locked.")
    return _end(options, results.has_gaps)


def _analyze_session(session: Session, workers: Workers, options: argparse.Namespace, progress: Progress) -> int:
    from core.analysis import run_analysis
    from core.export import export_all
    from core.pooled import pooled_from_session

    asked_for(options, session).prepared(session.plan)
    pooled = pooled_from_session(session, subrange(progress, 0.15, 0.2))
    results = run_analysis(pooled, session.plan, workers, subrange(progress, 0.2, 0.7))
    export_all(options.out, results, pooled, subrange(progress, 0.7, 1), workers=workers,
               asked=asked_for(options, session.with_results(results)))
    return _end(options, results.has_gaps)


def _workers(options: argparse.Namespace, replicates: int) -> Workers:
    """Processes that start and load the method while the data are read."""
    from core.workers import Workers, worth_starting

    workers = Workers(worth_starting(replicates) if options.workers is None else int(options.workers), shares=True,
                      loads=("core.analysis", "core.figures", "statsmodels.regression.mixed_linear_model"))
    if workers.is_apart:
        workers.pool()
    return workers


def _end(options: argparse.Namespace, has_gaps: bool) -> int:
    if not options.quiet:
        print(f"Written to {options.out}.")
        if has_gaps:
            print("Some analyses have no estimate; the note columns of the tables say why.")
    return GAPS if has_gaps else DONE


def _check(options: argparse.Namespace) -> int:
    from core.checks import check_table
    from core.protocol_files import load_protocol

    if _is_project(options.input):
        issues = _open_project(options.input).issues()
    elif options.input.is_dir():
        from core.intake import load_files, new_session

        issues = load_files(new_session(_protocol_of(options)), [options.input], _progress(options)).issues()
    else:
        protocol = _protocol_of(options)
        issues = check_table(_read_input(options.input), load_protocol(protocol), folder=_beside(protocol))
    for issue in issues:
        print(f"{issue.severity.value}: {issue}")
    if not issues and not options.quiet:
        print("No issues found.")
    return DONE


def _rules(options: argparse.Namespace) -> int:
    from core.rules_files import take_into_project, write_maelstrom, write_rules_file

    if not (options.out or options.take or options.maelstrom):
        raise UserError("Nothing was asked for.", remedy="Give --out, --take or --maelstrom.")
    said = take_into_project(options.project, options.take) if options.take else []
    session = _open_project(options.project)
    if options.out:
        said += [f"Written to {write_rules_file(session, options.out)}."]
    if options.maelstrom:
        said += [f"Written to {write_maelstrom(session, options.maelstrom)}."]
    if not options.quiet:
        print("\n".join(said))
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from core.verify import verify_folder

    differences = verify_folder(options.folder, _progress(options))
    for difference in differences[:50]:
        print(difference, file=sys.stderr)
    if differences:
        print(f"{len(differences)} numbers differ.", file=sys.stderr)
        return INPUT_AT_FAULT
    if not options.quiet:
        print("All numbers agree.")
    return DONE


def _selftest(options: argparse.Namespace) -> int:
    from core.selftest import run_selftest

    outcomes = run_selftest(_progress(options))
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in outcomes if not options.quiet else failed:
        print(f"{'passed' if outcome.passed else 'FAILED'}: {outcome.text}")
    print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    return BUG if failed else DONE


# --- parts ----------------------------------------------------------------------------------------------------------


def _read_plan(path: Path | None) -> Plan | None:
    if path is None:
        return None
    from core.plan import read_plan

    return read_plan(_read_input(path).content, path.name)


def _read_input(path: Path):  # type: ignore[no-untyped-def]
    from core.intake import read_file

    if not path.exists():
        raise UserError(f'There is no file "{path.name}".', Where(file=path.name), "Check the name and the folder.")
    return read_file(path)


def _is_project(path: Path) -> bool:
    return path.suffix.lower() == ".modscope"


def _open_project(path: Path) -> Session:
    from core.project import Project

    project, session = Project.open(path)
    project.close()
    return session


def _progress(options: argparse.Namespace) -> Progress:
    """A bar on standard error where that is a terminal."""
    if options.quiet or not sys.stderr.isatty():
        return silent
    last = [0.0]

    def show(fraction: float, text: str) -> None:
        now = time.monotonic()
        if now - last[0] < 0.1 and fraction < 1:
            return
        last[0] = now
        filled = round(30 * fraction)
        end = "\n" if fraction >= 1 else ""
        sys.stderr.write(f"\r[{'#' * filled}{' ' * (30 - filled)}] {fraction:4.0%} {text[:60]:60}{end}")
        sys.stderr.flush()

    return show
