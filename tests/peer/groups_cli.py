#!/usr/bin/env python3
"""`barnabas groups` at our broker: what it prints in each form, what it refuses, and its view that goes on."""
import contextlib
import csv
import fcntl
import io
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
from pathlib import Path

from cli_support import Running, barnabas, broker, free_port, run
from tap import Failed, Tap, wait_until

LIMIT_S = 30


def produce(at, topic, count, partition=0):
    run("produce", "-b", at, "-t", topic, "-p", partition, "-q", stdin=b"value\n" * count).expect(0)


def read_all(at, group, *topics):
    """The group reads to the ends, commits and leaves."""
    run("consume", "-b", at, "-G", group, "-o", "beginning", "-e", "-q", *topics).expect(0)


def groups(at, command, *words):
    return run("groups", command, "-b", at, *words)


def rows(at, command, *words):
    return json.loads(groups(at, command, *words, "--output", "json").expect(0).out)


def offsets(at, group):
    return {(row["topic"], row["partition"]): row["offset"] for row in rows(at, "offsets", group)}


@contextlib.contextmanager
def member(at, group, topic):
    with Running("consume", "-b", at, "-G", group, "-X", "client.id=reader", "-o", "beginning", topic) as reader:
        wait_until(lambda: any(row["group"] == group and row["state"] == "Stable" for row in rows(at, "list")),
                   "the group is stable", LIMIT_S)
        yield reader
        reader.end(signal.SIGINT)


def listing(tap, at):
    with tap.case("no groups: nothing, and documents that are valid all the same"):
        tap.equal(groups(at, "list").expect(0).out, b"", "table")
        tap.equal(groups(at, "list", "--json").expect(0).out, b"[]\n", "JSON")
        tap.equal(groups(at, "list", "--output", "csv").expect(0).out, b"group,type,protocol,state,coordinator\r\n", "CSV")
        tap.equal(groups(at, "describe", "--all", "-J").expect(0).out, b"[]\n", "describe --all")
    read_all(at, "first", "orders")
    read_all(at, "second", "orders", "payments")
    with tap.case("groups are listed, and chosen by state and type"):
        listed = rows(at, "list")
        tap.equal([(row["group"], row["type"], row["state"], row["coordinator"]) for row in listed],
                  [("first", "classic", "Empty", 1), ("second", "classic", "Empty", 1)], "rows")
        tap.equal(len(rows(at, "list", "--state", "stable,empty", "--type", "Classic")), 2, "chosen")
        tap.equal(rows(at, "list", "--state", "Stable"), [], "of a state that none has")
        tap.equal(rows(at, "list", "--type", "share"), [], "of a type that none has")
        told = groups(at, "list").expect(0).out.decode().splitlines()
        tap.equal(told[0].split(), ["GROUP", "TYPE", "PROTOCOL", "STATE", "COORDINATOR"], "titles")
        groups(at, "list", "--type", "nonsense").expect(2, "nonsense")


