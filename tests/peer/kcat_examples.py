#!/usr/bin/env python3
"""kcat's own examples (its README, kcat -h), typed to kcat and to barnabas at the same broker: standard output must be the
same, byte for byte. Where it is not, and that is on purpose, ON_PURPOSE says why, and a case holds what we print instead.

    kcat_examples.py            at `barnabas broker`
    kcat_examples.py --kafka    at a real Kafka, too
"""
import json
import subprocess
import sys
import time
from pathlib import Path

from cli_support import broker, run
from tap import Failed, Skip, Tap, need

LIMIT_S = 60
KAFKA_VERSION = "4.3.1"

# What differs, and why: each has a case below (of the mode letters, every case is one).
ON_PURPOSE = {
    "-J": "names that say what they are: no tstype and broker, but leader_epoch; headers as objects, because names may "
          "repeat; bytes that are no text as base64, where kcat prints what is no JSON",
    "-Z": "kcat prints NULL for an empty value as well; here empty and null stay apart",
    "-D \\x00": "kcat prints nothing between records then; here it is a zero byte",
    "-L": "a listing of our own; the same facts",
    "-Q": "`barnabas offsets --time`, for all partitions of a topic",
    "-X list and -X dump": "the options here, which are Java's by name; kcat prints librdkafka's",
    "-o stored, without a group": "refused here: a group has stored offsets, or a file that -X offset.store.path names",
    "mode letters": "-C, -P, -L and -Q are subcommands here: consume, produce, metadata, offsets. The first three are "
                    "accepted there and say nothing new",
}

# Arguments of a consumer behind `-b BROKER -t TOPIC`.
CONSUME = [
    ["-e"],
    ["-e", "-u"],
    ["-e", "-o", "beginning"],
    ["-e", "-o", "end"],
    ["-e", "-o", "2"],
    ["-e", "-o", "-3"],
    ["-e", "-o", "-2000"],
    ["-e", "-p", "0", "-o", "-2000"],
    ["-c", "2"],
    ["-e", "-D", ";"],
    ["-e", "-D", "\\r\\n"],
    ["-e", "-D", ""],
    ["-e", "-K", ":"],
    ["-e", "-K:"],
    ["-e", "-K", "\\t", "-D", "\\n\\n"],
    ["-e", "-f", "Topic %t[%p], offset: %o, key: %k, payload: %S bytes: %s\\n"],
    ["-e", "-f", "Topic %t [%p] at offset %o: key %k: %s\\n"],
    ["-e", "-f", "Headers: %h: Message value: %s\\n"],
    ["-e", "-f", "%K %S %R %T %h\\n"],
    ["-e", "-f", "\\x41\\t%s\\r\\n"],
    ["-e", "-f", "%%%s%%\\n"],
    ["-e", "-X", "isolation.level=read_uncommitted"],
    ["-e", "-X", "fetch.wait.max.ms=100"],
]

# Arguments of a producer behind `-b BROKER -t TOPIC`, with standard input.
PRODUCE = [
    ([], b"one\ntwo\nthree\n"),
    ([], b"no line end"),
    (["-z", "snappy"], b"one\ntwo\n"),
    (["-z", "gzip"], b"one\ntwo\n"),
    (["-z", "lz4"], b"one\ntwo\n"),
    (["-p", "1"], b"one\n"),
    (["-K", ":"], b"k:v\nno key\nk2:a:b\n"),
    (["-Z", "-K:"], b"abc:\n"),
    (["-k", "same"], b"one\ntwo\n"),
    (["-D", ";"], b"one;two\nlines;"),
    (["-H", "header1=header value", "-H", "nullheader", "-H", "emptyheader=", "-H", "header1=duplicateIsOk"],
     b"hello there\n"),
    (["-X", "request.timeout.ms=20000"], b"one\n"),
]


def kcat(mode, at, *arguments, stdin=b""):
    return kcat_words("-b", at, mode, *arguments, stdin=stdin)


def group(at, name, *arguments):
    return kcat_words("-b", at, "-G", name, "-q", *arguments)


def kcat_words(*arguments, stdin=b""):
    words = ["kcat", *map(str, arguments)]
    done = subprocess.run(words, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT_S, check=False)
    if done.returncode != 0:
        raise Failed("%s: exit code %d: %s" % (" ".join(words), done.returncode, done.stderr.decode(errors="replace")[-500:]))
    return done.stdout


def consume(at, *arguments):
    return run("consume", "-b", at, "-q", *arguments).expect(0).out


def everything(at, topic):
    """All there is to see of a topic."""
    return kcat("-C", at, "-q", "-e", "-t", topic, "-f", "%p|%o|%K|%k|%S|%s|%h\\n")


