"""The reference features of a history in pandas, as it is commonly done: rolling windows by time, entity by entity.

Arguments: folder with the history's columns as raw arrays. Prints JSON: version, CPU seconds, mean of each feature.
"""

import json
import os
import sys
import time

import numpy
import pandas

folder = sys.argv[1]


def column(name, kind):
    return numpy.fromfile(os.path.join(folder, name), dtype=kind)


frame = pandas.DataFrame(
    {
        "at": pandas.to_datetime(column("atMs", "<f8").astype("int64"), unit="ms"),
        "customer": column("customer", "<i4"),
        "terminal": column("terminal", "<i4"),
        "amount": column("cents", "<i4") / 100,
        "fraud": column("fraud", "u1").astype(float),
    }
)


def rolling(entity, days, value):
    """Sums over the days before each event, in the order of the frame; an event is not part of its own window."""
    indexed = frame.set_index("at")
    rolled = indexed.groupby(entity, sort=False)[value].rolling(f"{days}D", closed="left")
    order = numpy.argsort(frame.groupby(entity, sort=False).ngroup().to_numpy(), kind="stable")
    sums = numpy.empty(len(frame))
    counts = numpy.empty(len(frame))
    sums[order] = rolled.sum().to_numpy()
    counts[order] = rolled.count().to_numpy()
    return numpy.nan_to_num(sums), numpy.nan_to_num(counts)


started = time.process_time()
features = {}
for days in (1, 7, 30):
    total, count = rolling("customer", days, "amount")
    features[f"customer_count_{days}d"] = count
    features[f"customer_mean_{days}d"] = numpy.divide(
        total, count, out=numpy.full(len(frame), numpy.nan), where=count > 0
    )
late_frauds, late_count = rolling("terminal", 7, "fraud")
for days in (1, 7, 30):
    frauds, count = rolling("terminal", 7 + days, "fraud")
    features[f"terminal_count_{days}d"] = count - late_count
    features[f"terminal_risk_{days}d"] = (frauds - late_frauds + 0.01 * 10) / (count - late_count + 10)
seconds = time.process_time() - started

print(
    json.dumps(
        {
            "version": pandas.__version__,
            "seconds": seconds,
            "means": {name: float(numpy.nanmean(values)) for name, values in features.items()},
        }
    )
)
