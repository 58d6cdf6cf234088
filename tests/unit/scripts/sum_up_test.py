#!/usr/bin/env python3
"""scripts/sum_up: what counts as passed, failed and skipped.  sum_up_test.py SUM_UP"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

from tap import Tap  # noqa: E402

GOOD = "TAP version 13\nok 1 - a\nok 2 - b # SKIP no wind\n1..2\n"


def entry(stdout, result="OK", name="room", suite="unit"):
    return {"name": name, "suite": ["barnabas:" + suite], "stdout": stdout, "result": result}


def sum_up(*entries, ci=False):
    """(last line, exit code, everything printed)"""
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    if ci:
        environment["CI"] = "true"
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as log:
        log.write("".join(json.dumps(each) + "\n" for each in entries))
        log.flush()
        done = subprocess.run([sys.executable, sys.argv[1], log.name], stdout=subprocess.PIPE, text=True, env=environment,
                              check=False)
    return done.stdout.splitlines()[-1], done.returncode, done.stdout


def main():
    tap = Tap()
    with tap.case("cases are added over programs; skips are named with their reason"):
        last, code, text = sum_up(entry(GOOD), entry("TAP version 13\nok 1 - c\n1..1\n"))
        tap.equal((last, code), ("2 passed, 0 failed, 1 skipped", 0), "sum")
        tap.check("SKIPPED room: b: no wind" in text, text)
    with tap.case("a failing case fails the run and shows its output"):
        last, code, text = sum_up(entry("not ok 1 - a\n# 1 is not 2\nok 2 - b\n1..2\n", "FAIL"))
        tap.equal((last, code), ("1 passed, 1 failed, 0 skipped", 1), "sum")
        tap.check("FAILED room: a" in text and "1 is not 2" in text, text)
    with tap.case("a program that dies before its plan counts as a failure"):
        tap.equal(sum_up(entry("ok 1 - a\n", "ERROR"))[:2], ("1 passed, 1 failed, 0 skipped", 1), "without a plan")
        tap.equal(sum_up(entry("1..3\nok 1 - a\n", "ERROR"))[:2], ("1 passed, 1 failed, 0 skipped", 1), "with a plan")
        tap.equal(sum_up(entry("ok 1 - a\n1..1\n", "ERROR"))[:2], ("1 passed, 1 failed, 0 skipped", 1), "after its plan")
    with tap.case("a program that runs out of time counts as one failure"):
        tap.equal(sum_up(entry("ok 1 - a\n", "TIMEOUT"))[:2], ("1 passed, 1 failed, 0 skipped", 1), "sum")
    with tap.case("a program that skips itself counts as one skip, and in CI as a failure of the kafka tier"):
        whole = entry("TAP version 13\n1..0 # SKIP no java\n", "SKIP", suite="kafka")
        tap.equal(sum_up(whole)[:2], ("0 passed, 0 failed, 1 skipped", 0), "sum")
        tap.equal(sum_up(whole, ci=True)[:2], ("0 passed, 1 failed, 1 skipped", 1), "sum in CI")
        tap.equal(sum_up(entry(GOOD), ci=True)[:2], ("1 passed, 0 failed, 1 skipped", 0), "other tiers in CI")
    with tap.case("nothing run is a failure"):
        tap.equal(sum_up()[:2], ("0 passed, 1 failed, 0 skipped", 1), "sum")
    tap.done()


if __name__ == "__main__":
    main()
