"""The published log as static files, for any web server: C2SP tlog-tiles.

An export is brought in step with the published checkpoint: first the new tiles, then the
checkpoint, so that whoever reads it meanwhile finds all that its checkpoint covers. Partial tiles
of earlier checkpoints stay.

Entries are commitments and tell nothing by themselves, but their number and order tell how much
was written when. Who does not want that to be public leaves the entries out, or gives the export to
auditors alone.
"""

from pathlib import Path

from counterfoil.receipts.checkpoint import read_checkpoint
from counterfoil.receipts.folder import named_failures, write_durably
from counterfoil.receipts.reader import LogReader
from counterfoil.receipts.tiles import tiles_between


def export(reader: LogReader, folder: Path, *, with_entries: bool) -> int:
    """Bring an export in step with the published log, and count the files that were written.

    Raises:
        LogUnavailable: the folder cannot be used.
        TileMissing: the log lacks a tile.

    """
    published = reader.published()
    if published is None:
        return 0
    count = 0
    with named_failures(folder):
        before = read_checkpoint(folder / "checkpoint")
        old = before.checkpoint.size if before else 0
        for tile in tiles_between(old, published.checkpoint.size):
            if tile.level is not None or with_entries:
                write_durably(folder / tile.path, reader.tile(tile))
                count += 1
        write_durably(folder / "checkpoint", str(published).encode())
    return count
