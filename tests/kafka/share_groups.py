#!/usr/bin/env python3
"""A share group (KIP-932) on a real broker: members that read one partition together, one that is killed with records
in hand, one that works longer than its lock, one of Java's, and `barnabas run` with an endpoint.

  share_groups.py [VERSION]
"""
import collections
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
from kafka import Cluster, Unavailable, jars  # noqa: E402
from sink import Sink  # noqa: E402
from tap import Tap, need, skip_all, wait_until  # noqa: E402

LIMIT_S = 30
RECORDS = 3000


class Member:
    """`barnabas consume` in a share group; what it printed, as it comes."""

    def __init__(self, bootstrap, group, topic, *options, read=True):
        self.records = []
        self.words = [barnabas.program(), "consume", "-b", bootstrap, "-G", group, "-J", "-u", "-v", topic,
                      "-X", "group.type=share", *options]
        self.errors = tempfile.NamedTemporaryFile(prefix="barnabas-share-", suffix=".log")
        self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors)
        if read:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.records.append(json.loads(line))

    def said(self):
        return Path(self.errors.name).read_text(encoding="utf-8", errors="replace")

    def joined(self):
        return " assigned: " in self.said()

    def seen(self):
        return [record["payload"] for record in list(self.records)]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.errors.close()


def produce(bootstrap, topic, values, per_batch=20):
    """In small batches, so that there is something to share."""
    barnabas.run("barnabas", "produce", "-b", bootstrap, "-t", topic, "-q", "--batch-bytes",
                 max(61 + per_batch * (len(values[0]) + 10), 1024), stdin="".join(value + "\n" for value in values))


def start_group(cluster, group, *configs):
    """Groups begin at the end of the log otherwise."""
    cluster.tool("kafka.admin.ConfigCommand", "--bootstrap-server", cluster.bootstrap, "--alter", "--entity-type",
                 "groups", "--entity-name", group, "--add-config",
                 ",".join(("share.auto.offset.reset=earliest", *configs)))


def numbered(count, begin=0):
    return [str(number).zfill(50) for number in range(begin, begin + count)]


def counts(members):
    return {record["payload"]: record["delivery_count"] for member in members for record in list(member.records)}


def together(tap, cluster):
    at = cluster.bootstrap
    cluster.create_topic("one", 1)
    start_group(cluster, "together")
    with Member(at, "together", "one", "-X", "max.poll.records=50") as a, \
            Member(at, "together", "one", "-X", "max.poll.records=50") as b:
        with tap.case("two members have the same partition"):
            wait_until(lambda: a.joined() and b.joined(), "both are assigned it", LIMIT_S)
        with tap.case("each record comes to one of them, once, for the first time"):
            produce(at, "one", numbered(RECORDS))
            wait_until(lambda: len(a.records) + len(b.records) >= RECORDS, "all records", LIMIT_S)
            time.sleep(0.5)
            tap.equal(sorted(a.seen() + b.seen()), numbered(RECORDS), "records")
            tap.check(len(a.records) > 0 and len(b.records) > 0, "%d and %d" % (len(a.records), len(b.records)))
            tap.equal(set(counts([a, b]).values()), {1}, "delivery counts")
            for trouble in ("acknowledge_failed", "acquisition_lost", "stale_ack"):
                tap.check(trouble not in a.said() + b.said(), a.said() + b.said())
            tap.note("%d and %d records" % (len(a.records), len(b.records)))
        with tap.case("they leave, and what they accepted does not come again"):
            tap.equal((a.end(), b.end()), (130, 130), "exit codes")
            with Member(at, "together", "one") as c:
                wait_until(c.joined, "it is assigned the partition", LIMIT_S)
                produce(at, "one", ["last"])
                wait_until(lambda: c.records, "a record", LIMIT_S)
                time.sleep(0.5)
                tap.equal(c.seen(), ["last"], "records")


def killed(tap, cluster):
    at = cluster.bootstrap
    cluster.create_topic("killed", 1)
    start_group(cluster, "killed")
    values = [value.ljust(1000, "x") for value in numbered(400)]
    # Nobody reads what it prints, so it stops within a few records and keeps all of them.
    with Member(at, "killed", "killed", read=False) as a:
        wait_until(a.joined, "it is assigned the partition", LIMIT_S)
        produce(at, "killed", values, 400)
        time.sleep(3)
        with tap.case("a killed member's records come to the other one, counted as the second time"):
            with Member(at, "killed", "killed") as b:
                wait_until(b.joined, "it is assigned the partition", LIMIT_S)
                time.sleep(1)
                # a has acquired the first batches; what came later is b's by right.
                early = set(b.seen())
                tap.check(len(early) < len(values), "a has nothing in hand")
                a.process.kill()
                wait_until(lambda: len(b.records) >= len(values), "all records", LIMIT_S)
                time.sleep(0.5)
                tap.equal(sorted(b.seen()), values, "records")
                tap.equal({value for value, count in counts([b]).items() if count == 2}, set(values) - early,
                          "what was handed out for the second time")
                b.end()


