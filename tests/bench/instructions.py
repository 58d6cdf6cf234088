#!/usr/bin/env python3
"""Counts the instructions that a record costs between a response's block and its acknowledgement, and holds them to a bound.

Instructions do not depend on how busy the machine is. Two runs of different length under callgrind, and the difference:
what starting up costs falls out. usage: instructions.py PROGRAM
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from tap import Failed, Tap, need  # noqa: E402

RECORDS_A_SHARE = 1000
SHORT, LONG = 20, 120
# Measured were 264, 365 and 382 (g++ 12.2, -O2, x86-64 with SSE 4.2, 100-byte records, with headers of the same size); a
# quarter more is allowed.
BOUNDS = {"none": 330, "lz4": 456, "none headers": 478}
HEADERS_BOUND = 145


def instructions(program, shares, what):
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=%s/out" % directory,
                               program, str(shares), *what.split()], capture_output=True, text=True, check=False)
    said = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not said:
        raise Failed("valgrind or the program failed: " + (done.stderr or done.stdout)[-800:])
    return int(said.group(1))


def main():
    need("valgrind")
    tap = Tap()
    costs = {}
    for what, bound in BOUNDS.items():
        with tap.case("a record (%s) costs at most %d instructions" % (what, bound)):
            short, long = (instructions(sys.argv[1], shares, what) for shares in (SHORT, LONG))
            costs[what] = cost = (long - short) / ((LONG - SHORT) * RECORDS_A_SHARE)
            tap.note("%s: %.1f instructions a record" % (what, cost))
            tap.check(cost <= bound, "%.1f instructions a record, allowed are %d" % (cost, bound))
            tap.check(cost > 20, "%.1f instructions a record cannot be true" % cost)
    with tap.case("headers that nobody reads cost at most %d instructions a record" % HEADERS_BOUND):
        more = costs["none headers"] - costs["none"]
        tap.check(more <= HEADERS_BOUND, "%.1f instructions more than without headers" % more)
    tap.done()


main()
