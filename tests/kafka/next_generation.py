#!/usr/bin/env python3
"""The consumer group protocol (KIP-848) on a real broker: members come, go and are killed, a Java member beside ours, a
pattern that the broker matches, static members, and a group that goes from one protocol to the other and back, while a
numbered stream is written and read.

  next_generation.py [--only WORD] [--version 4.3.1]
"""
import argparse
import json
import os
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
from reader import Reader  # noqa: E402
from tap import Failed, Tap, skip_all  # noqa: E402
from traffic import Traffic  # noqa: E402

PATIENCE_S = 40
EXIT_BY_SIGNAL = 130
SESSION_MS, HEARTBEAT_MS = 6000, 500
CONSUMER, CLASSIC = "group.protocol=consumer", "group.protocol=classic"
SETTINGS = {
    "group.consumer.min.session.timeout.ms": 1000,
    "group.consumer.session.timeout.ms": SESSION_MS,
    "group.consumer.min.heartbeat.interval.ms": 100,
    "group.consumer.heartbeat.interval.ms": HEARTBEAT_MS,
    # A topic that matches a pattern is looked for this often.
    "group.consumer.regex.refresh.interval.ms": 10000,
}


class World:
    def __init__(self, tap, cluster, directory):
        self.tap, self.cluster, self.directory, self.patience_s = tap, cluster, directory, PATIENCE_S