def consuming(tap, at, topic):
    kcat("-P", at, "-t", topic, "-p", "0", "-K:", "-H", "header1=header value", "-H", "nullheader", "-H", "emptyheader=",
         "-H", "header1=duplicateIsOk", stdin=b"a:1\nb:\n:3\nplain\nc:\xff\xfe\ngr\xc3\xb6\xc3\x9fer: 7 \n")
    kcat("-P", at, "-t", topic, "-p", "0", "-Z", "-K:", stdin=b"tombstone:\n:no key\n")
    for arguments in CONSUME:
        with tap.case("kcat -C " + " ".join(arguments)):
            tap.equal(consume(at, "-t", topic, *arguments), kcat("-C", at, "-q", "-t", topic, *arguments), "standard output")


def times(tap, at, topic):
    for value in (b"early", b"middle", b"late"):
        kcat("-P", at, "-t", topic, "-p", "0", stdin=value + b"\n")
        time.sleep(0.02)
    stamps = [int(stamp) for stamp in kcat("-C", at, "-q", "-e", "-t", topic, "-f", "%T ").split()]
    ranges = [["-o", "s@%d" % stamps[1]], ["-o", "s@%d" % stamps[0], "-o", "e@%d" % stamps[2]],
              ["-o", "s@%d" % (stamps[2] + 10**6)], ["-o", "s@0"]]
    for place, arguments in enumerate(ranges):
        with tap.case("kcat -C -e with -o s@ and e@, number %d" % place):
            tap.equal(consume(at, "-t", topic, "-e", *arguments),
                      kcat("-C", at, "-q", "-e", "-t", topic, *arguments), "standard output")
    with on_purpose_case(tap, "-Q"):
        told = kcat("-Q", at, "-t", "%s:0:%d" % (topic, stamps[1])).decode()
        ours = run("offsets", "-b", at, "-t", topic, "-p", "0", "--time", stamps[1], "-J").expect(0).out
        tap.equal(told, "%s [0] offset %d\n" % (topic, json.loads(ours)["offset"]), "offset")


def partitions(tap, at, topic):
    for partition in range(3):
        kcat("-P", at, "-t", topic, "-p", partition, stdin=b"".join(b"%d-%d\n" % (partition, n) for n in range(20)))
    for arguments in (["-e"], ["-e", "-o", "-5"], ["-e", "-o", "15"]):
        with tap.case("kcat -C %s, three partitions, each in its order" % " ".join(arguments)):
            ours, theirs = (consume(at, "-t", topic, *arguments).splitlines(),
                            kcat("-C", at, "-q", "-t", topic, *arguments).splitlines())
            for partition in range(3):
                mine = [[line for line in lines if line.startswith(b"%d-" % partition)] for lines in (ours, theirs)]
                tap.equal(mine[0], mine[1], "partition %d" % partition)
            tap.equal(len(ours), len(theirs), "records")
    with tap.case("kcat -C -p 1"):
        tap.equal(consume(at, "-t", topic, "-e", "-p", "1"), kcat("-C", at, "-q", "-e", "-t", topic, "-p", "1"), "output")
    with tap.case("kcat -G group topic: from its commits, and each from the commits of the other"):
        read = group(at, "kcats", "-c", "60", "-X", "auto.offset.reset=earliest", topic)
        tap.equal(read.count(b"\n"), 60, "records for kcat")
        kcat("-P", at, "-t", topic, "-p", "1", stdin=b"next\n")
        tap.equal(consume(at, "-G", "kcats", "-e", topic), b"next\n", "what is left for barnabas")
        tap.equal(consume(at, "-G", "ours", "-X", "auto.offset.reset=earliest", "-e", topic).count(b"\n"), 61, "all of them")
        kcat("-P", at, "-t", topic, "-p", "2", stdin=b"one more\n")
        tap.equal(group(at, "ours", "-c", "1", topic), b"one more\n", "what kcat finds behind our commits")


def producing(tap, at, create):
    for place, (arguments, stdin) in enumerate(PRODUCE):
        with tap.case("kcat -P %s, number %d" % (" ".join(arguments), place)):
            seen = []
            for name in ("kcat", "ours"):
                topic = "produced-%s-%d" % (name, place)
                create(topic, 1 if "-p" not in arguments else 2)
                if name == "kcat":
                    kcat("-P", at, "-t", topic, *arguments, stdin=stdin)
                else:
                    run("produce", "-b", at, "-t", topic, *arguments, stdin=stdin).expect(0)
                seen.append(everything(at, topic))
            tap.equal(seen[1], seen[0], "the topic")
            tap.check(seen[0], "nothing was produced")


