#!/usr/bin/env python3
"""barnabas records as a process: what it takes, what it prints, how it ends. An independent writer of batches (this file
and Python's own libraries) stands on the other side."""
import base64
import gzip
import json
import struct
import tempfile
import zlib
from pathlib import Path

from cli_support import run
from tap import Tap

CASTAGNOLI = 0x82F63B78


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (CASTAGNOLI if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def varint(number):
    zigzag, out = number << 1 ^ number >> 63, bytearray()
    while zigzag >= 0x80:
        out.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    return bytes(out) + bytes([zigzag])


def nullable(data):
    return varint(-1) if data is None else varint(len(data)) + data


def batch(base_offset, values, codec=0, first_timestamp=1_700_000_000_000):
    """Magic 2; values become records without key, a header h=x each."""
    body = b""
    for delta, value in enumerate(values):
        record = b"\0" + varint(delta) + varint(delta) + nullable(None) + nullable(value) + varint(1) + nullable(b"h") + nullable(b"x")
        body += varint(len(record)) + record
    body = gzip.compress(body) if codec == 1 else body
    rest = struct.pack(">hiqqqhii", codec, len(values) - 1, first_timestamp, first_timestamp + len(values) - 1, -1, -1, -1,
                       len(values)) + body
    return struct.pack(">qiibI", base_offset, 9 + len(rest), -1, 2, crc32c(rest)) + rest


def message(offset, magic, attributes, value, timestamp=5):
    rest = struct.pack(">bb", magic, attributes) + (struct.pack(">q", timestamp) if magic else b"")
    rest += struct.pack(">i", -1) + struct.pack(">i", len(value)) + value
    return struct.pack(">qiI", offset, 4 + len(rest), zlib.crc32(rest)) + rest


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def values(decoded):
    return [base64.b64decode(record["value"]) for record in decoded["records"]]


def decoding(tap):
    one, two = batch(7, [b"a", b"bc"]), batch(9, [b"d"], codec=1)
    with tap.case("hexadecimal digits, a file, standard input, bare bytes"):
        wanted = run("records", "decode", (one + two).hex()).expect(0).out
        tap.equal(len(objects(wanted)), 2, "objects")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "set"
            path.write_text((one + two).hex())
            tap.equal(run("records", "decode", "@%s" % path).expect(0).out, wanted, "from a file")
            path.write_bytes(one + two)
            tap.equal(run("records", "decode", "--raw", "@%s" % path).expect(0).out, wanted, "bytes from a file")
        tap.equal(run("records", "decode", "-", stdin=(one + two).hex().encode()).expect(0).out, wanted, "from standard input")
    with tap.case("the fields of batches"):
        first, second = objects(wanted)
        tap.equal((first["base_offset"], first["last_offset"], first["magic"], first["compression"], first["crc_ok"]),
                  (7, 8, 2, "none", True), "of the first")
        tap.equal(values(first), [b"a", b"bc"], "its values")
        tap.equal([record["timestamp"] for record in first["records"]], [1_700_000_000_000, 1_700_000_000_001], "timestamps")
        tap.equal(first["records"][0]["headers"], [{"key": "h", "value": "eA=="}], "headers")
        tap.equal((second["compression"], values(second)), ("gzip", [b"d"]), "of the second")
    with tap.case("message sets: magic 0, magic 1, wrappers"):
        inside = message(0, 1, 0, b"x") + message(1, 1, 0, b"y")
        text = run("records", "decode", (message(3, 0, 0, b"v") + message(11, 1, 1, gzip.compress(inside))).hex()).expect(0).out
        plain, wrapper = objects(text)
        tap.equal((plain["magic"], plain["timestamp_type"], values(plain)), (0, "NoTimestampType", [b"v"]), "magic 0")
        tap.equal([record["offset"] for record in wrapper["records"]], [10, 11], "offsets inside")
    with tap.case("what is refused is told, what follows is printed, the exit code is 4"):
        damaged = bytearray(one)
        damaged[-1] ^= 1
        done = run("records", "decode", (bytes(damaged) + two + one[:30]).hex()).expect(4, "refused")
        bad, good, cut = objects(done.out)
        tap.check("CRC-32C" in bad["error"] and not bad["crc_ok"] and "records" not in bad, bad)
        tap.equal(values(good), [b"d"], "behind it")
        tap.check("cut short" in cut["error"], cut)
    with tap.case("wrong usage"):
        run("records", "decode", "xyz").expect(2, "hexadecimal")
        run("records", "decode").expect(2, "say what to convert")
        run("records", "decode", "@/nowhere/at/all").expect(1, "/nowhere/at/all")
        run("records", "decode", "--jsonl", "00").expect(2, "--jsonl")
        run("records").expect(2)


def encoding(tap):
    with tap.case("what decode prints, encode takes"):
        both = batch(7, [b"a", b"bc"]) + batch(9, [b"d"])
        text = run("records", "decode", both.hex()).expect(0).out
        tap.equal(run("records", "encode", "-", stdin=text).expect(0).out.strip(), both.hex().encode(), "the same bytes")
        tap.equal(run("records", "encode", "--raw", "-", stdin=text).expect(0).out, both, "as bytes")
    with tap.case("little is needed"):
        made = run("records", "encode", '{"records":[{"value":"YQ=="}]}').expect(0).out.strip()
        tap.equal(values(objects(run("records", "decode", made.decode()).expect(0).out)[0]), [b"a"], "values")
    with tap.case("what cannot be written is refused with its place"):
        run("records", "encode", '{"records":[{"value":"?"}]}').expect(4, "records[0].value")
        run("records", "encode", "{").expect(4)


def in_bulk(tap):
    with tap.case("one object a line in, one a line out, in order"):
        sets = [batch(n, [b"%d" % n]) for n in range(50)]
        lines = "".join(json.dumps({"hex": each.hex()}) + "\n" for each in sets) + '{"hex":"0"}\nno JSON\n{"hex":""}\n'
        answers = objects(run("records", "decode", "--jsonl", stdin=lines.encode()).expect(4).out)
        tap.equal(len(answers), 53, "answers")
        tap.equal([values(answer["batches"][0]) for answer in answers[:50]], [[b"%d" % n] for n in range(50)], "values")
        tap.check("error" in answers[50] and "error" in answers[51], answers[50:])
        tap.equal(answers[52], {"batches": []}, "nothing")
        back = "".join(json.dumps(answer) + "\n" for answer in answers[:50]) + "[7]\n"
        made = objects(run("records", "encode", "--jsonl", stdin=back.encode()).expect(4).out)
        tap.equal([answer["hex"] for answer in made[:50]], [each.hex() for each in sets], "back")
        tap.check("error" in made[50], made[50])


def main():
    tap = Tap()
    decoding(tap)
    encoding(tap)
    in_bulk(tap)
    tap.done()


if __name__ == "__main__":
    main()