def describing(tap, at):
    with tap.case("a group without members: offsets and lag"):
        produce(at, "orders", 5)
        told = groups(at, "describe", "first").expect(0).out.decode().splitlines()
        tap.check("group first  type classic  state Empty" in told[0] and "members 0" in told[0], told[0])
        tap.equal(told[2].split()[:7], ["first", "orders", "0", "10", "15", "5", "-"], "row")
        tap.equal([(row["offset"], row["log_end"], row["lag"]) for row in rows(at, "offsets", "first")],
                  [(10, 15, 5), (4, 4, 0)], "offsets")
    with tap.case("a group with a member: who has what"), member(at, "first", "orders"):
        wait_until(lambda: all(row["lag"] == 0 for row in rows(at, "lag", "first")), "all is read", LIMIT_S)
        described = json.loads(groups(at, "describe", "first", "--json").expect(0).out)[0]
        tap.equal((described["state"], described["assignor"]), ("Stable", "range"), "group")
        one = described["members"][0]
        tap.equal((one["client_id"], one["host"], one["partitions"]), ("reader", "/127.0.0.1", 2), "member")
        tap.equal(one["assignment"], [{"topic": "orders", "partitions": [0, 1]}], "assignment")
        tap.equal({row["member"] for row in described["partitions"]}, {one["member"]}, "members of the partitions")
        told = groups(at, "members", "first", "--verbose").expect(0).out.decode()
        tap.check("orders:0,1" in told and "SUBSCRIPTION" in told, told)
        tap.check("orders:0,1" not in groups(at, "members", "first").expect(0).out.decode(), "without --verbose")
        summary = groups(at, "describe", "first", "--state").expect(0).out.decode().splitlines()
        tap.equal(len(summary), 2, "lines of --state")
        refused = groups(at, "reset", "first", "--all-topics", "--to-earliest")
        refused.expect(1, "first", "Stable", "reader at /127.0.0.1", "NON_EMPTY_GROUP", "stop them first")
        groups(at, "delete", "first").expect(1, "delete group first", "NON_EMPTY_GROUP")
        groups(at, "delete-offsets", "first", "--topic", "orders").expect(1, "orders[0]", "GROUP_SUBSCRIBED_TO_TOPIC")
    with tap.case("several groups; CSV that a program reads; sums of lag"):
        table = list(csv.DictReader(io.StringIO(groups(at, "describe", "--all", "--output", "csv").expect(0).out.decode())))
        tap.equal(sorted({row["group"] for row in table}), ["first", "second"], "groups")
        tap.equal([row["offset"] for row in table if row["group"] == "first"], ["15", "4"], "offsets")
        told = groups(at, "lag", "first", "second").expect(0).out.decode()
        tap.check(re.search(r"^first +Empty +0 +2 +0$", told, re.MULTILINE), told)
    with tap.case("a group that is not there is an error, and the others are printed"):
        done = groups(at, "describe", "nobody", "first").expect(1, "group nobody", "GROUP_ID_NOT_FOUND", "groups list")
        tap.check(b"group first" in done.out, "the other one")
        for command in ("members", "offsets", "lag", "export"):
            groups(at, command, "nobody").expect(1, "GROUP_ID_NOT_FOUND")
        groups(at, "delete", "nobody").expect(1, "GROUP_ID_NOT_FOUND")
        groups(at, "delete-offsets", "nobody", "-t", "orders").expect(1, "GROUP_ID_NOT_FOUND")
    with tap.case("what is wrong is said before the cluster is asked"):
        for words, told in [
            (("describe",), "none is named"),
            (("describe", "g", "--all"), "--all stands beside names"),
            (("reset", "g", "--to-earliest"), "no topic is named"),
            (("reset", "g", "--all-topics"), "where to"),
            (("reset", "g", "--all-topics", "--to-earliest", "--to-latest"), "twice"),
            (("reset", "g", "--all-topics", "--to-datetime", "yesterday"), "2026-11-21T08:00:00Z"),
            (("reset", "g", "--all-topics", "--by-duration", "1h"), "P1D"),
            (("reset", "g", "--topic", "orders:x", "--to-latest"), "orders:x"),
            (("reset", "g", "--all-topics", "--to-offset", "-1"), "--to-offset"),
            (("reset", "g", "--from-file", "f", "--all-topics"), "the file says"),
            (("reset", "g", "--all-topics", "--to-latest", "--execute", "--dry-run"), "--dry-run"),
            (("delete-offsets", "g"), "no topic is named"),
            (("export",), "group"),
            (("lag", "g", "--watch", "0.01"), "--watch"),
            (("list", "--output", "xml"), "xml"),
        ]:
            run("groups", words[0], "-b", "127.0.0.1:1", *words[1:]).expect(2, told)


