"""The model and how it is judged."""

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def make_model(params):
    if params["model"] == "logistic":
        return make_pipeline(StandardScaler(), LogisticRegression(C=params["C"], max_iter=500))
    return RandomForestClassifier(n_estimators=params["trees"], random_state=params["seed"])


def evaluate(model, X, y, folds, seed):
    splits = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
    return cross_val_score(model, X, y, cv=splits)
