#!/usr/bin/env python3
"""Random messages of every API, kind and version, written by Kafka's own Java classes: we must read them as the same
JSON, and write that JSON as the same bytes. Then damaged ones: what we still read in them, Kafka must read too.

    protocol_java.py [--seed N] [--cases N] [--only API]...   a failure prints the seed, and keeps the case
    protocol_java.py --golden                                 writes fixtures/golden/protocol.jsonl anew
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
import protocol_kafka as kafka  # noqa: E402
from tap import Failed, Tap, shorten, skip_all  # noqa: E402

PROGRAM = ("Schema", "RandomJson", "UnknownTags", "Canonical", "Messages")
CASES, CASES_QUICK = 100, 10
GOLDEN = ROOT / "fixtures/golden/protocol.jsonl"
FOUND = ROOT / "fixtures/golden/found.jsonl"
KEPT_AT_MOST, SHOWN_AT_MOST = 20, 3


class Case:
    """What Kafka wrote and what we made of it."""

    def __init__(self, given, wanted, decoded, encoded):
        self.given, self.wanted, self.decoded, self.encoded = given, wanted, decoded, encoded
        self.api, self.kind, self.version = given["api"], given["kind"], given["version"]

    def name(self):
        return self.api + ("" if self.kind == "data" else self.kind.capitalize())

    def wrong(self):
        """The first thing that differs, or nothing."""
        if "error" in self.decoded:
            return "decode: %s" % self.decoded
        for part in ("header", "json"):
            if part in self.wanted and (part != "header" or self.given.get("header")):
                where = difference(self.decoded.get(part), self.wanted[part], part)
                if where:
                    return "decode: " + where
        if self.encoded.get("hex") != self.given["hex"]:
            return "encode: ours %s, Kafka's %s" % (shorten(self.encoded), self.given["hex"][:400])
        return None

    def golden(self):
        line = {**self.given, **{part: self.wanted[part] for part in ("header", "json") if part in self.wanted}}
        return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def difference(ours, theirs, path):
    """Where two JSON values differ, or nothing. 1 and 1.0 are the same number, 1 and true are not the same."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in [*theirs, *(key for key in ours if key not in theirs)]:
            if key not in ours or key not in theirs:
                sides = (shorten(side.get(key, "absent")) for side in (ours, theirs))
                return "%s.%s: ours %s, Kafka's %s" % (path, key, *sides)
            found = difference(ours[key], theirs[key], path + "." + key)
            if found:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        found = (difference(ours[i], theirs[i], "%s[%d]" % (path, i)) for i in range(len(ours)))
        return next(filter(None, found), None)
    if ours == theirs and sort_of(ours) == sort_of(theirs):
        return None
    return "%s: ours %s, Kafka's %s" % (path, shorten(ours), shorten(theirs))


def sort_of(value):
    """What Python's comparison does not look at."""
    return isinstance(value, bool), isinstance(value, float) and str(value) == "-0.0"


def bulk(word, source):
    """Runs our command over a file with one JSON object a line; the file with its answers."""
    target = source.with_suffix(".answers")
    with open(source, "rb") as given, open(target, "wb") as answers:
        done = subprocess.run([barnabas.program(), "protocol", word, "--jsonl"], stdin=given, stdout=answers,
                              stderr=subprocess.PIPE, check=False)
    # Lines that were refused may make the exit code one: they are looked at one by one.
    if done.returncode < 0:
        raise Failed("barnabas protocol %s ended with %d: %s" % (word, done.returncode, done.stderr.decode()[-1000:]))
    return target


def written(jar, jobs, seed, count, size, directory):
    """Lets the Java program of one jar write messages: the file with their bytes and the one with their JSON."""
    listed, given, wanted = (directory / ("%s-%s" % (jar, name)) for name in ("jobs", "bytes.jsonl", "json.jsonl"))
    listed.write_text("".join("%s %s %s %d %d\n" % job for job in jobs), encoding="ascii")
    kafka.run_java(kafka.program(jar, PROGRAM), "Messages", listed, seed, count, size, given, wanted)
    return given, wanted


def cases_of(jar, jobs, seed, count, size, directory):
    """The messages of one jar, and what our command makes of them. Yields Cases."""
    given, wanted = written(jar, jobs, seed, count, size, directory)
    decoded, encoded = bulk("decode", given), bulk("encode", wanted)
    files = [open(path, encoding="utf-8") for path in (given, wanted, decoded, encoded)]
    try:
        for lines in zip_all(files):
            yield Case(*map(read_json, lines))
    finally:
        for each in files:
            each.close()


def read_json(text):
    """An integer loses its sign at zero: -0 can only be meant as a float."""
    return json.loads(text, parse_int=lambda digits: -0.0 if digits == "-0" else int(digits))


def zip_all(files):
    """Lines of all files together; it is an error when one ends early."""
    while True:
        lines = [each.readline() for each in files]
        if not any(lines):
            return
        if not all(lines):
            raise Failed("an answer is missing: " + shorten(lines))
        yield lines


def keep(tap, path, lines, at_most):
    """Failing cases become golden ones: the unit tier runs them from then on."""
    if not lines:
        return
    for line in lines[:SHOWN_AT_MOST]:
        tap.note(line[:2000])
    with open(path, "a", encoding="utf-8") as out:
        out.writelines(lines[:at_most])
    tap.note("%d cases failed; up to %d of them are kept in %s" % (len(lines), at_most, path))


