"""Prints the figures."""

from features import TARGET


def show(wines, X, scores, params):
    print(f"{len(wines)} wines, {X.shape[1]} columns, target {TARGET}")
    print(wines.groupby(TARGET)[["alcohol", "phenol_ratio", "proline"]].mean().round(2).to_string())
    print(f"{params['model']}: accuracy {scores.mean():.3f} +- {scores.std():.3f} over {len(scores)} folds")
