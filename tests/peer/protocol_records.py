#!/usr/bin/env python3
"""Record batches and message sets of every magic, codec and attribute: what Kafka's MemoryRecords writes we must read
as it does itself, and what we write Kafka must read back as what went in. Compressed bytes may differ, contents may
not. Then damaged ones with a checksum that holds: what we still read in them, Kafka must read too.

    protocol_records.py [--seed N] [--cases N]    a failure prints the seed, and keeps the case
    protocol_records.py --golden                  writes fixtures/golden/records.jsonl anew
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
import protocol_kafka as kafka  # noqa: E402
from protocol_java import difference, keep, zip_all  # noqa: E402
from tap import Failed, Tap, shorten, skip_all  # noqa: E402

PROGRAM = ("RandomBatches", "Records")
GOLDEN = ROOT / "fixtures/golden/records.jsonl"
FOUND = ROOT / "fixtures/golden/records_found.jsonl"
GOLDEN_BYTES_MAX = 600
DAMAGED_BYTES_MAX = 2500
KEPT_AT_MOST = 10
CASES, CASES_QUICK = 60, 10
# Facts that both sides give under the same name: of every batch, and of those of magic 2.
EVERY = ("base_offset", "last_offset", "magic", "compression", "timestamp_type", "max_timestamp")
MAGIC_2 = ("partition_leader_epoch", "base_timestamp", "is_transactional", "is_control", "producer_id",
          "producer_epoch", "base_sequence", "delete_horizon_ms")


def facts(batch, with_crc):
    """What must agree of a batch. The checksum only where the bytes are the same."""
    names = EVERY
    if batch.get("magic") == 2:
        names += MAGIC_2 + (("crc",) if with_crc else ())
    out = {name: batch.get(name) for name in names}
    out["records"] = [{**record, "headers": record.get("headers") or []} for record in batch.get("records", [])]
    return out


def compare(ours, theirs, with_crc):
    """Where two lists of batches differ, or nothing."""
    for batch in ours:
        if "error" in batch:
            return "refused: %s" % shorten(batch)
    if len(ours) != len(theirs):
        return "%d batches, Kafka's %d" % (len(ours), len(theirs))
    for index, (mine, kafkas) in enumerate(zip(ours, theirs)):
        found = difference(facts(mine, with_crc), facts(kafkas, with_crc), "batches[%d]" % index)
        if found:
            return found
    return None


def command(word, source, target):
    """Runs our command over a file of lines."""
    with open(source, "rb") as given, open(target, "wb") as answers:
        done = subprocess.run([barnabas.program(), "records", word, "--jsonl"], stdin=given, stdout=answers,
                              stderr=subprocess.PIPE, check=False)
    if done.returncode < 0:
        raise Failed("barnabas records %s ended with %d: %s" % (word, done.returncode, done.stderr.decode()[-1000:]))


def run(seed, cases, directory):
    """Yields for each case: Kafka's bytes, Kafka's reading, our reading of its bytes, Kafka's reading of ours."""
    names = ("bytes", "wanted", "read", "written", "back")
    bytes_, wanted, read, written, back = (directory / name for name in names)
    program = kafka.program(kafka.NEW, PROGRAM)
    kafka.run_java(program, "Records", "write", seed, cases, bytes_, wanted)
    command("decode", bytes_, read)
    command("encode", wanted, written)
    kafka.run_java(program, "Records", "read", written, back)
    files = [open(path, encoding="utf-8") for path in (bytes_, wanted, read, back)]
    try:
        for lines in zip_all(files):
            yield map(json.loads, lines)
    finally:
        for each in files:
            each.close()


def check(bytes_, wanted, read, back):
    """What is wrong with a case: (with our reading, with our writing)."""
    theirs = wanted["batches"]
    reading = "error: %s" % read["error"] if "error" in read else compare(read["batches"], theirs, True)
    writing = "Kafka refuses it: %s" % back["error"] if "error" in back else compare(back["batches"], theirs, False)
    if reading:
        reading += "\n  bytes: " + bytes_["hex"][:600]
    if writing:
        writing += "\n  batches: " + json.dumps(theirs)[:600]
    return reading, writing


def golden(bytes_, wanted):
    """A line of a golden file."""
    line = {"hex": bytes_["hex"], "batches": [facts(batch, True) for batch in wanted["batches"]]}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def kinds_of(wanted):
    """What a case shows: a set of kinds of batches."""
    for batch in wanted["batches"]:
        records = batch["records"]
        names = ("magic", "compression", "timestamp_type", "is_transactional", "is_control")
        yield (*(batch.get(name) for name in names),
               batch.get("delete_horizon_ms") is not None, any(record["headers"] for record in records), not records)


def write_golden():
    """The smallest of many random cases for each kind of batch, Kafka's word alone."""
    smallest = {}
    with tempfile.TemporaryDirectory(prefix="barnabas-java-") as directory:
        given, wanted = Path(directory) / "bytes", Path(directory) / "wanted"
        kafka.run_java(kafka.program(kafka.NEW, PROGRAM), "Records", "write", 1, 200, given, wanted)
        for pair in zip(open(given, encoding="utf-8"), open(wanted, encoding="utf-8")):
            bytes_, batches = map(json.loads, pair)
            for kind in kinds_of(batches):
                if len(bytes_["hex"]) < 2 * GOLDEN_BYTES_MAX and len(bytes_["hex"]) < smallest.get(kind, (1 << 30,))[0]:
                    smallest[kind] = (len(bytes_["hex"]), golden(bytes_, batches))
    lines = sorted({line for _, line in smallest.values()}, key=lambda line: (len(line), line))
    GOLDEN.write_text("".join(lines), encoding="utf-8")
    print("%s: %d kinds of batches in %d cases" % (GOLDEN, len(smallest), len(lines)))