def moving(tap, at):
    topic = ("--topic", "orders")
    with tap.case("a reset is a plan until --execute"):
        done = groups(at, "reset", "second", *topic, "--to-earliest").expect(0, "nothing was written")
        told = done.out.decode().splitlines()
        tap.equal([line.split()[2:8] for line in told[1:]],
                  [["0", "10", "0", "-10", "0", "15"], ["1", "4", "0", "-4", "0", "4"]], "plan")
        tap.equal(offsets(at, "second")[("orders", 0)], 10, "offset after the plan")
        groups(at, "reset", "second", *topic, "--to-earliest", "--execute", "-q").expect(0)
        tap.equal(offsets(at, "second"), {("orders", 0): 0, ("orders", 1): 0, ("payments", 0): 3}, "offsets after it")
    with tap.case("where a reset can lead"):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
        for words, wanted in [(("--to-latest",), 15), (("--shift-by", "-5"), 10), (("--shift-by", "2"), 12),
                              (("--to-offset", "7"), 7), (("--to-current",), 7), (("--to-datetime", "2001-01-01"), 0),
                              (("--to-datetime", now), 15), (("--by-duration", "PT1H"), 0),
                              (("--by-duration", "PT0S"), 15)]:
            groups(at, "reset", "second", "--topic", "orders:0", *words, "--execute", "-q").expect(0)
            tap.equal(offsets(at, "second")[("orders", 0)], wanted, " ".join(words))
        tap.equal(offsets(at, "second")[("orders", 1)], 0, "the partition that was not named")
    with tap.case("offsets outside of the log become its ends, and it is said"):
        done = groups(at, "reset", "second", "--topic", "orders:0", "--to-offset", "99")
        tap.check("99 was asked for, the log ends at 15" in done.expect(0).out.decode(), done.out)
        done = rows(at, "reset", "second", "--topic", "orders:0", "--shift-by", "-99")[0]
        tap.equal((done["new"], done["note"]), (0, "-84 was asked for, the log begins at 0"), "in JSON")
    with tap.case("a partition or topic that is not there"):
        groups(at, "reset", "second", "--topic", "orders:7", "--to-latest").expect(2, "partitions 0 to 1")
        groups(at, "reset", "second", "--topic", "nowhere", "--to-latest").expect(1, "nowhere", "UNKNOWN_TOPIC")
        done = groups(at, "reset", "second", "--topic", "payments:0", "--topic", "orders", "--shift-by", "1")
        done.expect(0)
        done = groups(at, "reset", "fresh", *topic, "--shift-by", "1", "--execute")
        done.expect(1, "no committed offset", "nothing was written")
    with tap.case("a group that is not there yet begins where it is told"):
        groups(at, "reset", "fresh", *topic, "--to-offset", "3", "--execute", "-q").expect(0)
        tap.equal(offsets(at, "fresh"), {("orders", 0): 3, ("orders", 1): 3}, "offsets")
        groups(at, "reset", "nobody", "--all-topics", "--to-latest").expect(1, "it has none", "--topic")
    with tap.case("offsets go out and come back, in both forms"), tempfile.TemporaryDirectory() as folder:
        for form in ("json", "csv"):
            file = Path(folder) / ("offsets." + form)
            file.write_bytes(groups(at, "export", "second", "--output", form).expect(0).out)
            before = offsets(at, "second")
            groups(at, "reset", "second", "--all-topics", "--to-earliest", "--execute", "-q").expect(0)
            tap.check(offsets(at, "second") != before, "nothing was moved")
            tap.equal(len(rows(at, "import", "second", file)), 3, "rows of the plan")
            tap.check(offsets(at, "second") != before, "the plan was carried out")
            groups(at, "import", "second", file, "--execute", "-q").expect(0)
            tap.equal(offsets(at, "second"), before, form)
        plan = groups(at, "reset", "second", "--all-topics", "--to-latest", "--export", "-q").expect(0).out
        tap.equal(plan, b"orders,0,15\norders,1,4\npayments,0,3\n", "--export")
        piped = run("groups", "import", "-b", at, "second", "-", "--execute", "-q", stdin=plan).expect(0)
        tap.check(b"payments" in piped.out, piped.out)
        file.write_text("orders,0,x\n", encoding="utf-8")
        groups(at, "import", "second", file).expect(2, "offsets.csv:1")
        groups(at, "import", "second", Path(folder) / "missing").expect(2, "missing", "No such file")
    with tap.case("offsets and groups are deleted"):
        done = rows(at, "delete-offsets", "second", "--topic", "orders:1", "--topic", "payments")
        tap.equal([(row["topic"], row["partition"], row["deleted"]) for row in done],
                  [("orders", 1, True), ("payments", 0, True)], "rows")
        tap.equal(list(offsets(at, "second")), [("orders", 0)], "what is left")
        groups(at, "delete-offsets", "second", "--topic", "payments").expect(1, "none of topic payments")
        done = groups(at, "delete", "second", "nobody", "-J").expect(1, "nobody")
        tap.equal([(row["group"], row["deleted"], row["error"]) for row in json.loads(done.out)],
                  [("second", True, None), ("nobody", False, "GROUP_ID_NOT_FOUND")], "rows")
        tap.equal([row["group"] for row in rows(at, "list")], ["first", "fresh"], "what is left")


