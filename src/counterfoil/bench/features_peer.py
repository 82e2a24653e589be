"""A peer's part of `counterfoil bench score`: features before instants, by the peers' own Python.

It stands alone: it imports nothing of ours, and of theirs only what it was asked for.

    python features_peer.py pandas events.npz
"""

import importlib
import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

warnings.filterwarnings("ignore")  # the peers', about each other

MINUTE_US, DAY_MINUTES, OWN = 60_000_000, 1440, 9
WINDOWS = (7, 30, 90, 365)


def by_pandas(library: Any, events: Any, cutoffs: Any) -> Any:
    """Join, cut and group: five sums and shares a window, as somebody writes them by hand."""
    seen = events.merge(cutoffs, on="subject")
    seen = seen[seen["occurred_at"] < seen["as_of"]]
    back = seen["as_of"] // MINUTE_US - seen["occurred_at"] // MINUTE_US
    found = seen.groupby("subject").agg(count=("change", "size"), total=("change", "sum"))
    for days in WINDOWS:
        part = seen[(back < days * DAY_MINUTES) & (seen["kind"] != OWN)]
        came, went = part["change"].clip(lower=0), (-part["change"]).clip(lower=0)
        subject = part["subject"]
        inside = library.DataFrame({
            f"inflow_{days}": came.groupby(subject).sum(),
            f"outflow_{days}": went.groupby(subject).sum(),
            f"count_{days}": came.groupby(subject).size(),
            f"lowest_{days}": part.groupby("subject")["balance"].min(),
        })  # fmt: skip
        inside[f"savings_{days}"] = (inside[f"inflow_{days}"] - inside[f"outflow_{days}"]) / inside[
            f"inflow_{days}"
        ].where(inside[f"inflow_{days}"] > 0)
        found = found.join(inside)
    return cutoffs[["subject"]].merge(found, on="subject", how="left").set_index("subject")


def by_featuretools(library: Any, events: Any, cutoffs: Any) -> Any:
    """Have deep feature synthesis aggregate each person's payments up to their own instant."""
    pandas = importlib.import_module("pandas")
    told = library.EntitySet("payments")
    people = pandas.DataFrame({"subject": cutoffs["subject"].unique()})
    payments = events.assign(at=pandas.to_datetime(events["occurred_at"], unit="us"))
    payments = payments.drop(columns=["occurred_at", "previous_at", "alike_at"])
    told.add_dataframe(dataframe_name="people", dataframe=people, index="subject")
    told.add_dataframe(dataframe_name="payments", dataframe=payments, index="number",
                       time_index="at")  # fmt: skip
    told.add_relationship("people", "subject", "payments", "subject")
    at = cutoffs.assign(time=pandas.to_datetime(cutoffs["as_of"], unit="us"))
    found, _names = library.dfs(
        entityset=told, target_dataframe_name="people", cutoff_time=at[["subject", "time"]],
        agg_primitives=["sum", "mean", "min", "max", "std", "count"], trans_primitives=[],
        max_depth=1, include_cutoff_time=False, n_jobs=1,
    )  # fmt: skip
    return found.rename(columns={"COUNT(payments)": "count", "SUM(payments.change)": "total"})


PEERS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "pandas": by_pandas,
    "featuretools": by_featuretools,
}


def main() -> None:
    """Compute once, timed, and say what can be compared."""
    pandas = importlib.import_module("pandas")
    peer, path = sys.argv[1:]
    told = np.load(path)
    events, cutoffs = (
        pandas.DataFrame({name.partition(".")[2]: told[name] for name in told
                          if name.startswith(part)})
        for part in ("events.", "cutoffs.")
    )  # fmt: skip
    library = importlib.import_module(peer)
    started = time.perf_counter()
    found = PEERS[peer](library, events, cutoffs)
    seconds = time.perf_counter() - started
    found = found.loc[sorted(found.index)]
    compared = [name for name in found.columns if name in {"count", "total"} or "savings" in name]
    told_values = {
        name: [None if value != value else float(value) for value in found[name]]  # noqa: PLR0124
        for name in compared
    }
    said = {"seconds": seconds, "version": library.__version__, "features": len(found.columns),
            "values": told_values}  # fmt: skip
    sys.stdout.write("\n" + json.dumps(said))


if __name__ == "__main__":
    main()
