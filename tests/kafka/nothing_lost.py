#!/usr/bin/env python3
"""The main claim, on real brokers: nothing is lost, order holds, duplicates stay within what was in flight.

Three Kafka nodes, a topic of 16 partitions with three replicas, numbered records written by kcat, three `barnabas run`
processes in one group delivering to one HTTP sink. Meanwhile (a) one process is killed with -9 and restarted, (b) the
broker that coordinates the group is killed with -9 and restarted, (c) the sink refuses with 503, then hangs.
By hand: tests/kafka/nothing_lost.py --records 2000000 --fault-s 20
"""
import argparse
import os
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
from kafka import Cluster, Unavailable, wire  # noqa: E402
from sink import Sink  # noqa: E402
from tap import Failed, Tap, need, skip_all, wait_until  # noqa: E402

TOPIC, GROUP, PARTITIONS, PROCESSES = "numbers", "carriers", 16, 3
BATCH_RECORDS = 1000
VALUE_BYTES = 100
SAMPLE_S = 0.25

CONFIG = """
[[source]]
bootstrap.servers = "{bootstrap}"
client.id = "{client}"
group.id = "{group}"
topics = ["{topic}"]
auto.offset.reset = "earliest"
session.timeout.ms = 6000
heartbeat.interval.ms = 1000
auto.commit.interval.ms = 200

[handler.sink]
type = "remote"
endpoint = "{url}"
send_message_count = {batch}
flush_interval_ms = 500
thread = 1
timeout_ms = {timeout_ms}
retry_backoff_max_ms = 1000

[run]
shutdown_timeout_ms = 20000
"""


def produce(cluster, partition, count):
    """Starts kcat writing this partition's numbers; idempotent, so that the log holds each exactly once."""
    kcat = subprocess.Popen(["kcat", "-P", "-b", cluster.bootstrap, "-t", TOPIC, "-p", str(partition), "-X",
                             "enable.idempotence=true", "-X", "linger.ms=20", "-z", "lz4" if partition % 2 else "none"],
                            stdin=subprocess.PIPE)
    lines = (("%d:%d:" % (partition, number)).ljust(VALUE_BYTES, "x") for number in range(count))
    kcat.stdin.write(("\n".join(lines) + "\n").encode())
    kcat.stdin.close()
    return kcat


class Watch(threading.Thread):
    """Samples how many arrived records are not committed yet: what a fault may bring again. Runs until stopped."""

    def __init__(self, cluster, arrivals):
        super().__init__(daemon=True)
        self.cluster, self.arrivals = cluster, arrivals
        self.committed = dict.fromkeys(range(PARTITIONS), 0)
        self.highest = 0
        self.stopped = False
        self.lock = threading.Lock()

    def run(self):
        while not self.stopped:
            self.sample()
            time.sleep(SAMPLE_S)

    def sample(self):
        try:
            found = wire.committed(self.cluster.addresses, GROUP, TOPIC, range(PARTITIONS))
        except (OSError, wire.WireError):
            found = {}  # nobody to ask while the coordinator moves; what was known stays a lower bound
        with self.lock:
            for partition, offset in found.items():
                self.committed[partition] = max(self.committed[partition], offset)
            self.highest = max(self.highest, self._uncommitted())

    def _uncommitted(self):
        positions = self.arrivals.positions()
        return sum(max(0, position - self.committed[partition]) for partition, position in positions.items())

    def begin(self):
        """From here on `most()` tells the most that was uncommitted at any sample."""
        self.sample()
        with self.lock:
            self.highest = self._uncommitted()

    def most(self):
        self.sample()
        with self.lock:
            return self.highest


