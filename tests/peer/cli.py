#!/usr/bin/env python3
"""The barnabas command as people use it: produce, consume, topics and broker against the embedded broker."""
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from cli_support import Running, barnabas, broker, free_port, run, wait_until
from tap import Tap

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def text(lines):
    return b"".join(line + b"\n" for line in lines)


def numbers(count, prefix=b""):
    return [prefix + b"%d" % number for number in range(count)]


def consume(bootstrap, topic, *more):
    """All of a topic, to its end."""
    return run("consume", "-b", bootstrap, "-t", topic, "-e", "-q", *more).expect(0).out


def produce(bootstrap, topic, stdin, *more):
    return run("produce", "-b", bootstrap, "-t", topic, *more, stdin=stdin).expect(0)


def round_trips(tap, at):
    for codec in CODECS:
        with tap.case("what is produced with %s is consumed" % codec):
            lines = [b"%d %s" % (number, b"x" * (number % 100)) for number in range(2000)]
            done = produce(at, "codec-" + codec, text(lines), "-z", codec)
            tap.check("2000 records written" in done.err, done.err)
            tap.equal(consume(at, "codec-" + codec), text(lines), "values")
    with tap.case("keys and headers"):
        produce(at, "keys", b"a:1\nno key\n:empty\nb:x:y\n", "-K", ":", "-H", "one=1", "-H", "none", "-H", "empty=")
        tap.equal(consume(at, "keys", "-f", r"%k|%K|%s|%h\n"),
                  b"a|1|1|one=1,none=NULL,empty=\n|-1|no key|one=1,none=NULL,empty=\n"
                  b"|0|empty|one=1,none=NULL,empty=\nb|1|x:y|one=1,none=NULL,empty=\n", "records")
        tap.equal(consume(at, "keys", "-K", r"\t"), b"a\t1\n\tno key\n\tempty\nb\tx:y\n", "with a key separator")
        produce(at, "fixed-key", b"v\n", "-k", "same")
        tap.equal(consume(at, "fixed-key", "-f", "%k=%s"), b"same=v", "one key for all")
    with tap.case("null and empty"):
        produce(at, "null", b"k:\n:v\n:\n", "-K", ":", "-Z")
        tap.equal(consume(at, "null", "-Z", "-f", r"%k %s %K %S\n"), b"k NULL 1 -1\nNULL v -1 1\nNULL NULL -1 -1\n", "as NULL")
        tap.equal(consume(at, "null", "-f", "[%k %s]"), b"[k ][ v][ ]", "as nothing")
        produce(at, "empty", b"\n\n")
        tap.equal(consume(at, "empty", "-Z", "-f", "<%s>"), b"<><>", "empty is not null")
    with tap.case("delimiters"):
        produce(at, "delimiter", b"one<>two\n<>three", "-D", "<>")
        tap.equal(consume(at, "delimiter", "-D", "%"), b"one%two\n%three%", "values")
        produce(at, "whole", b"one\ntwo\n", "-D", "")
        tap.equal(consume(at, "whole", "-D", ""), b"one\ntwo\n", "all of the input as one value")
        tap.equal(consume(at, "whole", "-f", "%S"), b"8", "its size")
    with tap.case("each letter of a format"):
        produce(at, "format", b"k=v\n", "-K", "=", "-H", "h=1")
        got = consume(at, "format", "-f", r"%t %p %o %k %K %s %S %R %h %e %% \x41\n")
        tap.equal(got, b"format 0 0 k 1 v 1 \0\0\0\x01 h=1 0 % A\n", "line")
        stamp = int(consume(at, "format", "-f", "%T"))
        tap.check(abs(stamp / 1000 - time.time()) < 300, "timestamp %d" % stamp)
    with tap.case("JSON is JSON, whatever the bytes are"):
        values = [b"plain", b"\xff\xfe", b"quote\" \\ \x01", "größer".encode(), b""]
        produce(at, "json", b"|".join(b"k\xff:" + value for value in values) + b"|", "-K", ":", "-D", "|", "-H", "h=1")
        records = [json.loads(line) for line in consume(at, "json", "-J").splitlines()]
        tap.equal([record["payload"] for record in records], ["plain", None, "quote\" \\ \x01", "größer", ""], "payloads")
        tap.equal(records[1]["payload_b64"], "//4=", "binary payload")
        tap.equal(records[0]["key_b64"], "a/8=", "binary key")
        tap.equal(records[0]["headers"], [{"k": "h", "v": "1"}], "headers")
        tap.equal([record["offset"] for record in records], list(range(5)), "offsets")
    with tap.case("the report as JSON"):
        done = produce(at, "reported", b"a\nb\n", "--json")
        tap.equal(json.loads(done.out), {"written": 2, "failed": 0}, "report")


