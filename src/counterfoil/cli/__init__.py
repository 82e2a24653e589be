"""The command line: `counterfoil`, one room of commands a module.

Commands open what they need, make one call of the domain, and print: a table for people, one JSON
object with `--json` for programs. What goes wrong is said in a sentence on stderr, and the exit
status says which kind of thing it was; see `cli.failure`.
"""

from counterfoil.cli.app import app, main

__all__ = ["app", "main"]
