"""`python -m rehearsal`: run a scenario, or read the plan for a policy and a version before anything is deployed."""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.report import terminal
from rehearsal.report.result import Result, as_json
from rehearsal.scenario.unusable import Unusable

if TYPE_CHECKING:
    from rehearsal.scenario.model import Scenario

UNUSABLE = 2  # exit status for input that cannot be used; 1 says that an expectation did not hold
STOPPED, TERMINATED = 130, 143  # as a shell tells of a program that Ctrl-C ended, or kill


def main(arguments: list[str]) -> int:
    """Run a command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # so that what is in the temporary folder is removed
    try:
        status: int = options.act(options)
    except Unusable as error:
        terminal.screen(sys.stderr).say(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        terminal.screen(sys.stderr).say("stopped")
        return STOPPED
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNUSABLE
    return status


def _run(options: argparse.Namespace) -> int:
    view = terminal.screen(sys.stdout)
    if not options.json:
        view.status("  loading the simulated account")
    gc.disable()  # a rehearsal keeps nearly all that it makes; looking through it took a seventh of the time
    from rehearsal.report.pages import write_reports
    from rehearsal.scenario.reading import read_scenario

    scenario = read_scenario(options.scenario, options.harsh)
    if options.seed is not None:
        scenario = scenario.model_copy(update={"seed": options.seed})
    if options.html:
        with _writing(options.html):
            options.html.mkdir(parents=True, exist_ok=True)
    result = _play(options, view, scenario)
    if options.json:
        print(json.dumps(as_json(result), ensure_ascii=False))
    else:
        terminal.show_result(view, result)
    if options.html:
        with _writing(options.html):
            pages = write_reports(result, options.html)
        if not options.json:
            print(f"Report: {pages[0]}")
    return 0 if result.passed else 1


def _play(options: argparse.Namespace, view: terminal.Screen, scenario: Scenario) -> Result:
    from rehearsal.playing import ActRefused, rehearse  # takes seconds, and a person should not face an empty screen

    folder, start = options.scenario.parent, scenario.start.timestamp()
    try:
        if options.json:
            return rehearse(scenario, folder).result
        terminal.show_title(view, scenario.scenario, scenario.about, start)
        view.status("  deploying the template, training the models")
        return rehearse(
            scenario,
            folder,
            told=lambda moment: terminal.show_moment(view, moment, start),
            passed=lambda at, requests: terminal.show_progress(view, at, start, scenario.lasts, requests),
        ).result
    except ActRefused as refused:
        raise Unusable(f"{options.scenario}: {refused}") from refused


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unusable(f"--html {folder}: cannot be written: {error.strerror}") from error


def _plan(options: argparse.Namespace) -> int:
    from rehearsal.dryrun import dry_run, show

    plan = dry_run(options.policy, options.version, options.live, options.rps)
    if options.json:
        print(json.dumps(plan, ensure_ascii=False))
    else:
        show(terminal.screen(sys.stdout), plan)
    return 0 if plan["decision"] == "Proceed" else 1


def _check_policy(options: argparse.Namespace) -> int:
    from rehearsal.dryrun import read_policy_file

    document, _ = read_policy_file(options.policy)
    path = ", then to ".join(stage["endpoint"] for stage in document["stages"])
    print(f"{options.policy}: nothing is wrong. It releases {document['model_package_group']} to {path}.")
    return 0


def _list(options: argparse.Namespace) -> int:
    from rehearsal.scenario.coverage import as_markdown, covered, scenarios_in

    listed = [covered(file) for file in scenarios_in(options.folder)]
    if options.json:
        print(json.dumps(listed, ensure_ascii=False))
    elif options.markdown:
        print(as_markdown(listed))
    else:
        terminal.show_list(terminal.screen(sys.stdout), listed)
    return 0


def _schema(options: argparse.Namespace) -> int:
    from rehearsal.scenario.model import json_schema

    print(json.dumps(json_schema(), indent=1))
    return 0


def _version(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a version; write its number in the group, 1 or more")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.001 <= rate <= 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate; write requests a second, for example 2 or 0.5")
    return rate


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="play a scenario in a simulated account")
    run.add_argument("scenario", type=Path, help="a file like those in scenarios/")
    run.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    run.add_argument("--html", type=Path, metavar="DIR", help="write a report of each release into DIR")
    run.add_argument("--harsh", action="store_true", help="under the harder answer to every question AWS leaves open")
    run.add_argument("--seed", type=int, help="instead of the scenario's own")
    run.set_defaults(act=_run)

    listing = commands.add_parser("list", help="say what each scenario of a folder covers")
    listing.add_argument("folder", type=Path, nargs="?", default=Path("scenarios"), help="scenarios, if absent")
    form = listing.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON array and nothing else")
    form.add_argument("--markdown", action="store_true", help="print README's table of hosting, strategy and traffic")
    listing.set_defaults(act=_list)

    plan = commands.add_parser("plan", help="show what a release would do, and do nothing")
    plan.add_argument("policy", type=Path, help="a policy file")
    plan.add_argument("--version", type=_version, required=True, help="the version to be released")
    plan.add_argument("--live", type=_version, help="the version that is live now; without it there is no endpoint yet")
    plan.add_argument("--rps", type=_rate, help="requests a second of the endpoint: says how long each bake takes")
    plan.add_argument("--json", action="store_true", help="print the plan as JSON and nothing else")
    plan.set_defaults(act=_plan)

    check = commands.add_parser("check-policy", help="say what is wrong in a policy file, and where")
    check.add_argument("policy", type=Path, help="a policy file")
    check.set_defaults(act=_check_policy)

    schema = commands.add_parser("schema", help="print the JSON Schema of scenario files")
    schema.set_defaults(act=_schema)
    return parser


if __name__ == "__main__":
    status = main(sys.argv[1:])
    gc.freeze()  # what a rehearsal keeps is not looked through once more at the end, which takes a tenth of its time
    sys.exit(status)
