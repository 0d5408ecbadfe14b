"""Features of every recording in signals/, in parallel. Run me: python main.py"""

from pathlib import Path

from loky import get_reusable_executor

from extract import features_of
from summary import show

SIGNALS = Path(__file__).parent / "signals"


def main():
    paths = sorted(SIGNALS.glob("*.csv"))
    executor = get_reusable_executor(max_workers=2)
    rows = list(executor.map(features_of, paths, chunksize=8))
    show(rows)


if __name__ == "__main__":
    main()