def renewed(tap, cluster):
    at = cluster.bootstrap
    cluster.create_topic("slow", 1)
    start_group(cluster, "slow", "share.record.lock.duration.ms=4000")
    values = [value.ljust(1000, "x") for value in numbered(400)]
    with Member(at, "slow", "slow", read=False) as a:
        wait_until(a.joined, "it is assigned the partition", LIMIT_S)
        produce(at, "slow", values, 400)
        time.sleep(2)
        with tap.case("locks are renewed while a member works longer than they last"):
            with Member(at, "slow", "slow") as b:
                wait_until(b.joined, "it is assigned the partition", LIMIT_S)
                time.sleep(1)
                early = len(b.records)  # what a has not acquired
                tap.check(early < len(values), "a has nothing in hand")
                time.sleep(9)
                tap.equal(len(b.records), early, "records of b while a works")
                threading.Thread(target=a._read, daemon=True).start()
                wait_until(lambda: len(a.records) + early >= len(values), "all records", LIMIT_S)
                time.sleep(1.5)
                tap.equal((sorted(a.seen() + b.seen()), len(b.records)), (values, early), "records")
                tap.check("acquisition_lost" not in a.said(), a.said()[-2000:])
                a.end(), b.end()


def beside_java(tap, cluster):
    at = cluster.bootstrap
    cluster.create_topic("mixed", 1)
    start_group(cluster, "mixed")
    command = jars.java_command(cluster.version, "org.apache.kafka.tools.consumer.ConsoleShareConsumer",
                                "--bootstrap-server", at, "--topic", "mixed", "--group", "mixed")
    java = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    theirs = []
    threading.Thread(target=lambda: theirs.extend(line.decode().rstrip() for line in java.stdout), daemon=True).start()
    try:
        with Member(at, "mixed", "mixed", "-X", "max.poll.records=20") as ours, \
                tap.case("Java's share consumer and ours share one partition: all records, each once"):
            wait_until(ours.joined, "ours is assigned it", LIMIT_S)
            sent = []
            deadline = time.monotonic() + LIMIT_S
            # Until Java has come, ours gets everything.
            while (not theirs or not ours.records or len(sent) < 1000) and time.monotonic() < deadline:
                some = numbered(200, len(sent))
                produce(at, "mixed", some, 10)
                sent += some
            wait_until(lambda: len(theirs) + len(ours.records) >= len(sent), "all records", LIMIT_S)
            tap.equal(sorted(theirs + ours.seen()), sent, "records")
            tap.check(theirs and ours.records, "%d theirs, %d ours" % (len(theirs), len(ours.records)))
            tap.note("%d Java's and %d ours" % (len(theirs), len(ours.records)))
            ours.end()
    finally:
        java.kill()
        java.wait()


CONFIG = """
[[source]]
bootstrap.servers = "{bootstrap}"
group.id = "posted"
group.type = "share"
topics = ["posted"]
[handler.sink]
type = "remote"
endpoint = "{url}"
send_message_count = 100
flush_interval_ms = 200
timeout_ms = 2000
"""


def posted(tap, cluster):
    cluster.create_topic("posted", 3)
    start_group(cluster, "posted")
    produce(cluster.bootstrap, "posted", numbered(1000))
    sink = Sink(1e6)
    values = collections.Counter()
    sink.arrivals.take = lambda taken: values.update(value.decode() for value in taken)
    sink.behaviour = "refuse"
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config, \
            tap.case("barnabas run delivers a share group's records, also through an endpoint that refuses at first"):
        config.write(CONFIG.format(bootstrap=cluster.bootstrap, url=sink.url))
        config.flush()
        with barnabas.Process("barnabas", "run", "-c", config.name, name="run") as run:
            time.sleep(3)
            sink.behaviour = "ok"
            wait_until(lambda: len(values) >= 1000, "all records", LIMIT_S)
            tap.equal(run.terminate(LIMIT_S), 0, "exit code\n" + run.tail())
        tap.equal(set(values.values()), {1}, "how often each came")
    sink.close()


def main():
    version = sys.argv[1] if len(sys.argv) > 1 else "4.3.1"
    need("java")
    # Locks that a group may set to a second.
    settings = {"group.share.min.record.lock.duration.ms": 1000, "group.share.min.heartbeat.interval.ms": 500,
                "group.share.heartbeat.interval.ms": 500}
    try:
        with Cluster(version, settings=settings) as cluster:
            tap = Tap()
            for scenario in (together, killed, renewed, beside_java, posted):
                scenario(tap, cluster)
    except Unavailable as why:
        skip_all(str(why))
    tap.done()


if __name__ == "__main__":
    main()