def as_kafka(tap, at):
    def kafka(*words):
        return run("groups", "--bootstrap-server", at, *words)

    with tap.case("command lines of kafka-consumer-groups.sh"):
        tap.equal(kafka("--list").expect(0).out, groups(at, "list").expect(0).out, "--list")
        tap.equal(kafka("--list", "--state").expect(0).out, groups(at, "list").expect(0).out, "--list --state")
        tap.equal(kafka("--describe", "--group", "fresh").expect(0).out, groups(at, "describe", "fresh").out, "--describe")
        tap.equal(kafka("--describe", "--all-groups", "--state").expect(0).out,
                  groups(at, "describe", "--all", "--state").out, "--state")
        kafka("--describe", "--group", "fresh", "--members", "--verbose").expect(0, "no members")
        plan = kafka("--reset-offsets", "--group", "fresh", "--topic", "orders:0", "--to-offset", "9", "--export")
        tap.equal(plan.expect(0).out, b"orders,0,9\n", "--export")
        kafka("--reset-offsets", "--group", "fresh", "--topic", "orders:0", "--to-offset", "9", "--dry-run").expect(0)
        tap.equal(offsets(at, "fresh")[("orders", 0)], 3, "after --dry-run")
        kafka("--reset-offsets", "--group", "fresh", "--topic", "orders:0", "--to-offset", "9", "--execute").expect(0)
        tap.equal(offsets(at, "fresh")[("orders", 0)], 9, "after --execute")
        kafka("--delete-offsets", "--group", "fresh", "--topic", "orders:0").expect(0)
        kafka("--timeout", "5000", "--delete", "--group", "fresh").expect(0)
        kafka("--describe", "--group", "fresh").expect(1, "GROUP_ID_NOT_FOUND")


