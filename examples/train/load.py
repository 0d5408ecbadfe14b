"""Reads the measurements and gives the columns the names we use."""

from pathlib import Path

import pandas as pd

DATA = Path(__file__).parent / "data" / "wine.csv"


def load_wines(path=DATA):
    wines = pd.read_csv(path)
    wines = wines.rename(columns={"od280/od315_of_diluted_wines": "dilution"})
    return wines.dropna()