class Row:
    """What happened to one message."""

    def __init__(self):
        self.versions, self.cases, self.headers, self.bytes, self.wrong = set(), 0, 0, 0, []

    def add(self, case, wrong):
        self.versions.add(case.version)
        self.cases += 1
        self.headers += "header" in case.wanted
        self.bytes += len(case.given["hex"]) // 2
        if wrong:
            self.wrong.append("version %d: %s" % (case.version, wrong))

    def counts(self):
        return len(self.versions), self.cases, self.headers, self.bytes


def random_messages(tap, jobs, arguments):
    """The differential test. Returns the table of counts: name -> Row."""
    table, failures = {}, []
    with tempfile.TemporaryDirectory(prefix="barnabas-java-") as directory:
        for jar, jobs_of_jar in jobs.items():
            for case in cases_of(jar, jobs_of_jar, arguments.seed, arguments.cases, "any", Path(directory)):
                wrong = case.wrong()
                table.setdefault(case.name(), Row()).add(case, wrong)
                if wrong:
                    failures.append(case.golden())
    keep(tap, FOUND, failures, KEPT_AT_MOST)
    return table


def no_json(line):
    """Whether JSON cannot show what was read: Java replaces invalid UTF-8, and has one NaN."""
    return "\\udc" in line or '"NaN:' in line


def damaged_messages(tap, jobs, arguments):
    """Nothing may be read that Kafka refuses, or be read otherwise. That we are stricter is no fault: it is counted."""
    counts, wrong = dict.fromkeys(("cases", "read by both", "refused by both", "refused by us alone"), 0), []
    with tempfile.TemporaryDirectory(prefix="barnabas-java-") as directory:
        for jar, jobs_of_jar in jobs.items():
            count = max(1, arguments.cases // 4)
            given, wanted = written(jar, jobs_of_jar, arguments.seed, count, "damaged", Path(directory))
            files = [open(path, encoding="utf-8") for path in (given, wanted, bulk("decode", given))]
            for case, theirs, ours in zip_all(files):
                kafkas, mine = read_json(theirs), read_json(ours)
                counts["cases"] += 1
                if "error" in mine:
                    counts["refused by both" if "error" in kafkas else "refused by us alone"] += 1
                    continue
                counts["read by both"] += 1
                # Kafka fails at a tag that it knows of other versions, which is unknown to this one.
                if no_json(ours) or "is not valid for version" in kafkas.get("error", ""):
                    continue
                found = kafkas.get("error") or difference(mine["json"], kafkas["json"], "json")
                if found:
                    wrong.append("%s\n  %s" % (case.strip()[:1000], found))
            for each in files:
                each.close()
    with tap.case("damaged messages: what we read, Kafka reads as well"):
        tap.check(not wrong, "%d cases differ, the first ones:\n%s" % (len(wrong), "\n".join(wrong[:5])))
    tap.note("damaged: " + ", ".join("%d %s" % (count, what) for what, count in counts.items()))


def print_table(tap, table, seconds):
    tap.note("%-38s %8s %7s %7s %9s" % ("message", "versions", "cases", "headers", "bytes"))
    for name, row in sorted(table.items()):
        tap.note("%-38s %8d %7d %7d %9d" % (name, *row.counts()))
    tap.note("%d messages, %d versions, %d cases, %d with a header, %d bytes in %.0f s"
             % (len(table), *map(sum, zip(*(row.counts() for row in table.values()))), seconds))


def test(both, arguments):
    tap = Tap()
    tap.note("seed %d: protocol_java.py --seed %d --cases %d" % (arguments.seed, arguments.seed, arguments.cases))
    begin = time.monotonic()
    table = random_messages(tap, both.jobs(arguments.only), arguments)
    for name in both.names():
        if name not in table and not arguments.only:
            with tap.case(name):
                raise Failed("no case of it")
    for name, row in sorted(table.items()):
        with tap.case("%s, %d cases over %d versions" % (name, row.cases, len(row.versions))):
            first = "\n".join(row.wrong[:4])
            tap.check(not row.wrong, "%d cases differ, the first ones:\n%s" % (len(row.wrong), first))
    damaged_messages(tap, both.jobs(arguments.only), arguments)
    print_table(tap, table, time.monotonic() - begin)
    tap.done()


def write_golden(both):
    """One small message for the lowest and the highest version of each, Kafka's word alone."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="barnabas-java-") as directory:
        for jar, jobs in both.jobs().items():
            given, wanted = written(jar, jobs, 1, 1, "small", Path(directory))
            for pair in zip(given.read_text("utf-8").split("\n"), wanted.read_text("utf-8").split("\n")):
                if not all(pair):
                    continue
                case = Case(*map(json.loads, pair), {}, {})
                if case.version in both.span(case.name()):
                    lines.append((case.name(), case.version, case.golden()))
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text("".join(line for *_, line in sorted(lines)), encoding="utf-8")
    print("%s: %d messages" % (GOLDEN, len(lines)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--cases", type=int, default=CASES_QUICK if os.environ.get("BARNABAS_QUICK") else CASES)
    parser.add_argument("--only", action="append", default=[], metavar="API")
    parser.add_argument("--golden", action="store_true")
    arguments = parser.parse_args()
    try:
        both = kafka.Both()
        for jar in (kafka.NEW, kafka.OLD):
            kafka.program(jar, PROGRAM)
    except kafka.Unavailable as reason:
        skip_all(reason)
    if arguments.golden:
        write_golden(both)
    else:
        test(both, arguments)


if __name__ == "__main__":
    main()
