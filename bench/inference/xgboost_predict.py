"""Times XGBoost on one thread with the model and the rows that the benchmark wrote, and prints JSON.

Usage: xgboost_predict.py MODEL.json ROWS.f32 FEATURES REPEATS SINGLE_ROWS
"""

import json
import statistics
import sys
import time

import numpy
import xgboost

model, rows_file, features, repeats, singles = sys.argv[1:]
rows = numpy.fromfile(rows_file, dtype=numpy.float32).reshape(-1, int(features))
booster = xgboost.Booster({"nthread": 1}, model_file=model)
booster.set_param({"nthread": 1})


def timed(predict):
    started = time.process_time()
    margins = predict()
    return time.process_time() - started, margins


def in_place():
    return timed(lambda: booster.inplace_predict(rows, predict_type="margin"))


def over_matrix():
    # A matrix of its own each time, outside of what is timed: XGBoost remembers what it predicted for one.
    matrix = xgboost.DMatrix(rows, nthread=1)
    return timed(lambda: booster.predict(matrix, output_margin=True))


margins = in_place()[1]
# The faster of XGBoost's two ways counts.
batch_seconds = min(
    ([way()[0] for _ in range(int(repeats))] for way in (in_place, over_matrix)), key=statistics.median
)
single_seconds = []
for row in range(int(singles)):
    one = rows[row : row + 1]
    started = time.process_time()
    booster.inplace_predict(one, predict_type="margin")
    single_seconds.append(time.process_time() - started)
print(
    json.dumps(
        {
            "version": xgboost.__version__,
            "rowsPerSecond": len(rows) / statistics.median(batch_seconds),
            "microsecondsPerRow": 1e6 * statistics.median(single_seconds),
            "margins": [float(margin) for margin in margins[:1000]],
        }
    )
)
