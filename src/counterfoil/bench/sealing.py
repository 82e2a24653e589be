"""What sealing costs the ledger: the same batches with it and without, in turns, in one run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from counterfoil.bench.load import Load, open_accounts
from counterfoil.bootstrap.folder import SiteFolder
from counterfoil.kernel.database import DatabaseURL
from counterfoil.ledger import Ledger
from counterfoil.sealing import Sealing

ROUNDS = 7
_PATIENCE_MS = 600_000

Progress = Callable[[int, int], None]
"""Called with the transfers done and the transfers in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Durable transfers a second, and how long the last one waited for its receipt."""

    transfers_per_second: int
    sealed_transfers_per_second: int
    share_kept: float
    """The median over the rounds of sealed by unsealed."""
    seconds_behind: float
    """From the last commit of a round to its published checkpoint, the median."""
    transfers: int
    store: str
    durability: str


def measure(
    url: str, folder: Path, *, transfers: int, batch: int, accounts: int, progress: Progress
) -> Cost:
    """Post rounds of batches, with the sealing off and on; making a batch is not counted.

    The salt keys of all accounts are made before the first round: that happens once an account.
    """
    keys = SiteFolder(folder).keys("bench.example")
    with Ledger.open(url) as ledger:
        first = open_accounts(ledger, accounts)
        load = Load("uniform", first, accounts, references=False)
        done, total = 0, transfers // (2 * ROUNDS * batch) * batch

        def post() -> float:
            nonlocal done
            seconds = 0.0
            for _ in range(total // batch):
                asked = load.batch(batch)
                start = time.perf_counter()
                ledger.post_records(asked)
                seconds += time.perf_counter() - start
                done += batch
                progress(done, 2 * ROUNDS * total)
            return total / seconds

        rates: list[tuple[float, float, float]] = []
        for round_number in range(-1, ROUNDS):
            alone = post() if round_number >= 0 else 0.0
            with Sealing.open(ledger, url, folder / "logs", keys) as sealing:
                sealing.wait_for(transfers=ledger.seq, timeout_ms=_PATIENCE_MS)
                if round_number < 0:
                    continue
                sealed = post()
                start = time.perf_counter()
                sealing.wait_for(transfers=ledger.seq, timeout_ms=_PATIENCE_MS)
                rates.append((alone, sealed, time.perf_counter() - start))
        return Cost(
            transfers_per_second=round(statistics.median(alone for alone, _, _ in rates)),
            sealed_transfers_per_second=round(statistics.median(sealed for _, sealed, _ in rates)),
            share_kept=round(statistics.median(sealed / alone for alone, sealed, _ in rates), 2),
            seconds_behind=round(statistics.median(behind for _, _, behind in rates), 2),
            transfers=done,
            store=DatabaseURL(url).dialect,
            durability=ledger.durability,
        )
