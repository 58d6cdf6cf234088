#!/usr/bin/env python3
"""`barnabas protocol` as people and programs use it, and a capture of kcat talking to a real Kafka 4.3.1."""
import json
import random
import struct
import subprocess
import tempfile
from pathlib import Path

from cli_support import ROOT, barnabas, run
from tap import Tap

CAPTURE = ROOT / "fixtures/golden/kcat_kafka_4.3.1.pcap"
PORT = 29209
METADATA = "0003000c0000000300026d65000200000000000000000000000000000000076f726465727300010000"
BULK_SECONDS_MAX, BULK_LINES = 30, 200_000


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def lines_of(*items):
    return "".join(json.dumps(item) + "\n" for item in items).encode()


def tables(tap):
    with tap.case("list names every API with its key"):
        listed = objects(run("protocol", "list", "--json").expect(0).out)
        by_name = {api["name"]: api for api in listed}
        tap.equal(by_name["Fetch"]["key"], 1, "key of Fetch")
        tap.equal(by_name["Fetch"]["versions"], "0-18", "versions of Fetch")
        tap.equal(by_name["Fetch"]["scope"], ["broker", "controller"], "who serves Fetch")
        tap.equal(sorted(api["key"] for api in listed if "key" in api), list(range(93)), "keys")
        tap.equal(len(run("protocol", "list").expect(0).out.splitlines()), len(listed) + 1, "lines of the text")
    with tap.case("describe by any name, by version, as JSON"):
        whole = run("protocol", "describe", "fetch").expect(0).out
        tap.check(b"FetchRequest" in whole and b"FetchResponse" in whole, "both messages")
        one = run("protocol", "describe", "1", "--kind", "request", "--version", "4").expect(0).out
        tap.check(b"isolation_level" in one and b"session_id" not in one, "only the fields of version 4: %r" % one)
        for spelling in ("FetchRequest", "fetch_request"):
            tap.equal(run("protocol", "describe", spelling, "--version", "4").expect(0).out, one, spelling)
        table = json.loads(run("protocol", "describe", "HeartbeatRequest", "--json").expect(0).out)
        tap.equal(table["fields"][3], {"name": "group_instance_id", "type": "string", "versions": "3+", "default": None,
                                       "nullable_versions": "0+"}, "a field")
        run("protocol", "describe", "Fecth").expect(2, 'did you mean "Fetch"?')
        run("protocol", "describe", "Heartbeat", "--version", "9").expect(2, "HeartbeatRequest has no version 9, only 0-4")


def one_message(tap, folder):
    with tap.case("encode, and decode what was encoded"):
        message = '{"topics":[{"name":"orders"}]}'
        words = ("--api", "Metadata", "--kind", "request", "--version", 12)
        hexadecimal = run("protocol", "encode", *words, message).expect(0).out.decode().strip()
        full = json.loads(run("protocol", "decode", *words, hexadecimal).expect(0).out)
        tap.equal(full["topics"], [{"topic_id": "A" * 22, "name": "orders"}], "topics")
        tap.equal(full["allow_auto_topic_creation"], True, "a default")
        file = folder / "message"
        file.write_bytes(bytes.fromhex(hexadecimal))
        tap.equal(json.loads(run("protocol", "decode", *words, "--raw", "@%s" % file).expect(0).out), full, "from a file")
        spaced = " ".join(hexadecimal[i:i + 2] for i in range(0, len(hexadecimal), 2)).encode() + b"\n"
        tap.equal(json.loads(run("protocol", "decode", *words, "-", stdin=spaced).expect(0).out), full, "from standard input")
        raw = run("protocol", "encode", *words, "--raw", "-", stdin=json.dumps(full).encode()).expect(0).out
        tap.equal(raw.hex(), hexadecimal, "bytes of what was read")
    with tap.case("a header in front"):
        got = run("protocol", "encode", "--api", "MetadataRequest", "--version", 12, "--header",
                  '{"correlation_id":3,"client_id":"me"}', '{"topics":[{"name":"orders"}]}').expect(0).out.decode().strip()
        tap.equal(got, METADATA, "bytes")
        both = json.loads(run("protocol", "decode", "--header", METADATA).expect(0).out)
        tap.equal(both["header"], {"request_api_key": 3, "request_api_version": 12, "correlation_id": 3, "client_id": "me"},
                  "header")
        tap.equal(both["json"]["topics"][0]["name"], "orders", "topic")
        run("protocol", "decode", "--header", "--api", "Fetch", "--kind", "request", "--version", 12,
            METADATA).expect(4, "header: is that of Metadata version 12")
        run("protocol", "decode", "--header", "00").expect(4, "do not begin with the header of a request")
    with tap.case("what is wrong is said with its place"):
        run("protocol", "decode", "--api", "FindCoordinatorRequest", "--version", 0,
            "0003").expect(4, "key: needs 3 bytes, 0 are left (at byte 2)")
        run("protocol", "decode", "--header", METADATA + "00").expect(4, "1 bytes follow the end of the message")
        run("protocol", "decode", "--header", "--lenient", METADATA + "00").expect(0)
        run("protocol", "encode", "--api", "MetadataRequest", "--version", 12,
            '{"topics":[{"nam":"x"}]}').expect(4, 'topics[0].nam: is no field; did you mean "name"? (at byte 18)')
        run("protocol", "encode", "--api", "MetadataRequest", "--version", 99, "{}").expect(4, "only 0 to 13")
        run("protocol", "decode", "--api", "Fetch", "--version", 1, "00").expect(2, "say with the kind")
        run("protocol", "decode", "--api", "FetchRequest", "00").expect(2, "--version")
        run("protocol", "decode", "--api", "FetchRequest", "--version", 1, "0").expect(2, "not hexadecimal")
        run("protocol", "decode", "--api", "FetchRequest", "--version", 1).expect(2, "say what to convert")
        run("protocol", "decode", "--api", "FetchRequest", "--version", 1, "@/nowhere").expect(1, "could not read /nowhere")


