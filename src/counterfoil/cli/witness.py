"""`counterfoil witness`: an independent witness, who cosigns a log as long as it only grows."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from counterfoil.cli.options import JSONOption, example
from counterfoil.cli.printing import console, print_json
from counterfoil.kernel.clock import SystemClock
from counterfoil.kernel.i18n import _

app = typer.Typer(help=_("Watch logs: cosign what only grows."), no_args_is_help=True)

KeyNameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help=_("The name to sign under, such as example.org/log."))
]
KeyFileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help=_("Where to write the secret key; must be new."))
]


@app.command(
    help=_("Make a witness's key. Keep the file; give the printed key to those who verify."),
    epilog=example("counterfoil witness key witness.example/one witness.key"),
)
def key(name: KeyNameArgument, file: KeyFileArgument, *, as_json: JSONOption = False) -> None:
    """Make a witness's key."""
    from counterfoil.receipts import KeyType

    make_key(name, file, KeyType.WITNESS, as_json=as_json)


@app.command(
    help=_("Answer logs over HTTP until told to end (SIGTERM or Ctrl-C)."),
    epilog=example("counterfoil witness serve memory --key witness.key --log VKEY"),
)
def serve(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help=_("Where the last checkpoint of each log is kept.")),
    ],
    *,
    key_file: Annotated[
        Path, typer.Option("--key", help=_("The witness's secret key."), show_default=False)
    ],
    logs: Annotated[
        list[str],
        typer.Option(
            "--log",
            metavar="VKEY",
            help=_("The public key of a log to watch. May be given again."),
            show_default=False,
        ),
    ],
    host: Annotated[str, typer.Option(help=_("The address to listen on."))] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=_("The port; 0 takes a free one."))
    ] = 8420,
) -> None:
    """Serve until a signal comes."""
    from counterfoil.receipts import parse_verifier_key
    from counterfoil.receipts.keyfile import read_signing_key
    from counterfoil.receipts.witness import Witness
    from counterfoil.receipts.witness_server import WitnessServer

    secret, known = read_signing_key(key_file), [parse_verifier_key(text) for text in logs]
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_signal: ending.set())
    with (
        Witness(folder, secret, known, SystemClock()) as witness,
        WitnessServer((host, port), witness) as server,
    ):
        thread = threading.Thread(target=server.serve_forever, name="witness")
        thread.start()
        console().print(
            _("{name} answers at {url}", name=witness.verifier.name, url=server.url),
            soft_wrap=True,
        )
        ending.wait()
        server.shutdown()
        thread.join()


def make_key(name: str, file: Path, key_type: "int", *, as_json: bool) -> None:
    """Make a key of a type, write its secret to a new file, and print its public half."""
    from counterfoil.receipts import KeyType, new_signing_key
    from counterfoil.receipts.keyfile import write_signing_key

    made = new_signing_key(name, KeyType(key_type))
    write_signing_key(file, made)
    if as_json:
        print_json({"verifier_key": str(made.verifier), "file": str(file)})
    else:
        console().print(str(made.verifier), soft_wrap=True, markup=False)