def crc32c_table():
    table = list(range(256))
    for _ in range(8):
        table = [value >> 1 ^ (0x82F63B78 if value & 1 else 0) for value in table]
    return table


def crc32c(data, table=tuple(crc32c_table())):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def damaged(chance, batches):
    """The first batch or message, a few of its bytes changed, with the checksum of what it is then."""
    batch = bytearray(batches[:int.from_bytes(batches[8:12], "big") + 12])
    modern = batch[16] == 2
    first = 21 if modern else 17
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(first, len(batch) if chance.random() < 0.5 else min(len(batch), first + 50))
        batch[at] = chance.choice([0, 1, 2, 3, 16, 127, 128, 254, 255, chance.randrange(256)])
    if modern:
        batch[17:21] = crc32c(batch[21:]).to_bytes(4, "big")
    else:
        batch[12:16] = zlib.crc32(batch[16:]).to_bytes(4, "big")
    return bytes(batch)


def wrong_in_damaged(ours, theirs):
    """What we read and Kafka does not, or not so; nothing when that is well, and why it is."""
    refused = "error" in ours or any("error" in batch for batch in ours["batches"])
    if refused:
        return None, "refused by both" if "error" in theirs else "refused by us alone"
    if "error" in theirs:
        # The zstd inside of Kafka's jar is newer than many a system's, and finds more.
        zstd = ours["batches"][0]["compression"] == "zstd" and "Failed to decompress" in theirs["error"]
        return (None, "refused by Kafka's zstd") if zstd else (theirs["error"], "wrong")
    # Java replaces what is not UTF-8.
    if "\\udc" in json.dumps(ours):
        return None, "read by both"
    return compare(ours["batches"], theirs["batches"], True), "read by both"


def damaged_batches(tap, seed, directory):
    """Damages what the run before left in `bytes`."""
    chance = random.Random(seed)
    sources = [bytes.fromhex(json.loads(line)["hex"]) for line in open(directory / "bytes", encoding="ascii")]
    cases = [damaged(chance, source) for source in sources if len(source) < DAMAGED_BYTES_MAX]
    given, read, kafkas = (directory / name for name in ("damaged", "damaged-ours", "damaged-kafkas"))
    given.write_text("".join('{"hex":"%s"}\n' % case.hex() for case in cases), encoding="ascii")
    command("decode", given, read)
    kafka.run_java(kafka.program(kafka.NEW, PROGRAM), "Records", "read", given, kafkas)
    counts, wrong = {}, []
    with open(read, encoding="utf-8") as ours, open(kafkas, encoding="utf-8") as theirs:
        for case, lines in zip(cases, zip_all([ours, theirs])):
            found, what = wrong_in_damaged(*map(json.loads, lines))
            counts[what] = counts.get(what, 0) + 1
            wrong += ["%s\n  %s" % (case.hex()[:2000], found)] if found else []
    with tap.case("damaged batches: what we read, Kafka reads as well"):
        tap.check(not wrong, "%d of %d differ, the first ones:\n%s" % (len(wrong), len(cases), "\n".join(wrong[:3])))
    tap.note("damaged: %d cases, %s" % (len(cases), ", ".join("%d %s" % (counts[what], what) for what in sorted(counts))))


class Row:
    """What happened to the cases of one magic and codec."""

    def __init__(self):
        self.cases, self.batches, self.records, self.read, self.written = 0, 0, 0, [], []

    def add(self, batches, wrong_read, wrong_written):
        self.cases += 1
        self.batches += len(batches)
        self.records += sum(len(batch["records"]) for batch in batches)
        self.read += [wrong_read] if wrong_read else []
        self.written += [wrong_written] if wrong_written else []


def test(arguments):
    tap = Tap()
    tap.note("seed %d: protocol_records.py --seed %d --cases %d" % (arguments.seed, arguments.seed, arguments.cases))
    groups, failures = {}, []
    with tempfile.TemporaryDirectory(prefix="barnabas-java-") as directory:
        for bytes_, wanted, read, back in run(arguments.seed, arguments.cases, Path(directory)):
            found = check(bytes_, wanted, read, back)
            groups.setdefault((wanted["magic"], wanted["codec"]), Row()).add(wanted["batches"], *found)
            if any(found):
                failures.append(golden(bytes_, wanted))
        damaged_batches(tap, arguments.seed, Path(directory))
    keep(tap, FOUND, failures, KEPT_AT_MOST)
    for (magic, codec), row in sorted(groups.items()):
        for wrong, what in ((row.read, "Kafka writes, we read"), (row.written, "we write, Kafka reads")):
            with tap.case("magic %d, %s: %s %d batches, %d records" % (magic, codec, what, row.batches, row.records)):
                tap.check(not wrong, "%d of %d cases differ:\n%s" % (len(wrong), row.cases, "\n".join(wrong[:3])))
    tap.note("%d cases, %d batches, %d records, both ways" % tuple(map(sum, zip(*(
        (row.cases, row.batches, row.records) for row in groups.values())))))
    tap.done()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--cases", type=int, default=CASES_QUICK if os.environ.get("BARNABAS_QUICK") else CASES)
    parser.add_argument("--golden", action="store_true")
    arguments = parser.parse_args()
    try:
        kafka.program(kafka.NEW, PROGRAM)
    except kafka.Unavailable as reason:
        skip_all(reason)
    if arguments.golden:
        write_golden()
    else:
        test(arguments)


if __name__ == "__main__":
    main()