def starts_and_ends(tap, at):
    lines = numbers(100)
    produce(at, "starts", text(lines))
    with tap.case("where to start and when to end"):
        tap.equal(consume(at, "starts", "-o", "90"), text(lines[90:]), "from an offset")
        tap.equal(consume(at, "starts", "-o", "-5"), text(lines[95:]), "the last five")
        tap.equal(consume(at, "starts", "-o", "-500"), text(lines), "more than there are")
        tap.equal(consume(at, "starts", "-o", "end"), b"", "from the end")
        tap.equal(consume(at, "starts", "-o", "s@0"), text(lines), "from a time before all")
        tap.equal(consume(at, "starts", "-c", "3"), text(lines[:3]), "three records")
        told = run("consume", "-b", at, "-t", "starts", "-o", "99", "-e").expect(0)
        tap.equal(told.err, "% Reached end of topic starts [0] at offset 100\n", "what is said at the end")
    with tap.case("from a time on"):
        time.sleep(0.05)
        between = int(time.time() * 1000)
        produce(at, "starts", b"late\n")
        tap.equal(consume(at, "starts", "-o", "s@%d" % between), b"late\n", "values")
    with tap.case("several partitions"):
        for partition in range(3):
            produce(at, "three", text(numbers(10, b"%d-" % partition)), "-p", partition)
        got = consume(at, "three")
        tap.equal(sorted(got.split()), sorted(line for p in range(3) for line in numbers(10, b"%d-" % p)), "all of them")
        tap.equal(consume(at, "three", "-p", "1", "-p", "1"), text(numbers(10, b"1-")), "one of them")
        tap.equal(consume(at, "three", "-t", "starts", "-p", "0", "-c", "110").count(b"\n"), 110, "two topics")
    with tap.case("without an end, what is produced later is printed at once"):
        with Running("consume", "-b", at, "-t", "starts", "-o", "end") as reader:
            time.sleep(1)
            produce(at, "starts", b"now\n")
            reader.wait_out(b"now\n", 10)
            tap.equal(reader.end(), 130, "exit code at SIGINT")
    with tap.case("records of several megabytes, on a topic that takes them"):
        large = os.urandom(400_000).hex().encode()
        produce(at, "large", text([large, b"small", large]), "-z", "lz4")
        tap.equal(consume(at, "large"), text([large, b"small", large]), "values")


def groups(tap, at):
    with tap.case("a group commits what was printed and goes on there"):
        produce(at, "grouped", text(numbers(100)))
        group = ("consume", "-b", at, "-t", "grouped", "-G", "g", "-o", "beginning", "-q")
        first = run(*group, "-c", "10").expect(0).out.split()
        rest = run(*group, "-e").expect(0).out.split()
        tap.equal(len(first), 10, "records of the first")
        tap.equal(sorted(first + rest), sorted(numbers(100)), "all, once")
        tap.equal(run(*group, "-e").expect(0).out, b"", "nothing is left")
    with tap.case("a file keeps the offsets of a reader without a group"), tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "offsets")
        alone = ("consume", "-b", at, "-t", "grouped", "-X", "offset.store.path=" + path, "-o", "beginning", "-q")
        first = run(*alone, "-c", "10").expect(0).out.split()
        rest = run(*alone, "-e").expect(0).out.split()
        tap.equal(len(first), 10, "records of the first")
        tap.equal(sorted(first + rest), sorted(numbers(100)), "all, once")
        tap.equal(run(*alone, "-p", "0", "-e").expect(0).out, b"", "nothing is left, by hand either")
        tap.check(open(path).read().startswith("barnabas-offsets 1\n"), "the file")
        with open(path, "w") as file:
            file.write("rubbish")
        tap.check("line 1" in run(*alone, "-e").expect(3).err, "what is wrong with the file")
    with tap.case("SIGINT commits, leaves and exits with 130"):
        group = ("consume", "-b", at, "-t", "grouped", "-G", "interrupted", "-o", "beginning", "-q")
        with Running(*group) as reader:
            wait_until(lambda: reader.out.count(b"\n") == 100, "all records", 30)
            began = time.monotonic()
            tap.equal(reader.end(signal.SIGINT), 130, "exit code")
            tap.check(time.monotonic() - began < 5, "it took %.1f s" % (time.monotonic() - began))
        tap.equal(run(*group, "-e", limit_s=20).expect(0).out, b"", "nothing is left")
    with tap.case("a group that is new starts at the end, unless told otherwise"):
        tap.equal(run("consume", "-b", at, "-t", "grouped", "-G", "new", "-q", "-e").expect(0).out, b"", "values")


