"""The command line: finds the verbs, and turns every error into something a person can mend.

Exit codes are those of the outside contract: 0 done, 2 usage or settings, 3 bad input, 4 partial data, 5 another run
holds the lock, 1 anything else.
"""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
from pathlib import Path

import click

from flows import logs
from flows.errors import ToolkitError
from flows.garbage import look_seldom
from flows.plugins import Shelf, function_name
from moneytrail.run_sheet import peak_mb, versions

COMMANDS = Shelf("moneytrail.commands", function_name)


class Verbs(click.Group):
    """The commands of `moneytrail/commands/`, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs without importing them."""
        return list(COMMANDS.ids())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one verb."""
        if cmd_name not in COMMANDS.ids():
            return None
        command: click.Command = COMMANDS.load(cmd_name)
        return command


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="moneytrail", prog_name="moneytrail")
@click.option("--trace", is_flag=True, help="Show where in the code an error arose.")
@click.option("--log-format", type=click.Choice(["json", "text"]), help="Write a log of the work; no personal data.")
@click.option("--log-file", type=click.Path(path_type=Path), help="Where the log goes; else standard error.")
@click.pass_context
def moneytrail(ctx: click.Context, trace: bool, log_format: str | None, log_file: Path | None) -> None:
    """Follow the money of human trafficking.

    Payments go in; out come few, explained alerts on patterns that need a look. The tool proposes, a person decides.
    """
    if log_format or log_file:
        logs.begin(log_format or "text", log_file)
        logs.event("command began", command=ctx.invoked_subcommand, version=versions()["moneytrail"])


def main() -> None:
    """Run the command line and exit with the code of the contract."""
    begun = time.monotonic()
    look_seldom()
    try:
        code = moneytrail.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped. What was finished is kept; run the same command again to go on.", err=True)
        _ended(130, begun)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        _ended(error.exit_code, begun)
        sys.exit(error.exit_code)
    except ToolkitError as error:
        # What an error says names files and settings, never an account (flows.errors).
        logs.event("error", level=logging.ERROR, kind=type(error).__name__, what=error.what, where=error.where)
        _ended(error.exit_code, begun)
        _leave(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader of our output (`| head`) left; nothing more can be said to it.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - stays open until the process ends
        sys.exit(0)
    except Exception as error:  # the last resort of the program: say what to do instead of a bare stack
        logs.event("error", level=logging.ERROR, kind=type(error).__name__)
        _ended(1, begun)
        _leave(
            f"{type(error).__name__}: something went wrong that moneytrail did not foresee\n"
            "  try:   run again with 'moneytrail --trace ...' and send what it prints to whoever keeps this tool",
            1,
        )
    code = code if isinstance(code, int) else 0
    _ended(code, begun)
    sys.exit(code)


def _ended(code: int, begun: float) -> None:
    logs.event("command ended", exit_code=code, seconds=round(time.monotonic() - begun, 3), peak_mb=peak_mb())


def _leave(message: str, code: int) -> None:
    if "--trace" in sys.argv:
        traceback.print_exc()
    click.echo(message, err=True)
    sys.exit(code)