class JavaMember:
    """Kafka's console consumer; its records go where those of our members go."""

    def __init__(self, cluster, group, topic, arrivals):
        self.name, self.arrivals = "java", arrivals
        self.records = 0
        shown = [word for what in ("partition", "offset", "value") for word in ("--formatter-property",
                                                                                "print.%s=true" % what)]
        self.process = subprocess.Popen(
            jars.java_command(cluster.version, "org.apache.kafka.tools.consumer.ConsoleConsumer",
                              "--bootstrap-server", cluster.bootstrap, "--topic", topic, "--group", group,
                              "--command-property", "group.protocol=consumer", "--command-property",
                              "auto.offset.reset=earliest", *shown,
                              flags=["-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            if not line.startswith("Partition:"):
                continue
            partition, offset, value = line.rstrip("\n").split("\t")
            self.arrivals.take(self.name, json.dumps({"partition": int(partition.split(":")[1]),
                                                      "offset": int(offset.split(":")[1]), "payload": value}))
            self.records += 1

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.thread.join(5)


def partitions_of(reader):
    """How many partitions it has now, by its own account."""
    taken = [line for line in reader.events("assigned") if line.rstrip().endswith(" is assigned")]
    given_up = [line for kind in ("revoked", "lost") for line in reader.events(kind) if " is given up at " in line]
    return len(taken) - len(given_up)


def kill(traffic, reader):
    traffic.readers.remove(reader)
    reader.close()


def end(traffic, reader):
    traffic.readers.remove(reader)
    code = reader.end(PATIENCE_S)
    if code not in (0, EXIT_BY_SIGNAL):  # run, consume
        raise Failed("%s ended with %s\n%s" % (reader.name, code, reader.log()))


def wait_for_records(traffic, count):
    """So many more of each partition, written from now on."""
    goal = {p: traffic.writer.acknowledged(p) + count for p in traffic.writer.partitions}
    traffic.wait(lambda: all(traffic.arrivals.count(p) >= goal[p] for p in goal), "%d more records" % count)


def finish(traffic):
    """Everything that was written has come, in order, and is committed."""
    tap = traffic.world.tap
    traffic.writer.pause(PATIENCE_S)
    traffic.wait(traffic.caught_up, "every record")
    ends = {p: traffic.writer.acknowledged(p) for p in traffic.writer.partitions}
    traffic.wait(lambda: all(traffic.committed().get(p, -1) >= ends[p] for p in ends), "every commit")
    for reader in list(traffic.readers):
        end(traffic, reader)
    tap.equal(traffic.arrivals.missing(traffic.writer, traffic.lost), {}, "missing")
    tap.equal(traffic.arrivals.early, [], "records that came too early")
    tap.equal(traffic.arrivals.leaps(traffic.gone), [], "offsets left out")
    tap.note("%d records, %d of them repeats" % (traffic.arrivals.records, traffic.arrivals.repeats))


def churn(world):
    with Traffic(world, "churn", members=0) as traffic:
        for _ in range(2):
            traffic.add_reader(CONSUMER)
        third = traffic.add_reader(CONSUMER)
        traffic.wait(lambda: sorted(map(partitions_of, traffic.readers)) == [1, 1, 2], "four partitions for three")
        world.tap.check("epoch" in third.events("joined")[-1], third.events("joined")[-1])
        wait_for_records(traffic, 20)
        end(traffic, traffic.readers[0])
        runner = traffic.add_runner('group.protocol="consumer"')
        wait_for_records(traffic, 20)
        kill(traffic, third)
        java = JavaMember(world.cluster, traffic.group, traffic.topic, traffic.arrivals)
        try:
            traffic.wait(lambda: java.records > 0, "records for the Java member")
            wait_for_records(traffic, 20)
        finally:
            java.end()
        world.tap.check(runner.alive(), "the runner has ended")
        finish(traffic)


def regex(world):
    with Traffic(world, "regex-a", members=0, reading=False) as traffic:
        reader = Reader("regex", traffic.arrivals, ["consume", "-b", traffic.bootstrap, "-G", traffic.group, "-t",
                                                    "^regex-", "-o", "beginning", "-J", "-u", "-v", "-X", CONSUMER])
        traffic.readers.append(reader)
        wait_for_records(traffic, 20)
        described = barnabas.run("barnabas", "groups", "members", "-b", traffic.bootstrap, traffic.group, "--verbose",
                                 "--output", "json")
        world.tap.check(".*(?:^regex-).*" in described, described)
        world.cluster.create_topic("regex-b", 2, 1, None, None)
        traffic.wait(lambda: partitions_of(reader) == traffic.partitions + 2, "the topic that came later")
        finish(traffic)


def static(world):
    with Traffic(world, "static", members=1, options=[CONSUMER]) as traffic:
        other = traffic.readers[0]
        first = traffic.add_reader("group.instance.id=one")
        traffic.wait(lambda: partitions_of(first) == 2 and partitions_of(other) == 2, "two each")
        revoked = len(other.events("revoked"))
        end(traffic, first)
        second = traffic.add_reader("group.instance.id=one")
        traffic.wait(lambda: partitions_of(second) == 2, "what it had before")
        world.tap.equal(len(other.events("revoked")), revoked, "partitions that the other gave up")
        world.tap.equal(partitions_of(other), 2, "partitions of the other")
        began = time.monotonic()
        kill(traffic, second)
        third = traffic.add_reader("group.instance.id=one")
        traffic.wait(lambda: partitions_of(third) == 2, "what the killed one had")
        world.tap.note("after a kill it was let in again after %.1f s; the session is %.1f s"
                       % (time.monotonic() - began, SESSION_MS / 1000))
        finish(traffic)


def migration(world):
    with Traffic(world, "migration", members=0) as traffic:
        members = [traffic.add_reader(CLASSIC) for _ in range(2)]
        wait_for_records(traffic, 12)
        for protocol in (CONSUMER, CLASSIC):
            for index, old in enumerate(members):
                end(traffic, old)
                members[index] = traffic.add_reader(protocol)
                traffic.wait(lambda: all(partitions_of(reader) == 2 for reader in members), "two each")
                wait_for_records(traffic, 12)
        finish(traffic)


CASES = [
    ("members come, go and are killed, one of them Java's", churn),
    ("one pattern is matched by the broker", regex),
    ("static members come back to what they had", static),
    ("a group goes from the classic protocol to the consumer protocol and back", migration),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--version", default="4.3.1")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if not os.access(barnabas.program(), os.X_OK):
        skip_all("%s is not built" % barnabas.program())
    tap = None
    try:
        with Cluster(options.version, settings=SETTINGS) as cluster, tempfile.TemporaryDirectory() as directory:
            tap = Tap()
            world = World(tap, cluster, Path(directory))
            for name, case in CASES:
                if options.only not in name:
                    continue
                began = time.monotonic()
                with tap.case(name):
                    case(world)
                tap.note("%.1f s" % (time.monotonic() - began))
    except Unavailable as reason:
        skip_all(reason)
    tap.done()


if __name__ == "__main__":
    main()