def pipes(tap, at):
    produce(at, "pipe", text(numbers(50_000, b"a line that is a little longer ")))
    with tap.case("a reader that goes away ends it with 0"):
        reader = subprocess.Popen([barnabas.program(), "consume", "-b", at, "-t", "pipe"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        reader.stdout.readline()
        reader.stdout.close()
        began = time.monotonic()
        tap.equal(reader.wait(10), 0, "exit code")
        tap.check(time.monotonic() - began < 3, "it took %.1f s" % (time.monotonic() - began))
        tap.equal(reader.stderr.read(), b"", "standard error")
        reader.stderr.close()
    with tap.case("a reader that does not read on keeps nobody in a group, and SIGINT ends it"):
        words = [barnabas.program(), "consume", "-b", at, "-t", "pipe", "-G", "pager", "-o", "beginning", "-X",
                 "session.timeout.ms=3000", "-X", "heartbeat.interval.ms=500", "-v"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as pager:
            pager.stdout.readline()
            time.sleep(6)
            pager.send_signal(signal.SIGINT)
            tap.equal(pager.wait(10), 130, "exit code")
            told = pager.stderr.read().decode()
            for word in ("heartbeat_failed", "lost:", "fenced"):
                tap.check(word not in told, "it fell out of the group: " + told[-500:])
    with tap.case("a full disk is an error"):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([barnabas.program(), "consume", "-b", at, "-t", "pipe", "-e"], stdout=full,
                                  stderr=subprocess.PIPE, timeout=30, check=False)
            tap.equal(done.returncode, 1, "exit code of consume")
            tap.check(b"No space left" in done.stderr, done.stderr.decode())
            done = subprocess.run([barnabas.program(), "topics", "list", "-b", at], stdout=full, stderr=subprocess.PIPE,
                                  timeout=30, check=False)
            tap.equal(done.returncode, 1, "exit code of topics")
    with tap.case("lines that are typed slowly are written at once"):
        with Running("consume", "-b", at, "-t", "typed", "-o", "beginning", "-q") as reader, \
                Running("produce", "-b", at, "-t", "typed", stdin=subprocess.PIPE) as writer:
            for number in range(3):
                writer.process.stdin.write(b"line %d\n" % number)
                writer.process.stdin.flush()
                reader.wait_out(b"line %d\n" % number, 10)
            writer.process.stdin.write(b"the last one has no line end")
            writer.process.stdin.close()
            tap.equal(writer.wait(10), 0, "exit code")
            reader.wait_out(b"the last one has no line end\n", 10)
    with tap.case("SIGINT ends a producer that waits for input, and what was typed is written"):
        with Running("produce", "-b", at, "-t", "stopped", "--linger-ms", "2000", stdin=subprocess.PIPE) as writer:
            writer.process.stdin.write(b"typed\n")
            writer.process.stdin.flush()
            time.sleep(1)
            tap.equal(writer.end(signal.SIGINT), 130, "exit code")
        tap.equal(consume(at, "stopped"), b"typed\n", "values")
    with tap.case("a huge input takes little memory"):
        line = b"x" * 1023 + b"\n"
        with Running("produce", "-b", at, "-t", "huge", "-z", "lz4", stdin=subprocess.PIPE) as writer:
            for _ in range(256):
                writer.process.stdin.write(line * 1024)
            status = Path("/proc/%d/status" % writer.process.pid).read_text(encoding="ascii")
            peak_kib = int(status.split("VmHWM:")[1].split()[0])
            writer.process.stdin.close()
            tap.equal(writer.wait(60), 0, "exit code")
            tap.check("262144 records written" in writer.err, writer.err)
        if "asan" not in barnabas.program() and "tsan" not in barnabas.program():
            tap.check(peak_kib < 160 << 10, "%d KiB at the peak, for 256 MiB of input" % peak_kib)


def topics(tap, at):
    with tap.case("topics: created, listed, described, deleted"):
        tap.equal(run("topics", "create", "-b", at, "made", "--partitions", "3").expect(0).out, b"created made\n", "create")
        tap.check(b"made\n" in run("topics", "list", "-b", at).expect(0).out, "it is not in the list")
        described = run("topics", "describe", "-b", at, "made").expect(0).out.decode()
        tap.equal(len(described.splitlines()), 4, "lines of " + described)
        topic = json.loads(run("topics", "describe", "-b", at, "made", "--json").expect(0).out)
        tap.equal([p["partition"] for p in topic["partitions"]], [0, 1, 2], "partitions in JSON")
        for line in run("topics", "list", "-b", at, "--json").expect(0).out.splitlines():
            json.loads(line)
        tap.equal(run("topics", "delete", "-b", at, "made").expect(0).out, b"deleted made\n", "delete")
        tap.check(b"made\n" not in run("topics", "list", "-b", at).expect(0).out, "it is still in the list")
    with tap.case("topics: errors name the topic and the reason"):
        run("topics", "create", "-b", at, "pipe").expect(1, "create topic pipe", "TOPIC_ALREADY_EXISTS")
        run("topics", "create", "-b", at, "not a name").expect(1, "not a name", "INVALID_TOPIC_EXCEPTION")
        run("topics", "describe", "-b", at, "missing").expect(1, "missing", "UNKNOWN_TOPIC_OR_PARTITION")
        run("topics", "delete", "-b", at, "missing").expect(1, "missing", "UNKNOWN_TOPIC_OR_PARTITION")
        run("topics", "create", "-b", at, "t", "--config", "nonsense").expect(2, "name=value")
        run("topics", "create", "-b", at, "t", "--partitions", "0").expect(2, "--partitions")


def asking(tap, at):
    produce(at, "asked", b"a=1\nb=2\n", "-K", "=")
    time.sleep(0.05)
    between = int(time.time() * 1000)
    time.sleep(0.05)
    produce(at, "asked", b"c=3\n", "-K", "=")
    with tap.case("up to a time"):
        tap.equal(consume(at, "asked", "-o", "e@%d" % between), b"1\n2\n", "values before it")
        tap.equal(consume(at, "asked", "-o", "1", "-o", "e@%d" % between), b"2\n", "with a start")
        done = run("consume", "-b", at, "-t", "asked", "-q", "-o", "e@%d" % between)
        tap.equal((done.code, done.out), (0, b"1\n2\n"), "it ends by itself")
        tap.equal(consume(at, "asked", "-o", "e@%d" % (between + 10**9)), b"1\n2\n3\n", "a time in the future is the end")
    with tap.case("an end without new records"):
        done = run("consume", "-b", at, "-t", "asked", "-q", "--max-wait-ms", "700")
        tap.equal((done.code, done.out), (0, b"1\n2\n3\n"), "records")
    with tap.case("a properties file"):
        with tempfile.NamedTemporaryFile("w", suffix=".properties") as file:
            file.write("# a comment\n\nbootstrap.servers = %s\nfetch.max.wait.ms=100\n" % at)
            file.flush()
            tap.equal(run("consume", "-F", file.name, "-t", "asked", "-e", "-q").expect(0).out, b"1\n2\n3\n", "values")
            file.write("fetch.max.wait.msec=100\n")
            file.flush()
            run("consume", "-F", file.name, "-t", "asked", "-e").expect(2, file.name + ":5", "fetch.max.wait.ms")
    with tap.case("command lines of kafka-console-consumer"):
        produce(at, "console", b"k=v\n=w\n", "-K", "=", "-Z", "-H", "h=1")
        done = run("consume", "--bootstrap-server", at, "--topic", "console", "--from-beginning", "--max-messages", "2",
                   "--property", "print.key=true", "--property", "print.partition=true", "--property", "print.offset=true",
                   "--property", "print.headers=true", "--property", "key.separator=|", "-q")
        tap.equal(done.expect(0).out, b"Partition:0|Offset:0|h:1|k|v\nPartition:0|Offset:1|h:1|null|w\n", "lines")
        run("consume", "-b", at, "-t", "console", "--formatter-property", "print.kee=true").expect(2, "print.kee")
        run("consume", "-b", at, "-t", "console", "--property", "print.key=maybe").expect(2, "true or false")
    with tap.case("metadata"):
        told = run("metadata", "-b", at, "-t", "three").expect(0).out.decode()
        tap.check("topic three with 3 partitions" in told and "(controller)" in told, told)
        cluster = json.loads(run("metadata", "-b", at, "--json").expect(0).out)
        tap.equal([t["topic"] for t in cluster["topics"] if t["topic"] == "asked"], ["asked"], "the topic is listed")
        tap.equal("%s:%d" % (cluster["brokers"][0]["host"], cluster["brokers"][0]["port"]), at, "where the broker is")
        tap.equal(run("metadata", "-b", at, "-t", "no-such-topic").code, 1, "exit code for a topic that does not exist")
    with tap.case("offsets"):
        tap.equal(run("offsets", "-b", at, "asked").expect(0).out,
                  b"asked [0]  first 0  high watermark 3  last stable 3\n", "ends")
        tap.equal(json.loads(run("offsets", "-b", at, "-t", "asked", "--time", between, "-J").expect(0).out),
                  {"topic": "asked", "partition": 0, "offset": 2}, "by time")
        tap.equal(run("offsets", "-b", at, "-t", "asked", "--time", between + 10**9).expect(0).out,
                  b"asked [0]  offset none\n", "nothing so late")
    with tap.case("one record"):
        tap.equal(json.loads(run("query", "-b", at, "asked:0:1").expect(0).out)["payload"], "2", "its value")
        tap.equal(run("query", "-b", at, "asked:0:2", "-f", "%k-%s").expect(0).out, b"c-3", "by a format")
        run("query", "-b", at, "asked:0:3").expect(1, "offsets 0 to 2")
        run("query", "-b", at, "asked:1:0").expect(2, "partition 1")
        for wrong in ("asked", "asked:0", "asked:0:x", ":0:0", "asked:-1:0"):
            run("query", "-b", at, wrong).expect(2, "TOPIC:PARTITION:OFFSET")


def restart(tap):
    with tap.case("consume goes on when the broker was away"):
        port = free_port()
        address = "127.0.0.1:%d" % port
        words = ("broker", "--port", port, "-t", "t:1")
        with barnabas.Process("barnabas", *words, name="broker", first_line=True) as first, \
                Running("consume", "-b", address, "-t", "t") as reader:
            produce(address, "t", b"before\n")
            reader.wait_out(b"before\n")
            first.kill()
            reader.wait_err("% warning")
            # The second one begins with an empty log; whether the first record comes before the reader's fetch is chance.
            with barnabas.Process("barnabas", *words, name="broker", first_line=True):
                produce(address, "t", b"after\nand more\n")
                reader.wait_out(b"and more\n")
                tap.equal(reader.end(), 130, "exit code")


def main():
    tap = Tap()
    topic_names = ["codec-" + codec for codec in CODECS] + [
        "keys", "fixed-key", "null", "empty", "delimiter", "whole", "format", "json", "reported", "starts", "large", "pipe",
        "typed", "stopped", "huge", "asked", "console"]
    options = [option for name in topic_names for option in ("-t", name + ":1")]
    with broker("-t", "three:3", "-t", "grouped:2", *options) as server:
        at = server.bootstrap()
        round_trips(tap, at)
        starts_and_ends(tap, at)
        groups(tap, at)
        pipes(tap, at)
        topics(tap, at)
        asking(tap, at)
        with tap.case("the broker is still well"):
            tap.equal(server.terminate(10), 0, "exit code at SIGTERM")
    restart(tap)
    tap.done()


if __name__ == "__main__":
    main()