class Scenario:
    def __init__(self, options, cluster, sink, directory):
        self.options, self.cluster, self.sink, self.directory = options, cluster, sink, directory
        self.processes = []
        self.watch = Watch(cluster, sink.arrivals)
        self.bound = 0
        self.per_partition = options.records // PARTITIONS
        self.total = self.per_partition * PARTITIONS

    def start_process(self, number):
        path = self.directory / ("run-%d.toml" % number)
        path.write_text(CONFIG.format(bootstrap=self.cluster.bootstrap, client="carrier-%d" % number, group=GROUP,
                                      topic=TOPIC, url=self.sink.url, batch=BATCH_RECORDS,
                                      timeout_ms=int(self.options.fault_s * 500)), encoding="utf-8")
        return barnabas.Process("barnabas", "run", "--config", path, name="run-%d" % number)

    def arrived(self):
        return self.sink.arrivals.distinct()

    def wait_for_share(self, share):
        """Waits until this share of all numbers has arrived."""
        self.wait_for(int(self.total * share), "%d%% delivered" % (share * 100))

    def wait_for(self, count, what):
        deadline = time.monotonic() + self.options.timeout_s
        while self.arrived() < count:
            for process in self.processes:
                if not process.alive():
                    raise Failed("%s ended with %s\n%s" % (process.name, process.process.returncode, process.tail()))
            if time.monotonic() > deadline:
                raise Failed("not reached: %s; %d of %d arrived\n%s"
                             % (what, self.arrived(), self.total, "\n".join(p.tail() for p in self.processes)))
            time.sleep(0.1)

    def kill_process(self, tap):
        self.watch.begin()
        self.processes[0].kill()
        # What it had sent when it died is still being read by the sink.
        time.sleep(1)
        again = self.watch.most() + BATCH_RECORDS
        self.bound += again
        self.processes[0].__exit__()
        self.processes[0] = self.start_process(0)
        tap.note("killed run-0 with %d of %d arrived; at most %d may come again" % (self.arrived(), self.total, again))

    def kill_broker(self, tap):
        coordinator = wire.find_coordinator(self.cluster.addresses, GROUP)
        number = next(node.number for node in self.cluster.nodes.values() if node.address == coordinator)
        self.watch.begin()
        tap.note("killed broker %d, the group's coordinator, with %d arrived" % (number, self.arrived()))
        self.cluster.kill(number)
        time.sleep(self.options.fault_s)
        self.cluster.start_node(number)
        before = self.arrived()
        self.wait_for(min(self.total, before + PARTITIONS * BATCH_RECORDS // 4), "delivery goes on after the broker is back")
        again = self.watch.most() + PROCESSES * BATCH_RECORDS
        self.bound += again
        tap.note("broker %d is back; at most %d may come again" % (number, again))

    def trouble_sink(self, tap):
        self.sink.refuse_for(self.options.fault_s)
        tap.note("the sink refused %d requests" % self.sink.arrivals.refused)
        self.sink.hang_for(self.options.fault_s)
        self.bound += self.sink.arrivals.hung_records
        tap.note("it then took %d requests with %d records and never answered"
                 % (self.sink.arrivals.hung, self.sink.arrivals.hung_records))
        tap.check(self.sink.arrivals.refused > 0, "nothing was sent while the sink refused: the fault showed nothing")
        tap.check(self.sink.arrivals.hung > 0, "nothing was sent while the sink hung: the fault showed nothing")

    def committed_everything(self):
        ends = wire.log_ends(self.cluster.addresses, TOPIC)
        return wire.committed(self.cluster.addresses, GROUP, TOPIC, range(PARTITIONS)) == ends


def play(tap, scenario):
    """The run itself, a case for each of its claims."""
    cluster, sink = scenario.cluster, scenario.sink
    arrivals = sink.arrivals
    with tap.case("kcat writes %d numbered records" % scenario.total):
        cluster.create_topic(TOPIC, PARTITIONS, 3)
        writers = [produce(cluster, partition, scenario.per_partition) for partition in range(PARTITIONS)]
        tap.equal([writer.wait() for writer in writers], [0] * PARTITIONS, "kcat's exit codes")
        ends = wire.log_ends(cluster.addresses, TOPIC)
        tap.equal(ends, dict.fromkeys(range(PARTITIONS), scenario.per_partition), "log ends")
    if tap.failures:
        return
    scenario.processes = [scenario.start_process(number) for number in range(PROCESSES)]
    scenario.watch.start()
    with tap.case("a process killed with -9 and restarted does not stop delivery"):
        scenario.wait_for_share(0.1)
        scenario.kill_process(tap)
        scenario.wait_for_share(0.3)
    with tap.case("a broker killed with -9 and restarted does not stop delivery"):
        tap.check(not tap.failures, "the step before failed")
        scenario.kill_broker(tap)
        scenario.wait_for_share(0.6)
    with tap.case("a sink that refuses, then hangs, only delays"):
        tap.check(not tap.failures, "the step before failed")
        scenario.trouble_sink(tap)
    with tap.case("every number arrives"):
        scenario.wait_for(scenario.total, "everything delivered")
        tap.equal(arrivals.positions(), dict.fromkeys(range(PARTITIONS), scenario.per_partition), "numbers by partition")
    with tap.case("within a partition, first arrivals come in order"):
        tap.equal(arrivals.early[:5], [], "(partition, expected, got) of numbers that overtook others")
    with tap.case("committed offsets equal the log ends"):
        wait_until(scenario.committed_everything, "committed offsets equal log ends", 30)
    with tap.case("duplicates stay within what was in flight at the faults"):
        tap.note("%d duplicates in %d deliveries, bound %d" % (arrivals.duplicates, arrivals.records, scenario.bound))
        tap.check(arrivals.duplicates <= scenario.bound,
                  "%d duplicates, at most %d were in flight" % (arrivals.duplicates, scenario.bound))
        tap.check(arrivals.bodies_max <= BATCH_RECORDS, "a body of %d records" % arrivals.bodies_max)
    with tap.case("SIGTERM ends each process in order, and the offsets stay"):
        scenario.watch.stopped = True
        for process in scenario.processes:
            tap.equal(process.terminate(30), 0, "exit code of %s" % process.name)
        tap.check(scenario.committed_everything(), "committed offsets differ from the log ends after the end")
    if tap.failures:
        for process in scenario.processes:
            tap.note("---- %s\n%s" % (process.name, process.tail()))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--fault-s", type=float, default=5.0, help="length of each fault")
    parser.add_argument("--records-per-s", type=int, default=0, help="pace of the sink (default: 30 s for all)")
    parser.add_argument("--timeout-s", type=float, default=180.0, help="patience with each step")
    parser.add_argument("--version", default="4.3.1")
    return parser.parse_args()


def main():
    options = arguments()
    need("kcat")
    if not os.access(barnabas.program(), os.X_OK):
        skip_all("%s is not built" % barnabas.program())
    sink = Sink(options.records_per_s or options.records // 30)
    tap = None
    try:
        with Cluster(options.version, nodes=3) as cluster, tempfile.TemporaryDirectory() as directory:
            tap = Tap()
            scenario = Scenario(options, cluster, sink, Path(directory))
            try:
                play(tap, scenario)
            finally:
                scenario.watch.stopped = True
                for process in scenario.processes:
                    process.__exit__()
    except Unavailable as reason:
        skip_all(reason)
    finally:
        sink.close()
    tap.done()


if __name__ == "__main__":
    main()
