#!/usr/bin/env python3
"""Trains the two starter models of the card-payments detector on simulated data, and says how good they are.

    python3 catalog/models/train_card_payments.py [--data FOLDER] [--inputs FILE]

Needs Debian's python3-xgboost (1.7) and python3-numpy. The payments come from `assay simulate card-payments` with a
seed of their own, so that no model has seen the customers, terminals or frauds of any sample. Models learn from the
labels that were known in time, late and sometimes wrong as they are, and are judged by the truth of a later period.

Writes card-payments-trees.ubj and card-payments-dart.ubj beside this file. With --data, the simulated files are kept
in that folder, and used again if they are there. With --inputs, the ordered inputs of both models are written as JSON.
"""

import argparse
import csv
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import xgboost as xgb

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

WORLD = {"days": 210, "customers": 3000, "terminals": 800, "seed": 20111}
START = np.datetime64("2026-01-01")
TRAIN_DAYS = 120
# A month for labels to arrive; what nobody disputed by then counts as legitimate.
LABELLED_DAYS = 150

# Whose word counts when sources disagree, strongest first, as the event type says.
SOURCES = ["analyst", "chargeback", "customer_report", "customer_confirmation"]

NUMBER, BOOLEAN, CATEGORY = "number", "boolean", "category"
INPUTS = {
    "amount": NUMBER,
    "currency": CATEGORY,
    "merchant_category": CATEGORY,
    "channel": CATEGORY,
    "country": CATEGORY,
    "card_country": CATEGORY,
    "distance_km": NUMBER,
    "card_age_days": NUMBER,
    "device_age_days": NUMBER,
    "attempt_count": NUMBER,
    "three_ds": BOOLEAN,
    "billing_match": CATEGORY,
    "email_domain": CATEGORY,
    "items": NUMBER,
    "local_hour": NUMBER,
}

COMMON = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    # One category against the rest: sets of categories would be learnt from too few frauds.
    "max_cat_to_onehot": 64,
    "subsample": 0.8,
    "colsample_bytree": 0.7,
    "nthread": 2,
}
# Two members that err differently: one deep over all inputs, one shallow over those that thieves choose.
MODELS = {
    "card-payments-trees": {
        "inputs": list(INPUTS),
        "rounds": 100,
        "parameters": {"booster": "gbtree", "max_depth": 5, "eta": 0.08, "min_child_weight": 1.5, "lambda": 3, "seed": 1},
    },
    "card-payments-dart": {
        "inputs": [
            "amount",
            "merchant_category",
            "channel",
            "distance_km",
            "device_age_days",
            "attempt_count",
            "three_ds",
            "billing_match",
            "email_domain",
            "local_hour",
        ],
        "rounds": 60,
        "parameters": {
            "booster": "dart",
            "rate_drop": 0.04,
            "skip_drop": 0.6,
            "max_depth": 4,
            "eta": 0.1,
            "min_child_weight": 1.5,
            "lambda": 3,
            "seed": 2,
        },
    },
}


def simulate(folder):
    """Makes the payments, their labels and their truth in the folder, unless they are there."""
    paths = {name: folder / f"{name}.csv" for name in ("payments", "labels", "truth")}
    if not all(path.exists() for path in paths.values()):
        flags = [text for name, value in WORLD.items() for text in (f"--{name}", str(value))]
        files = ["--out", paths["payments"], "--labels", paths["labels"], "--truth", paths["truth"]]
        command = ["npm", "run", "-s", "assay", "--", "simulate", "card-payments", "--start", str(START)]
        subprocess.run([*command, *flags, *map(str, files)], cwd=ROOT, check=True)
    return paths


def read_columns(path):
    """The columns of a CSV file as lists of text, by name."""
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return dict(zip(header, zip(*rows)))


def effective_labels(path, known_by):
    """What each labelled event counts as at a moment: the strongest source's word, the latest among its own."""
    said = {}
    labels = read_columns(path)
    for event_id, value, source, said_at in zip(*(labels[name] for name in ("event_id", "value", "source", "said_at"))):
        if np.datetime64(said_at.rstrip("Z")) > known_by:
            continue
        strength = (-SOURCES.index(source), said_at)
        if event_id not in said or strength >= said[event_id][0]:
            said[event_id] = (strength, value)
    return {event_id: value for event_id, (_, value) in said.items()}


