"""Which cultivar is this wine from? Run me: python pipeline.py"""

from pathlib import Path

import yaml

import features
from load import load_wines
from model import evaluate, make_model
from report import show

PARAMS = Path(__file__).parent / "params.yaml"


def main():
    params = yaml.safe_load(PARAMS.read_text())
    wines = load_wines()
    X, y = features.build(wines)
    scores = evaluate(make_model(params), X, y, params["folds"], params["seed"])
    show(features.add_ratios(wines), X, scores, params)


if __name__ == "__main__":
    main()
