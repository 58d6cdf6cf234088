#!/usr/bin/env python3
"""Faults on a real cluster of three nodes, one after the other, while a numbered stream is written and read.

After each: every acknowledged number was delivered, in order (the rules stand in numbered.py), and committed; how long
it took until records flowed again is told: for the cluster (a write to every partition acknowledged that was sent after
the moment that counts), and for the reader (such a record delivered from every partition).

  faults.py                  the short ones
  faults.py --all            every one
  faults.py --only killed    those with this word in their names
  faults.py --all --write    puts the table into docs/faults.md; --table only prints it
"""
import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
from fault_list import FAULTS  # noqa: E402
from kafka import Cluster, Proxy, Unavailable, free_ports  # noqa: E402
from numbered import Arrivals  # noqa: E402
from tap import Failed, Tap, need, skip_all  # noqa: E402

NODES = (1, 2, 3)
PAGE = ROOT / "docs/faults.md"
TABLE = re.compile(r"(<!-- recovery: [^\n]* -->\n)(.*?)(<!-- end of recovery -->)", re.DOTALL)


class World:
    """What faults need besides their traffic: the cluster, the proxies between it and the reader, names, patience."""

    def __init__(self, tap, options, directory):
        self.tap, self.patience_s, self.directory = tap, options.patience_s, directory
        self.down_s = options.down_s or (60 if options.all else 10)
        self.held_s = options.held_s
        self.hosts = directory / "hosts"
        self.with_names = self._with_names()
        ports = free_ports(len(NODES) + 1)
        self.door = Way("127.0.0.1", ports.pop())
        self.proxies = {number: Way("127.0.0.1", ports.pop()) for number in NODES}
        self.addresses = {number: "%s:%d" % (self._name(number), proxy.port) for number, proxy in self.proxies.items()}
        self.cluster = None

    @property
    def proxied_bootstrap(self):
        return ",".join(self.addresses.values())

    def _name(self, number):
        return "broker-%d.kafka.test" % number if self.with_names else "127.0.0.1"

    def _with_names(self):
        """What stands before a command so that it sees our file of hosts in place of its own; empty if it cannot."""
        self.write_hosts("127.0.0.1")
        words = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(self.hosts)]
        try:
            seen = subprocess.run([*words, "cat", "/etc/hosts"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  text=True, check=False).stdout
        except OSError:
            seen = ""
        return words if "kafka.test" in seen else []

    def write_hosts(self, address):
        names = "".join("%s broker-%d.kafka.test\n" % (address, number) for number in NODES)
        # In place: a file that is put over another stays the same file.
        self.hosts.write_text("127.0.0.1 localhost\n" + names, encoding="ascii")

    def move_names(self, address):
        self.write_hosts(address)
        for proxy in self.proxies.values():
            proxy.listen(address)

    def point_proxies(self):
        """The proxies forward to where the nodes listen now."""
        self.door.target = self.cluster.nodes[NODES[0]].address
        for number, proxy in self.proxies.items():
            proxy.target = self.cluster.nodes[number].proxied_address

    def log_numbers(self, topic, partition):
        """The numbers that a partition's log holds, as kcat reads them."""
        done = subprocess.run(["kcat", "-C", "-q", "-b", self.cluster.bootstrap, "-t", topic, "-p", str(partition),
                               "-o", "beginning", "-e", "-f", "%s\n"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=self.patience_s, check=False)
        if done.returncode:
            raise Failed("kcat: " + done.stderr[-300:])
        return [int(value.split(":")[1]) for value in done.stdout.split()]

    def heal(self):
        """Whatever a fault has left behind ends here."""
        for proxy in self.proxies.values():
            proxy.torn_after_bytes = None
            proxy.release()
        for node in self.cluster.nodes.values():
            if node.paused:
                self.cluster.resume(node.number)
        for number in self.cluster.nodes:
            self.cluster.start_node(number, wait=False)
        self.cluster.wait_ready(self.patience_s)

    def close(self):
        for proxy in (self.door, *self.proxies.values()):
            proxy.close()


class Way(Proxy):
    """A proxy that knows where it leads only once the cluster is there."""

    def __init__(self, host, port):
        super().__init__(host, port, None)

    @property
    def address(self):
        return "%s:%d" % (self.host, self.port)


def check_the_checks(tap):
    """The three rules, held against output that breaks each of them."""
    def read(*lines):
        arrivals = Arrivals()
        for process, offset, number in lines:
            arrivals.take(process, '{"partition":0,"offset":%d,"payload":"0:%d"}' % (offset, number))
        return arrivals

    class Wrote:
        partitions = range(1)

        @staticmethod
        def acknowledged(_):
            return 4

    none = collections.defaultdict(set)
    with tap.case("the checks find what they are there for"):
        good = read(("a", 0, 0), ("a", 1, 1), ("a", 0, 0), ("a", 1, 1), ("b", 2, 2), ("a", 3, 3))
        tap.equal((good.missing(Wrote, none), good.early, good.leaps(none)), ({}, [], []), "a good run")
        tap.equal(good.repeats, 2, "its repeats")
        tap.equal(read(("a", 0, 0), ("a", 1, 1), ("a", 2, 2)).missing(Wrote, none), {0: [3]}, "a number is missing")
        tap.equal(len(read(("a", 0, 0), ("a", 2, 2), ("a", 1, 1)).early), 1, "a number behind a larger one")
        tap.equal(len(read(("a", 0, 0), ("a", 2, 2), ("a", 1, 1)).leaps(none)), 1, "an offset left out")
        tap.equal(len(read(("a", 0, 0), ("a", 1, 1), ("a", 2, 2), ("a", 0, 0), ("a", 2, 2)).leaps(none)), 1,
                  "an offset left out of a replay")
        tap.equal(read(("a", 0, 0), ("a", 3, 3)).leaps({0: {1, 2}}), [], "what the cluster deleted is no leap")


def play(world, fault, verbose):
    """Runs one fault; its row for the table."""
    tap, row = world.tap, None
    with tap.case(fault.name):
        try:
            traffic, recovery = fault.cause(world)
            for reader in traffic.readers if verbose else ():
                tap.note("---- %s, seconds from the fault\n%s" % (reader.name, reader.log(traffic.fault_began, 10000)))
            lost = sum(len(numbers) for numbers in traffic.lost.values())
            row = (fault.name, fault.measured_from, "%.1f" % recovery.kafka_s, "%.1f" % recovery.reader_s,
                   str(traffic.arrivals.records), str(traffic.arrivals.repeats), str(lost))
            tap.note("recovered after %s s from %s (the cluster after %s s); %s records, %s repeats, %s excepted"
                     % (row[3], row[1], row[2], row[4], row[5], row[6]))
        finally:
            world.heal()
    return row


def table_of(rows, version):
    lines = ["| fault (Kafka %s, 3 nodes) | measured from | cluster, s | Barnabas, s | delivered | twice | never |"
             % version, "|---|---|---|---|---|---|---|"]
    return "\n".join(lines + ["| %s |" % " | ".join(row) for row in rows]) + "\n"


def write_page(rows, version):
    """Puts the rows into the page; those of faults that were not run, or failed, stay as they are."""
    page = PAGE.read_text(encoding="utf-8")
    known = {}
    for line in TABLE.search(page)[2].splitlines()[2:]:
        row = tuple(line.strip("| ").split(" | "))
        known[row[0]] = row
    known.update({row[0]: row for row in rows})
    table = table_of([known[fault.name] for fault in FAULTS.all if fault.name in known], version)
    PAGE.write_text(TABLE.sub(lambda found: found[1] + table + found[3], page), encoding="utf-8")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every fault, and the cluster down for a minute")
    parser.add_argument("--only", action="append", default=[], metavar="WORDS",
                        help="those with these words in their names")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="the readers' events, also where nothing failed")
    parser.add_argument("--table", action="store_true", help="the recovery times as a table, at the end")
    parser.add_argument("--write", action="store_true", help="the table into docs/faults.md")
    parser.add_argument("--down-s", type=float, default=0,
                        help="how long the cluster is down (default: 10, with --all 60)")
    parser.add_argument("--held-s", type=float, default=35,
                        help="how long nothing passes; 30 s is the request's timeout")
    parser.add_argument("--patience-s", type=float, default=180, help="with each step")
    parser.add_argument("--version", default="4.3.1")
    return parser.parse_args()


def chosen(options):
    if options.only:
        return [fault for fault in FAULTS.all if any(words in fault.name for words in options.only)]
    return [fault for fault in FAULTS.all if options.all or fault.short]


def main():
    options = arguments()
    if options.list:
        print("\n".join(fault.name for fault in FAULTS.all))
        return
    need("kcat")
    if not os.access(barnabas.program(), os.X_OK):
        skip_all("%s is not built" % barnabas.program())
    rows, tap = [], None
    try:
        with tempfile.TemporaryDirectory() as directory:
            world = World(None, options, Path(directory))
            try:
                with Cluster(options.version, nodes=len(NODES), proxied=world.addresses) as cluster:
                    world.cluster, world.tap = cluster, Tap()
                    tap = world.tap
                    check_the_checks(tap)
                    world.point_proxies()
                    rows = [row for row in (play(world, fault, options.verbose) for fault in chosen(options)) if row]
            finally:
                world.close()
    except Unavailable as reason:
        skip_all(reason)
    if options.table:
        tap.note(table_of(rows, options.version))
    if options.write:
        write_page(rows, options.version)
    tap.done()


if __name__ == "__main__":
    main()
