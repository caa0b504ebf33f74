"""Features of many events in a process of its own, so that the largest memory it held is theirs."""

import json
import resource
import sys
import time

import numpy as np

from benchmarks.history import event_columns, parts
from benchmarks.population import Population
from benchmarks.report import Row
from ml.domains.payments.features import PAYMENTS
from ml.features.bulk import compute


def bulk(count: int) -> Row:
    population = Population()
    columns = [event_columns(population, part) for part in parts(population, count, hot=0)]
    arrays = {name: np.concatenate([part[name] for part in columns]) for name in columns[0]}
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    found = compute(PAYMENTS, arrays)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "what": f"bulk, {found.shape[1]} features",
        "events": count,
        "per_cpu_s": count / cpu,
        "seconds": time.perf_counter() - began,
        "peak_mib": after.ru_maxrss / 1024,
        "of_it_input_mib": before.ru_maxrss / 1024,
        "of_it_result_mib": found.nbytes / 2**20,
    }


if __name__ == "__main__":
    print(json.dumps(bulk(int(sys.argv[1]))))