class Terminal:
    """`barnabas groups lag --watch` in a terminal of its own."""

    def __init__(self, rows_columns, *words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            time.sleep(0.2)  # until the size is set
            os.execv(barnabas.program(), [barnabas.program(), "groups", "lag", *map(str, words)])
        self.resize(*rows_columns)
        self.seen = b""

    def resize(self, *rows_columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", *rows_columns, 0, 0))

    def pump(self, limit_s):
        readable, _, _ = select.select([self.fd], [], [], limit_s)
        if not readable:
            return
        try:
            self.seen += os.read(self.fd, 1 << 16)
        except OSError:
            pass

    def frames(self):
        """Complete drawings, as lists of lines."""
        whole = self.seen.decode(errors="replace").split("\x1b[H")[1:]
        whole = [frame.split("\x1b[J")[0] for frame in whole if "\x1b[J" in frame]
        return [[line.replace("\x1b[K", "") for line in frame.split("\r\n")] for frame in whole]

    def wait(self, condition, what, limit_s=LIMIT_S):
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            frames = self.frames()
            if frames and condition(frames[-1]):
                return frames[-1]
            self.pump(0.2)
        raise Failed("not on the screen: %s; there is: %r" % (what, self.seen[-800:]))

    def interrupt(self):
        """Ctrl-C; the exit code."""
        os.write(self.fd, b"\x03")
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            self.pump(0.1)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.pump(0.1)
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise Failed("Ctrl-C did not end it")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


def has(text):
    return lambda lines: any(text in line for line in lines)


def watching(tap):
    port = free_port()
    at = "127.0.0.1:%d" % port
    words = ("broker", "--port", port, "-t", "orders:30")
    with barnabas.Process("barnabas", *words, name="broker", first_line=True) as server:
        produce(at, "orders", 40, 7)
        groups(at, "reset", "watched", "--topic", "orders", "--to-earliest", "--execute", "-q").expect(0)
        with tap.case("watched into a pipe: lines with their time, and SIGINT ends it with 0"):
            with Running("groups", "lag", "-b", at, "watched", "--watch", "0.2") as watch:
                wait_until(lambda: watch.out.count(b"watched  orders          7 ") >= 3, "three rounds", LIMIT_S)
                tap.equal(watch.end(signal.SIGINT), 0, "exit code")
            lines = watch.out.decode().splitlines()
            tap.equal(lines[0].split()[:4], ["TIME", "GROUP", "TOPIC", "PARTITION"], "titles")
            tap.equal(sum("TIME" in line for line in lines), 1, "lines with titles")
            tap.check(b"\x1b" not in watch.out, "a pipe gets no escapes")
        with tap.case("watched as JSON: one document a line"):
            with Running("groups", "lag", "-b", at, "--all", "--watch=0.2", "--json") as watch:
                wait_until(lambda: watch.out.count(b"\n") >= 3, "three rounds", LIMIT_S)
                tap.equal(watch.end(signal.SIGINT), 0, "exit code")
            last = json.loads(watch.out.splitlines()[-1])
            one = next(row for row in last if row["partition"] == 7)
            tap.equal((one["lag"], one["records_per_s"], one["catch_up_s"]), (40, 0.0, None), "a row")
        with tap.case("a reader that goes away ends it with 0"):
            words_of_lag = [barnabas.program(), "groups", "lag", "-b", at, "watched", "--watch", "0.1"]
            with subprocess.Popen(words_of_lag, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as watch:
                watch.stdout.readline()
                watch.stdout.close()
                tap.equal(watch.wait(LIMIT_S), 0, "exit code")
        screen(tap, at, server, words)


def screen(tap, at, server, words):
    with Terminal((14, 70), "-b", at, "--all", "--watch", "0.3") as terminal:
        with tap.case("on a terminal: drawn in place, no wider and no higher than it is"):
            lines = terminal.wait(has("more with a smaller lag"), "what is left out")
            tap.check(len(lines) <= 14 and max(map(len, lines)) <= 70, "%d lines: %r" % (len(lines), lines))
            tap.check(has(" 40 ")(lines), "the partition with the largest lag: %r" % lines)
            tap.check(b"\x1b[?1049h" in terminal.seen, "a screen of its own")
        with tap.case("a terminal that grows is filled"):
            terminal.resize(50, 120)
            lines = terminal.wait(lambda all_lines: sum("orders" in line for line in all_lines) == 30, "all partitions")
            tap.check(len(lines) <= 50, "%d lines" % len(lines))
        with tap.case("what the group reads is seen as a rate"):
            produce(at, "orders", 500, 7)
            read_all(at, "watched", "orders")
            terminal.wait(lambda all_lines: any(re.search(r"watched +Empty +0 +30 +0 +[1-9]", line) for line in all_lines),
                          "a rate and no lag")
        with tap.case("a broker that is away is told, and the view goes on when it is back"):
            server.kill()
            terminal.wait(has("! "), "trouble")
            terminal.wait(has("connect"), "what is wrong")
            with barnabas.Process("barnabas", *words, name="broker", first_line=True):
                groups(at, "reset", "watched", "--topic", "orders:3", "--to-earliest", "--execute", "-q").expect(0)
                terminal.wait(lambda lines: not has("! ")(lines) and sum("orders" in line for line in lines) == 1,
                              "the new group")
                tap.equal(terminal.interrupt(), 0, "exit code at Ctrl-C")
        with tap.case("at the end the terminal is as it was, with the last view on it"):
            after = terminal.seen.split(b"\x1b[?1049l")
            tap.equal(len(after), 2, "times that the screen was given back")
            tap.check(b"\x1b[?25h" in after[0][-20:], "the cursor is back")
            tap.check(b"watched" in after[1] and b"\x1b" not in after[1], "the last view: %r" % after[1])


def main():
    tap = Tap()
    with broker("-t", "orders:2", "-t", "payments:1") as server:
        at = server.bootstrap()
        produce(at, "orders", 10)
        produce(at, "orders", 4, 1)
        produce(at, "payments", 3)
        listing(tap, at)
        describing(tap, at)
        moving(tap, at)
        as_kafka(tap, at)
    watching(tap)
    tap.done()


if __name__ == "__main__":
    main()
