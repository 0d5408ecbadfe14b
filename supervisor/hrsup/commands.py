"""The commands, by click: command line -> Config -> Session -> exit status; nothing else. Runs in the supervisor.

Reached from `hrsup.cli`, which runs the usual `hrsup run` without click. What a command needs is imported in it.
"""
# ruff: noqa: PTH100, PTH109, PTH112, PTH118, PTH120 (as in `hrsup.cli`)

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import click

from hrsup import invocation
from hrsup.errors import HrsupError, UsageError

_RUN_SETTINGS = {"ignore_unknown_options": False, "allow_interspersed_args": False}


class _Boundary(click.Group):
    """The one place where an error of ours becomes a line and an exit status."""

    def main(self, *args: Any, **settings: Any) -> Any:
        try:
            status = super().main(*args, **{**settings, "standalone_mode": False})
        except HrsupError as error:
            click.echo(f"hrsup: {error}", err=True)
            status = error.exit_status
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            status = error.exit_code
        except click.ClickException as error:
            click.echo(f"hrsup: {' '.join(error.format_message().split())}", err=True)
            status = error.exit_code
        except click.Abort:
            status = 128 + signal.SIGINT
        sys.exit(status if isinstance(status, int) else 0)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "bench":  # brings rich and the corpus
            from hrsup.bench.cli import bench

            return bench
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), "bench"})

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            import difflib

            near = difflib.get_close_matches(name, self.list_commands(ctx), 1, 0.5)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            ctx.fail(f"there is no command {name!r}{hint}; to run a program: hrsup run -- {' '.join(args)}")
        return super().resolve_command(ctx, args)


def _with_run_options(function: Any) -> Any:
    for option in reversed(invocation.RUN_OPTIONS):
        kinds: dict[str, dict[str, Any]] = {
            invocation.FLAG: {"is_flag": True, "default": None},
            invocation.VALUE: {"metavar": option.metavar},
            invocation.MANY: {"metavar": option.metavar, "multiple": True},
        }
        function = click.option(*reversed(option.names), help=option.help, **kinds[option.kind])(function)
    return function


@click.group(cls=_Boundary, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hrsup")
def main() -> None:
    """Run a Python program and bring every saved edit into it, in the cheapest way that can be shown to be right."""


@main.command(context_settings=_RUN_SETTINGS)
@_with_run_options
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
def run(command: tuple[str, ...], **given: Any) -> None:
    """Run COMMAND, and bring it up to date after every save."""
    options = {name.replace("_", "-"): value for name, value in given.items() if value not in (None, ())}
    sys.exit(invocation.run_command(options, command))


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(), required=True)
def explain(paths: tuple[str, ...]) -> None:
    """What would happen if these files were saved now, and why."""
    answers = _answers({"type": "explain", "paths": [os.path.abspath(path) for path in paths]})
    for pid, answer in answers:
        if len(answers) > 1:
            click.echo(f"session {pid}:")
        for item in (answer or {}).get("paths", []):
            click.echo(f"{os.path.relpath(item['path'])}: {item['kind']}, {item['reason']}")
            for name, verdict in item["strategies"]:
                click.echo(f"    {name}: {verdict}")


@main.command()
def sync() -> None:
    """Wait until every edit saved before this call has been handled.

    Ends with 0 if what is shown is what a cold start would show, whatever status the program has ended with; with 1 if
    the files are not what is running, or an uncaught exception or a signal has ended the program.
    """
    answers = [answer or {"standing": "the session has ended"} for _, answer in _answers({"type": "sync"})]
    for answer in answers:
        ended = f" ({answer['ended']})" if answer.get("ended") else ""
        click.echo(answer.get("standing") or f"the running code is what is on disk{ended}")
    sys.exit(1 if any(answer.get("standing") for answer in answers) else 0)


@main.command()
def stats() -> None:
    """What happened so far in this project: per strategy count, success, latency, time saved."""
    from hrsup import stats

    stats.show(invocation.project_of(None))


@main.command()
@click.option("--format", "form", type=click.Choice(["tree", "dot", "mermaid"]), default="tree", show_default=True)
def graph(form: str) -> None:
    """The import graph of the program that runs in this folder."""
    from hrsup import graph

    for _, answer in _answers({"type": "graph"}):
        click.echo(graph.render((answer or {}).get("edges", {}), form))


@main.command()
def doctor() -> None:
    """What of this machine will help or hinder."""
    from pathlib import Path

    from hrsup import doctor

    sys.exit(0 if doctor.show(doctor.examine(Path.cwd()), click.echo) else 1)


def _answers(message: dict[str, Any]) -> list[tuple[int, dict[str, Any] | None]]:
    """What the sessions answer, by pid. Raises UsageError if there is none."""
    from hrsup import desk

    answers = list(desk.ask(_with_sessions(), message))
    if not answers:
        raise UsageError("no `hrsup run` is running in this folder or above")
    return answers


def _with_sessions() -> str:
    """The nearest folder, from the current one upwards, in which sessions have left their address."""
    from hrsup.history import FOLDER

    folder = here = os.getcwd()
    while not os.path.isdir(os.path.join(folder, FOLDER, "sessions")):
        folder, previous = os.path.dirname(folder), folder
        if folder == previous:
            return here
    return folder