def levels_of(values):
    """The categories that occur, in the order of their codes."""
    return sorted({value for value in values if value})


def encoded(values, kind, levels):
    """A column as the model reads it: numbers, 1 and 0, or the place of the level; NaN is missing."""
    if kind == NUMBER:
        return np.array([float(value) if value else np.nan for value in values], np.float32)
    codes = {"true": 1, "false": 0} if kind == BOOLEAN else {level: code for code, level in enumerate(levels)}
    return np.array([codes.get(value, np.nan) for value in values], np.float32)


def average_precision(scores, fraud):
    """Area under the precision-recall steps, ties sharing one threshold."""
    order = np.argsort(-scores, kind="stable")
    ranked, found = scores[order], np.cumsum(fraud[order])
    last = np.append(ranked[1:] != ranked[:-1], True)
    precision = found[last] / (np.flatnonzero(last) + 1)
    return float(np.sum(np.diff(found[last], prepend=0) * precision) / fraud.sum())


def recall_at(rate, scores, fraud):
    """Share of the frauds above the threshold that this share of legitimate payments passes."""
    threshold = np.quantile(scores[~fraud], 1 - rate)
    return float(np.mean(scores[fraud] > threshold))


def report(name, scores, fraud):
    print(f"{name:22} AP {average_precision(scores, fraud):.3f}  recall at 0.5 % FPR {recall_at(0.005, scores, fraud):.3f}")


def logit(probability):
    return np.log(probability) - np.log1p(-probability)


def matrix(columns, names, rows, label=None):
    """The rows of a model's inputs, with names and types, so that the model's file can be checked against them."""
    data = np.column_stack([columns[name][rows] for name in names])
    types = ["c" if INPUTS[name] == CATEGORY else "q" for name in names]
    return xgb.DMatrix(data, label, feature_names=names, feature_types=types, enable_categorical=True)


def main(folder, inputs_file):
    paths = simulate(folder)
    payments, truth = read_columns(paths["payments"]), read_columns(paths["truth"])
    days = (np.array([at[:10] for at in payments["occurred_at"]], "datetime64[D]") - START).astype(int)
    levels = {name: levels_of(payments[name]) for name, kind in INPUTS.items() if kind == CATEGORY}
    columns = {name: encoded(payments[name], kind, levels.get(name)) for name, kind in INPUTS.items()}

    labels = effective_labels(paths["labels"], START + np.timedelta64(LABELLED_DAYS, "D"))
    labelled_fraud = np.array([labels.get(event_id) == "fraud" for event_id in payments["event_id"]])
    fraud = np.array([value == "true" for value in truth["fraud"]])
    train, test = np.flatnonzero(days < TRAIN_DAYS), np.flatnonzero(days >= LABELLED_DAYS)
    print(f"train: {len(train)} payments, {labelled_fraud[train].sum()} labelled fraud")
    print(f"test: {len(test)} payments, {fraud[test].sum()} fraud")

    margins = []
    for name, model in MODELS.items():
        rate = float(labelled_fraud[train].mean())
        parameters = {**COMMON, **model["parameters"], "base_score": rate}
        data = matrix(columns, model["inputs"], train, labelled_fraud[train])
        booster = xgb.train(parameters, data, model["rounds"])
        path = HERE / f"{name}.ubj"
        booster.save_model(path)
        scores = booster.predict(matrix(columns, model["inputs"], test))
        margins.append(logit(scores.astype(float)))
        report(name, scores, fraud[test])
        print(f"{'':22} {path.stat().st_size} bytes, mean probability {scores.mean():.5f} of {fraud[test].mean():.5f}")
    report("both (mean of logits)", np.mean(margins, axis=0), fraud[test])
    report("amount alone", columns["amount"][test], fraud[test])

    if inputs_file:
        described = {
            name: [
                {"name": each, "kind": INPUTS[each], **({"levels": levels[each]} if each in levels else {})}
                for each in model["inputs"]
            ]
            for name, model in MODELS.items()
        }
        inputs_file.write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder in which to keep the simulated files")
    parser.add_argument("--inputs", type=pathlib.Path, help="file to write the ordered inputs to, as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        main(arguments.data or pathlib.Path(scratch), arguments.inputs)
