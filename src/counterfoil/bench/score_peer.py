"""A peer's part of `counterfoil bench score-fit`, run by the Python of the peers' own environment.

It stands alone: it imports nothing of ours, and of theirs only what it was asked for.

    python score_peer.py optbinning table.npz
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


def optbinning(train: Any, is_bad: Any, test: Any) -> Any:
    """Bin every column optimally, fit a logistic regression to the weights, make a scorecard."""
    library = importlib.import_module("optbinning")
    linear = importlib.import_module("sklearn.linear_model")
    names = list(train.columns)
    binning = library.BinningProcess(names)
    card = library.Scorecard(binning, linear.LogisticRegression(max_iter=1000))
    card.fit(train, is_bad)
    return lambda: card.predict_proba(test)[:, 1]


def scorecardpy(train: Any, is_bad: Any, test: Any) -> Any:
    """Bin every column into weights of evidence, and fit a logistic regression to them."""
    library = importlib.import_module("scorecardpy")
    linear = importlib.import_module("sklearn.linear_model")
    bins = library.woebin(train.assign(bad=is_bad), y="bad", print_info=False)
    weights = library.woebin_ply(train, bins, print_info=False)
    fitted = linear.LogisticRegression(max_iter=1000).fit(weights, is_bad)
    return lambda: fitted.predict_proba(library.woebin_ply(test, bins, print_info=False))[:, 1]


PEERS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "optbinning": optbinning,
    "scorecardpy": scorecardpy,
}


def main() -> None:
    """Fit once, timed, and say what the held-out rows get."""
    pandas = importlib.import_module("pandas")
    peer, path = sys.argv[1:]
    told = np.load(path)
    names = [f"column_{place}" for place in range(told["train"].shape[1])]
    train, test = (pandas.DataFrame(told[part], columns=names) for part in ("train", "test"))
    importlib.import_module(peer)
    started = time.perf_counter()
    scored = PEERS[peer](train, told["train_bad"].astype(int), test)
    seconds = time.perf_counter() - started
    version = importlib.import_module("importlib.metadata").version(peer)
    said = {"seconds": seconds, "version": version, "bad": [float(one) for one in scored()]}
    sys.stdout.write("\n" + json.dumps(said))


if __name__ == "__main__":
    main()