def bulk(tap):
    with tap.case("one line in, one line out, also for lines that are wrong"):
        done = run("protocol", "decode", "--jsonl", stdin=lines_of(
            {"api": "EndTxnMarker", "kind": "data", "version": 0, "hex": "00000005", "id": 7},
            {"api": "Fetch", "kind": "request", "version": 12, "hex": "00"},
            {"api": 3, "kind": "request", "version": 12, "header": True, "hex": METADATA},
            {"api": "Fetch", "kind": "request", "version": 12, "hex": "0"},
            {"api": "Nothing", "kind": "request", "version": 12, "hex": ""}) + b"no JSON\n\n[]\n{")
        tap.equal(done.code, 4, "exit code")
        got = objects(done.out)
        tap.equal(len(got), 9, "answers")
        tap.equal(got[0], {"json": {"coordinator_epoch": 5}}, "data")
        tap.equal(got[1], {"error": "needs 4 bytes, 1 are left", "path": "replica_id", "offset": 0}, "refused bytes")
        tap.equal(got[2]["header"]["client_id"], "me", "header")
        tap.check(all("error" in answer for answer in got[3:]), "errors: %r" % got[3:])
        done = run("protocol", "encode", "--jsonl", stdin=lines_of(
            {"api": "Metadata", "kind": "request", "version": 12, "json": {"topics": [{"name": "orders"}]},
             "header": {"correlation_id": 3, "client_id": "me"}},
            {"api": "Metadata", "kind": "request", "version": 12, "json": {"topics": None, "more": 1}}))
        got = objects(done.out)
        tap.equal(got[0], {"hex": METADATA}, "bytes")
        tap.equal(got[1]["path"], "more", "path of an error")
    with tap.case("an answer comes as soon as its line has"):
        with subprocess.Popen([barnabas.program(), "protocol", "decode", "--jsonl"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, bufsize=0) as process:
            for epoch in range(3):
                process.stdin.write(lines_of({"api": "EndTxnMarker", "kind": "data", "version": 0, "hex": "%08x" % epoch}))
                tap.equal(json.loads(process.stdout.readline()), {"json": {"coordinator_epoch": epoch}}, "answer")
            process.stdin.close()
            tap.equal(process.wait(20), 0, "exit code")
    with tap.case("many lines in a moment"):
        line = lines_of({"api": "Metadata", "kind": "request", "version": 12, "header": True, "hex": METADATA})
        done = run("protocol", "decode", "--jsonl", stdin=line * BULK_LINES, limit_s=BULK_SECONDS_MAX)
        tap.equal(done.out.count(b"\n"), BULK_LINES, "answers")
        tap.note("%d lines in %.2f s" % (BULK_LINES, done.seconds))
    with tap.case("unknown tags and bytes that are no UTF-8 survive both ways"):
        body = {"topics": [], "_unknown_tags": [{"tag": 9, "data": "YQ=="}]}
        given = {"api": "Metadata", "kind": "request", "version": 12, "json": body,
                 "header": {"correlation_id": 3, "client_id": "\udcffe", "_unknown_tags": [{"tag": 7, "data": "YQ=="}]}}
        encoded = objects(run("protocol", "encode", "--jsonl", stdin=lines_of(given)).expect(0).out)[0]["hex"]
        tap.check(encoded.startswith("0003000c000000030002ff6501070161"), "the header: " + encoded)
        again = objects(run("protocol", "decode", "--jsonl", stdin=lines_of(
            {"api": "Metadata", "kind": "request", "version": 12, "header": True, "hex": encoded})).expect(0).out)[0]
        tap.equal(again["header"]["client_id"], "\udcffe", "client id")
        tap.equal(again["header"]["_unknown_tags"], [{"tag": 7, "data": "YQ=="}], "tags of the header")
        tap.equal(again["json"]["_unknown_tags"], [{"tag": 9, "data": "YQ=="}], "tags of the body")


def packets_of(capture):
    """[header, (16 bytes of record header, data)…] of a little-endian pcap."""
    at, packets = 24, []
    while at < len(capture):
        size = struct.unpack_from("<I", capture, at + 8)[0]
        packets.append(capture[at:at + 16 + size])
        at += 16 + size
    return capture[:24], packets


def show(file, *more, code=0):
    return objects(run("protocol", "decode", "--pcap", file, "--port", PORT, "--json", *more).expect(code).out)


def captures(tap, folder):
    whole = CAPTURE.read_bytes()
    head, packets = packets_of(whole)
    shown = []
    with tap.case("a capture of kcat and Kafka: every request has its response, and all of it can be read"):
        shown = show(CAPTURE, "--max-bytes-shown", 0)
        tap.equal([line for line in shown if "notice" in line], [], "notices")
        tap.equal([line for line in shown if "request_error" in line or "response_error" in line], [], "unreadable")
        names = {line["api"] for line in shown}
        tap.check({"ApiVersions", "Metadata", "Produce", "Fetch", "ListOffsets", "FindCoordinator", "JoinGroup", "SyncGroup",
                   "Heartbeat", "OffsetFetch", "OffsetCommit"} <= names, "APIs: %s" % sorted(names))
        answered = [line for line in shown if line["answer"] == "seen"]
        tap.check(len(answered) >= len(shown) - 4, "%d of %d answered" % (len(answered), len(shown)))
        tap.check(all(line["latency_ms"] >= 0 for line in answered), "latency")
        produce = next(line for line in shown if line["api"] == "Produce")
        tap.equal(produce["request"]["topic_data"][0]["name"], "orders", "topic")
        tap.equal(produce["response"]["responses"][0]["partition_responses"][0]["error_code"], 0, "error code")
        run("protocol", "decode", "--pcap", CAPTURE).expect(0, "data went to", "%d (" % PORT)
        text = run("protocol", "decode", "--pcap", CAPTURE, "--port", PORT).expect(0)
        tap.equal(text.out.count(b"\n  < "), len(shown), "answers in the text")
        tap.check("%d requests" % len(shown) in text.err, text.err)
    with tap.case("from standard input, in little pieces"):
        with subprocess.Popen([barnabas.program(), "protocol", "decode", "--pcap", "-", "--port", str(PORT), "--json",
                               "--max-bytes-shown", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as process:
            for at in range(0, len(whole), 1000):
                process.stdin.write(whole[at:at + 1000])
                process.stdin.flush()
            out, _ = process.communicate(timeout=60)
            tap.equal(objects(out), shown, "lines")
    with tap.case("packets that were captured twice change nothing"):
        chance = random.Random(1)
        twice = folder / "twice.pcap"
        twice.write_bytes(head + b"".join(packet * (2 if chance.random() < 0.3 else 1) for packet in packets))
        tap.equal(show(twice, "--max-bytes-shown", 0), shown, "lines")
    with tap.case("a capture that lacks packets says so and goes on"):
        lossy = folder / "lossy.pcap"
        for seed in range(20):
            chance = random.Random(seed)
            lossy.write_bytes(head + b"".join(packet for packet in packets if chance.random() > 0.1))
            got = show(lossy)
            tap.check(any("notice" in line for line in got) and any(line.get("answer") == "seen" for line in got),
                      "seed %d: %r" % (seed, got))
    with tap.case("long messages are cut, and other ports left out"):
        cut = show(CAPTURE, "--max-bytes-shown", 40)
        tap.check(all(len(line["response_cut"]) <= 40 for line in cut if "response_cut" in line), "lengths")
        tap.check(any("response_cut" in line for line in cut), "something is cut")
        tap.equal(run("protocol", "decode", "--pcap", CAPTURE, "--json").expect(0).out, b"", "port 9092")
    with tap.case("what is no capture is refused, and damage ends nothing but the capture"):
        broken = folder / "broken.pcap"
        broken.write_bytes(b"GET / HTTP/1.1\r\n\r\n")
        run("protocol", "decode", "--pcap", broken).expect(4, "neither pcap nor pcapng")
        run("protocol", "decode", "--pcap", folder / "none").expect(1, "could not open")
        chance = random.Random(2)
        for _ in range(40):
            damaged = bytearray(whole)
            for _ in range(200):
                damaged[chance.randrange(24, len(damaged))] = chance.randrange(256)
            broken.write_bytes(damaged)
            done = run("protocol", "decode", "--pcap", broken, "--port", PORT)
            tap.check(done.code in (0, 4), "exit code %d" % done.code)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="barnabas-protocol-") as folder:
        tables(tap)
        one_message(tap, Path(folder))
        bulk(tap)
        captures(tap, Path(folder))
    tap.done()


if __name__ == "__main__":
    main()
