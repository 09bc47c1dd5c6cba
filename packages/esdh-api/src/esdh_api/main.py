"""The command `esdh-api`: serve, or print the OpenAPI document."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import Any, Final

import click

from esdh_models import errors

from .allocation import give_memory_back
from .app import create_app
from .openapi import openapi_document
from .request_log import configure_logging
from .server import Server, bind, warm_up, welcome
from .settings import SHORT_KEY, VARIABLES, Settings
from .supervisor import Supervisor

EXIT_BAD_INPUT: Final = 2
_HELP: Final = {"help_option_names": ["-h", "--help"]}


@click.group(
    context_settings={**_HELP, "max_content_width": 100},
    epilog="Settings come from the environment: " + ", ".join(VARIABLES) + ".",
)
@click.version_option(package_name="esdh-api", prog_name="esdh-api")
def cli() -> None:
    """Serve synthetic auto-insurance data over HTTP."""


@cli.command(context_settings=_HELP)
@click.option("--host", help="Address to bind.  [default: ESDH_API_HOST or 127.0.0.1]")
@click.option("--port", type=int, help="Port to bind; 0 takes any.  [default: 5000]")
@click.option("--processes", type=int, help="Server processes on that port.  [default: 1]")
@click.option("--inherited-socket", type=int, hidden=True)
def serve(inherited_socket: int | None, **given: Any) -> int:
    """Serve until a signal comes, then finish what was begun.

    Without ESDH_API_KEY the service is open, and binds loopback only.
    """
    overrides = {name: value for name, value in given.items() if value is not None}
    settings = _read_settings(overrides)
    configure_logging()
    if inherited_socket is not None:
        with socket.socket(fileno=inherited_socket) as listening:
            return _serve_alone(settings, listening, is_child=True)
    with bind(settings) as listening:
        if any(len(key.get_secret_value()) < SHORT_KEY for key in settings.api_keys):
            click.echo(
                f"esdh-api: an API key has fewer than {SHORT_KEY} characters; use a longer one"
                " outside of demos",
                err=True,
            )
        if settings.processes > 1:
            return _serve_together(settings, listening)
        return _serve_alone(settings, listening)


@cli.command(context_settings=_HELP)
def openapi() -> None:
    """Print the OpenAPI document of the service as the environment sets it."""
    settings = Settings.from_environment(os.environ)
    click.echo(json.dumps(openapi_document(settings), indent=2))


def main() -> None:
    """Run the command line of this process and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; what cannot be is told in one line on standard error."""
    try:
        result = cli.main(args=arguments, prog_name="esdh-api", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.Abort:
        return 128 + signal.SIGINT
    except click.ClickException as error:
        message = " ".join(error.format_message().split()).rstrip(".")
    except errors.EsdhError as error:
        message = str(error)
    else:
        return result if isinstance(result, int) else 0
    click.echo(f"esdh-api: {message}", err=True)
    return EXIT_BAD_INPUT


def _read_settings(overrides: dict[str, Any]) -> Settings:
    """Read the environment; a refusal names the option where one was given."""
    try:
        return Settings.from_environment(os.environ, **overrides)
    except errors.InvalidRequestError as error:
        message = str(error)
        for variable, setting in VARIABLES.items():
            if setting in overrides:
                message = message.replace(variable, f"--{setting}")
        raise errors.InvalidRequestError(message) from None


def _serve_alone(settings: Settings, listening: socket.socket, *, is_child: bool = False) -> int:
    give_memory_back()
    server = Server(create_app(settings), settings, listening)
    _heed_signals(server)
    warm_up()
    server.accept_connections()
    if is_child:
        threading.Thread(target=_stop_with_parent, args=[server], daemon=True).start()
    else:
        click.echo(f"esdh-api: {welcome(settings, listening)}")
    server.run()
    if server.task_dispatcher.threads:
        os._exit(0)  # an answer that was cut is still being made, by code that cannot be unwound
    return 0


def _serve_together(settings: Settings, listening: socket.socket) -> int:
    supervisor = Supervisor(settings, listening)
    _heed_signals(supervisor)
    click.echo(f"esdh-api: {welcome(settings, listening)}")
    return supervisor.run()


def _heed_signals(server: Server | Supervisor) -> None:
    """The first signal stops when what runs is finished, the second at once."""
    received: list[int] = []

    def _handle(number: int, _: FrameType | None) -> None:
        received.append(number)
        if len(received) == 1:
            server.stop()
        else:
            server.stop_at_once(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _handle)


def _stop_with_parent(server: Server) -> None:
    """Stop when standard input ends: it is a pipe from the parent, which may be killed."""
    while os.read(0, 1):
        pass
    server.stop()
