#!/usr/bin/env python3
"""Numbered records through two hops: topic 1, `barnabas run` in a group, an endpoint that writes each body into topic 2
before it answers, `barnabas run` in a second group, an endpoint that remembers. Meanwhile members of both hops are killed,
ended, and frozen for longer than their session, and the broker restarts. For each way in which a group divides partitions,
all of them at the same time: nothing is missing, and first arrivals are in order.

By hand: tests/kafka/etl.py --records 1000000 --seed 7
"""
import argparse
import base64
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(ROOT / "tests/peer"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
from group_members import knows_consumer_protocol  # noqa: E402
from kafka import Cluster, Unavailable, batches, wire  # noqa: E402
from produce_many import produce_many  # noqa: E402
from sink import Arrivals, Sink, respond  # noqa: E402
from tap import Failed, Tap, need, skip_all, wait_until  # noqa: E402

PARTITIONS, MEMBERS, HOPS = 6, 2, (1, 2)
BATCH_RECORDS = 200
VALUE_BYTES = 60
SESSION_MS, HEARTBEAT_MS = 3000, 500
FROZEN_S = SESSION_MS / 1000 + 1.5
UNPACED = 1 << 40
ANSWER_TIMEOUT_S = 5.0
SETTINGS = {
    "group.min.session.timeout.ms": 1000,
    "group.consumer.min.session.timeout.ms": 1000,
    "group.consumer.session.timeout.ms": SESSION_MS,
    "group.consumer.min.heartbeat.interval.ms": 100,
    "group.consumer.heartbeat.interval.ms": HEARTBEAT_MS,
}
CLASSIC = "session.timeout.ms = %d\nheartbeat.interval.ms = %d\n" % (SESSION_MS, HEARTBEAT_MS)
MODES = {
    "range": CLASSIC + 'partition.assignment.strategy = "range"',
    "cooperative-sticky": CLASSIC + 'partition.assignment.strategy = "cooperative-sticky"',
    "consumer": 'group.protocol = "consumer"',
}
CONFIG = """
[[source]]
bootstrap.servers = "{bootstrap}"
client.id = "{name}"
group.id = "{group}"
topics = ["{topic}"]
auto.offset.reset = "earliest"
auto.commit.interval.ms = 200
{options}

[handler.endpoint]
type = "remote"
endpoint = "{url}"
send_message_count = {batch}
flush_interval_ms = 200
timeout_ms = 15000
retry_backoff_max_ms = 500

[run]
shutdown_timeout_ms = 20000
"""


class Numbers(Arrivals):
    """Keeps every number, since a sum would take one that was leapt over for one that came."""

    def __init__(self):
        super().__init__()
        self.seen = [bytearray() for _ in range(PARTITIONS)]

    def take(self, values):
        with self.lock:
            self.bodies += 1
            self.records += len(values)
            for value in values:
                partition, number = (int(part) for part in value.split(b":", 2)[:2])
                seen = self.seen[partition]
                if number > len(seen):
                    self.early.append((partition, len(seen), number))
                if number >= len(seen):
                    seen.extend(bytes(number + 1 - len(seen)))
                self.duplicates += seen[number]
                self.next[partition] += not seen[number]
                seen[number] = 1


class Relay(Sink):
    """Writes what arrives into the same partition of a topic, and answers when Kafka has it."""

    def __init__(self, cluster, topic, records_per_s):
        super().__init__(records_per_s)
        self.cluster, self.topic = cluster, topic
        self.local = threading.local()

    def answer(self, request):
        try:
            body = request.rfile.read(int(request.headers["Content-Length"]))
            values = [base64.b64decode(element["value"], validate=True) for element in json.loads(body)]
            self.pace(len(values))
            if not self.forward(values):
                self.arrivals.refused += 1
                return respond(request, 503)
            self.arrivals.take(values)
            return respond(request, 200)
        except (ConnectionError, TimeoutError):
            request.close_connection = True
            return None

    def forward(self, values):
        by_partition = {}
        for value in values:
            by_partition.setdefault(int(value.split(b":", 1)[0]), []).append(value)
        now_ms = int(time.time() * 1000)
        try:
            if getattr(self.local, "connection", None) is None:
                self.local.connection = wire.Connection(self.cluster.addresses[0], timeout_s=ANSWER_TIMEOUT_S)
            produce_many(self.local.connection, self.topic,
                         {partition: batches.encode(each, now_ms) for partition, each in by_partition.items()})
            return True
        except (OSError, wire.WireError):
            if self.local.connection is not None:
                self.local.connection.socket.close()
            self.local.connection = None
            return False


def tell_error(*_):
    """A killed sender's connection is no news."""
    if not isinstance(sys.exc_info()[1], ConnectionError):
        traceback.print_exc()


class Line:
    """One mode's way from topic 1 to the last endpoint."""

    def __init__(self, world, mode):
        self.world, self.mode = world, mode
        self.topics = {hop: "%s-%d" % (mode, hop) for hop in HOPS}
        for topic in self.topics.values():
            world.cluster.create_topic(topic, PARTITIONS)
        self.relay = Relay(world.cluster, self.topics[2], world.records_per_s)
        self.sink = Sink(UNPACED)
        self.sink.arrivals = Numbers()
        self.endpoints = {1: self.relay, 2: self.sink}
        for endpoint in self.endpoints.values():
            endpoint.server.handle_error = tell_error
        self.processes = {}
        self.started = time.monotonic()
        self.seconds = None

    def write(self):
        """Starts kcat for each partition; idempotent, so that the log holds each number once."""
        writers = []
        for partition in range(PARTITIONS):
            kcat = subprocess.Popen(["kcat", "-P", "-b", self.world.cluster.bootstrap, "-t", self.topics[1], "-p",
                                     str(partition), "-X", "enable.idempotence=true", "-X", "linger.ms=20"],
                                    stdin=subprocess.PIPE)
            for number in range(self.world.per_partition):
                kcat.stdin.write(("%d:%d:" % (partition, number)).ljust(VALUE_BYTES, "x").encode() + b"\n")
            kcat.stdin.close()
            writers.append(kcat)
        return [writer.wait() for writer in writers]

    def begin(self):
        self.started = time.monotonic()
        for hop in HOPS:
            for number in range(MEMBERS):
                self.start(hop, number)

    def group(self, hop):
        return "%s-hop-%d" % (self.mode, hop)

    def start(self, hop, number):
        name = "%s-%d-%d" % (self.mode, hop, number)
        path = self.world.directory / (name + ".toml")
        path.write_text(CONFIG.format(bootstrap=self.world.cluster.bootstrap, name=name, group=self.group(hop),
                                      topic=self.topics[hop], options=MODES[self.mode],
                                      url=self.endpoints[hop].url, batch=BATCH_RECORDS), encoding="utf-8")
        self.processes[hop, number] = barnabas.Process("barnabas", "run", "--config", path, name=name)

    def signal(self, hop, number, what):
        self.processes[hop, number].process.send_signal(what)

    def replace(self, hop, number):
        self.processes[hop, number].__exit__()
        self.start(hop, number)

    def arrived(self):
        return self.sink.arrivals.distinct()

    def look(self):
        for process in self.processes.values():
            if not process.alive():
                raise Failed("%s ended with %s\n%s" % (process.name, process.process.returncode, process.tail()))

    def done(self):
        """Everything has arrived; remembers when."""
        if self.arrived() < self.world.total:
            return False
        self.seconds = self.seconds or time.monotonic() - self.started
        return True

    def missing(self):
        return self.world.total - self.arrived()

    def committed_everything(self):
        addresses = self.world.cluster.addresses
        return all(wire.committed(addresses, self.group(hop), topic, range(PARTITIONS)) == wire.log_ends(addresses, topic)
                   for hop, topic in self.topics.items())

    def tails(self):
        return "\n".join("---- %s\n%s" % (process.name, process.tail()) for process in self.processes.values())

    def close(self):
        for process in self.processes.values():
            process.__exit__()
        for endpoint in self.endpoints.values():
            endpoint.close()


class World:
    def __init__(self, tap, cluster, options, directory):
        self.tap, self.cluster, self.options, self.directory = tap, cluster, options, directory
        self.per_partition = options.records // PARTITIONS
        self.total = self.per_partition * PARTITIONS
        # Slow enough that there is traffic while all this happens.
        self.records_per_s = options.records_per_s or max(options.records // 25, 1)
        self.chance = random.Random(options.seed)
        self.lines = []

    # ---- faults -----------------------------------------------------------------------------------------------------

    def faults(self):
        of_members = [(what, hop) for what in (self.kill, self.leave, self.freeze) for hop in HOPS]
        self.chance.shuffle(of_members)
        faults = [*of_members, (self.restart_broker, None)]
        self.chance.shuffle(faults)
        return faults

    def kill(self, hop):
        return self.one_of_each(hop, signal.SIGKILL)

    def leave(self, hop):
        return self.one_of_each(hop, signal.SIGTERM)

    def one_of_each(self, hop, what):
        number = self.chance.randrange(MEMBERS)
        for line in self.lines:
            line.signal(hop, number, what)
        for line in self.lines:
            code = line.processes[hop, number].process.wait(self.options.patience_s)
            if what == signal.SIGTERM and code != 0:
                raise Failed("%s ended with %d\n%s" % (line.processes[hop, number].name, code, line.tails()))
            line.replace(hop, number)
        return "%s to member %d of hop %d" % (what.name, number, hop)

    def freeze(self, hop):
        number = self.chance.randrange(MEMBERS)
        for line in self.lines:
            line.signal(hop, number, signal.SIGSTOP)
        time.sleep(FROZEN_S)
        for line in self.lines:
            line.signal(hop, number, signal.SIGCONT)
        return "member %d of hop %d frozen for %.1f s" % (number, hop, FROZEN_S)

    def restart_broker(self, _):
        ended = self.chance.choice([self.cluster.kill, self.cluster.terminate])
        ended(1)
        self.cluster.start_node(1)
        return "the broker restarted after %s" % ("kill -9" if ended == self.cluster.kill else "SIGTERM")

    # ---- the run ----------------------------------------------------------------------------------------------------

    def wait(self, condition, what):
        def looking():
            for line in self.lines:
                line.look()
            return condition()

        try:
            wait_until(looking, what, self.options.patience_s)
        except Failed as why:
            arrived = ", ".join("%s %d" % (line.mode, line.arrived()) for line in self.lines)
            raise Failed("%s; of %d arrived: %s" % (why, self.total, arrived)) from None

    def churn(self):
        faults = self.faults()
        for index, (fault, hop) in enumerate(faults):
            share = (index + 1) / (len(faults) + 2)
            self.wait(lambda share=share: all(line.arrived() >= self.total * share for line in self.lines),
                      "%d%% of all records" % (share * 100))
            what = fault(hop)
            self.tap.note("%s; then arrived: %s" % (what, ", ".join("%s %d%%" % (line.mode, line.arrived() * 100 // self.total)
                                                                   for line in self.lines)))
        # Patience counts from the last progress, since a million takes its time.
        while not all([line.done() for line in self.lines]):
            before = [line.arrived() for line in self.lines]
            self.wait(lambda before=before: all([line.done() for line in self.lines])
                      or [line.arrived() for line in self.lines] != before, "another record")

    def close(self):
        for line in self.lines:
            line.close()


def judge(tap, world, line):
    with tap.case("%s: everything arrived, first arrivals in order, everything committed" % line.mode):
        tap.equal(line.sink.arrivals.positions(), dict.fromkeys(range(PARTITIONS), world.per_partition),
                  "how many different numbers arrived")
        tap.equal(line.sink.arrivals.early[:5], [], "(partition, expected, got) of numbers that overtook others")
        wait_until(line.committed_everything, "committed offsets equal the log ends of both topics", world.options.patience_s)
        for process in line.processes.values():
            tap.equal(process.terminate(world.options.patience_s), 0, "exit code of %s" % process.name)
        tap.check(line.committed_everything(), "commits went back in the end")
        tap.check(line.relay.arrivals.records > 0 and line.sink.arrivals.records >= world.total, "nothing was counted")


def table(world):
    lines = ["| group | records | missing | out of order | into topic 2 again | at the end again | seconds |",
             "|---|---|---|---|---|---|---|"]
    for line in world.lines:
        ends = sum(wire.log_ends(world.cluster.addresses, line.topics[2]).values())
        lines.append("| %s | %d | %d | %d | %d | %d | %.0f |" % (
            line.mode, world.total, line.missing(), len(line.sink.arrivals.early), ends - world.total,
            line.sink.arrivals.records - world.total, line.seconds))
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000, help="in each mode")
    parser.add_argument("--records-per-s", type=int, default=0, help="pace of the first endpoint (default: 25 s for all)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--patience-s", type=float, default=180.0, help="with each step")
    parser.add_argument("--version", default="4.3.1")
    return parser.parse_args()


def main():
    options = arguments()
    need("kcat")
    if not os.access(barnabas.program(), os.X_OK):
        skip_all("%s is not built" % barnabas.program())
    tap = None
    try:
        with Cluster(options.version, settings=SETTINGS) as cluster, tempfile.TemporaryDirectory() as directory:
            tap = Tap()
            tap.note("seed %d" % options.seed)
            world = World(tap, cluster, options, Path(directory))
            try:
                play(tap, world)
            finally:
                world.close()
    except Unavailable as reason:
        skip_all(reason)
    tap.done()


def play(tap, world):
    if not knows_consumer_protocol(world.directory):
        tap.note("without the consumer protocol: the command does not know group.protocol")
        del MODES["consumer"]
    with tap.case("kcat writes %d numbered records for each mode" % world.total):
        world.lines = [Line(world, mode) for mode in MODES]
        for line in world.lines:
            tap.equal(line.write(), [0] * PARTITIONS, "kcat's exit codes")
    with tap.case("two hops go on while members die, leave and freeze and the broker restarts"):
        try:
            for line in world.lines:
                line.begin()
            world.churn()
        except Failed:
            for line in world.lines:
                tap.note(line.tails())
            raise
    if tap.failures:
        return
    for line in world.lines:
        judge(tap, world, line)
    tap.note(table(world))


if __name__ == "__main__":
    main()