def on_purpose_case(tap, what):
    return tap.case("on purpose: %s: %s" % (what, ON_PURPOSE[what]))


def on_purpose(tap, at, topic):
    with on_purpose_case(tap, "-J"):
        theirs = [json.loads(line) for line in kcat("-C", at, "-q", "-e", "-c", "4", "-t", topic, "-J").splitlines()]
        ours = [json.loads(line) for line in consume(at, "-e", "-c", "4", "-t", topic, "-J").splitlines()]
        for mine, other in zip(ours, theirs, strict=True):
            for name in ("topic", "partition", "offset", "ts", "key", "payload"):
                tap.equal(mine[name], other[name], name)
            flat = [part for header in mine["headers"] for part in (header["k"], header["v"])]
            tap.equal(flat, other["headers"], "headers")
        binary = json.loads(consume(at, "-o", "4", "-c", "1", "-t", topic, "-J"))
        tap.equal((binary["payload"], binary["payload_b64"]), (None, "//4="), "bytes that are no text")
    with on_purpose_case(tap, "-Z"):
        arguments = ("-e", "-Z", "-t", topic, "-o", "1", "-c", "1", "-D", "")
        tap.equal(kcat("-C", at, "-q", *arguments), b"NULL", "an empty value by kcat")
        tap.equal(consume(at, *arguments), b"", "an empty value by barnabas")
        arguments = ("-e", "-Z", "-t", topic, "-o", "6", "-K:")
        tap.equal(consume(at, *arguments), kcat("-C", at, "-q", *arguments), "null")
    with on_purpose_case(tap, "-D \\x00"):
        arguments = ("-e", "-c", "4", "-t", topic, "-D", "\\x00")
        tap.equal(kcat("-C", at, "-q", *arguments), b"13plain", "kcat")
        tap.equal(consume(at, *arguments), b"1\x00\x003\x00plain\x00", "barnabas")
    with on_purpose_case(tap, "-L"):
        theirs, ours = json.loads(kcat("-L", at, "-J")), json.loads(run("metadata", "-b", at, "-J").expect(0).out)
        tap.equal([(b["node_id"], "%s:%d" % (b["host"], b["port"])) for b in ours["brokers"]],
                  sorted((b["id"], b["name"]) for b in theirs["brokers"]), "brokers")
        facts = [{t["topic"]: sorted((p["partition"], p["leader"]) for p in t["partitions"]) for t in told["topics"]}
                 for told in (ours, theirs)]
        tap.equal(facts[0], facts[1], "topics")
    with on_purpose_case(tap, "mode letters"):
        tap.equal(consume(at, "-C", "-t", topic, "-e", "-c", "1"), b"1\n", "consume -C")
        run("produce", "-b", at, "-P", "-t", "letters", "-X", "allow.auto.create.topics=true", stdin=b"x\n").expect(0)
        run("metadata", "-b", at, "-L").expect(0)
    with on_purpose_case(tap, "-X list and -X dump"):
        tap.check(b"fetch.max.bytes" in run("consume", "-X", "list").expect(0).out, "-X list")
        out = run("consume", "-m", "3", "-E", "-X", "fetch.max.bytes=123456", "-X", "dump").expect(0).out
        tap.check(b"fetch.max.bytes=123456\n" in out and b"group.protocol=classic\n" in out, "-X dump")
    with on_purpose_case(tap, "-o stored, without a group"):
        run("consume", "-b", at, "-t", topic, "-o", "stored").expect(2, "only a group or a file has stored offsets")


def all_of_it(tap, at, create):
    for topic, count in (("syslog", 1), ("timed", 1), ("three", 3)):
        create(topic, count)
    consuming(tap, at, "syslog")
    times(tap, at, "timed")
    partitions(tap, at, "three")
    producing(tap, at, create)
    on_purpose(tap, at, "syslog")


def at_kafka(tap):
    from kafka import Cluster, Unavailable  # pylint: disable=import-outside-toplevel
    try:
        cluster = Cluster(KAFKA_VERSION)
    except Unavailable as reason:
        with tap.case("kcat's examples at a real Kafka"):
            raise Skip(reason) from None
        return
    with cluster:
        all_of_it(tap, cluster.bootstrap, cluster.create_topic)


def main():
    need("kcat")
    tap = Tap()
    with broker() as server:
        at = server.bootstrap()
        all_of_it(tap, at, lambda topic, count: run("topics", "create", "-b", at, topic, "--partitions", count).expect(0))
    if "--kafka" in sys.argv[1:]:
        at_kafka(tap)
    tap.done()


if __name__ == "__main__":
    main()
