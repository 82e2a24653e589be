"""The soak: real processes under load are killed again and again, and nothing may be lost.

Each round starts a worker process that opens the ledger and works it from several threads and an
event loop. The worker says over a pipe what it is about to ask (before it asks) and what it was
answered (after it was); what it has said survives its death. Then a fault strikes: SIGKILL at a
random instant, PostgreSQL stopped as by a power cut, a full disk, a cut connection, two processes
that want the same ledger. After each round the ledger is opened again and held against what the
worker had said:

- a loss: something was acknowledged and is not there, or not as it was acknowledged;
- a double: an id, a hold's end or an answer is there twice, or two answers to one request differ;
- a half: a part of a chain, or a transfer without the row that was to commit with it, or the row
  alone;
- a contradiction: any other disagreement, such as a balance that the log does not make.

All four have to be 0. Then everything that was never acknowledged is asked again with the same
ids and has to give one result.

    python -m tools.soak [--rounds 50] [--store both] [--seed 1] [--minutes 15] [--json]

`words` is what passes between the processes, `load` the requests, `worker` the process that is
killed, `books` a second, plain bookkeeping of the log, `checks` the comparison, `faults` what
strikes, `disk` where a disk can be filled, `rounds` the order of it all, `report` the outcome.
"""
