#!/usr/bin/env python3
"""Our messages against the schemas inside Kafka's jars: every field in every version, with its type, tag, default,
whether it may be null, whether it may be dropped. Then who serves an API, and the error codes.

    protocol_schema.py             compares
    protocol_schema.py --golden    writes fixtures/golden/errors.txt anew
"""
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
import protocol_kafka as kafka  # noqa: E402
from tap import Skip, Tap, skip_all  # noqa: E402

# What differs on purpose: (message, path of the field) -> (fact, reason). A line that is no difference any more fails.
EXCEPTIONS = {}

# Kafka's error codes, which a unit test holds against ours.
ERRORS = ROOT / "fixtures/golden/errors.txt"

SCALARS = {"bool", "int8", "int16", "uint16", "int32", "int64", "float64", "uuid", "string", "bytes", "records"}
ZERO_UUID = "A" * 22
DIFFERENCES_SHOWN = 12


class Ours:
    """A message as the command describes it, read like a schema of Kafka's."""

    def __init__(self, table):
        self.table = table
        self.versions = kafka.versions(table["versions"])

    def facts(self, version):
        return dict(self._facts(self.table["fields"], version, ""))

    def _facts(self, fields, version, prefix):
        for field in fields:
            if not kafka.within(kafka.versions(field["versions"]), version):
                continue
            path = prefix + field["name"]
            yield path, {
                "type": shape(field["type"]),
                "tag": field.get("tag"),
                "nullable": kafka.within(kafka.versions(field.get("nullable_versions")), version),
                "ignorable": field.get("ignorable", False),
                "default": field.get("default"),
            }
            yield from self._facts(field.get("fields", []), version, path + ".")


class Kafka:
    """A message as both jars describe it."""

    def __init__(self, both, name):
        self.both, self.name = both, name
        newest = both.new.get(name) or both.old[name]
        self.flags = dict(self._flags(newest, newest.schema["fields"], ""))

    def facts(self, version):
        source = self.both.source(self.name, version)
        return dict(self._facts(source, source.schema["fields"], version, ""))

    def _facts(self, message, fields, version, prefix):
        for field in fields:
            if not kafka.within(kafka.versions(field["versions"]), version):
                continue
            path = prefix + kafka.snake_case(field["name"])
            tagged = kafka.within(kafka.versions(field.get("taggedVersions")), version)
            yield path, {
                "type": shape(field["type"]),
                "tag": field["tag"] if tagged else None,
                "nullable": kafka.within(kafka.versions(field.get("nullableVersions")), version),
                # The jars differ about some flags: what the newer one says holds.
                "ignorable": self.flags.get(path, field.get("ignorable", False)),
                "default": default_of(field),
            }
            yield from self._facts(message, message.fields_of(field), version, path + ".")

    def _flags(self, message, fields, prefix):
        for field in fields:
            path = prefix + kafka.snake_case(field["name"])
            yield path, field.get("ignorable", False)
            yield from self._flags(message, message.fields_of(field), path + ".")


def shape(kind):
    """Names of structures are nobody's contract."""
    base = kind.removeprefix("[]")
    return kind if base in SCALARS else kind.replace(base, "structure")


def default_of(field):
    kind, text = field["type"], str(field.get("default", "")).lower()
    if text == "null" or kind == "records":
        return None
    if kind.startswith("[]"):
        return []
    if kind == "bool":
        return text == "true"
    if kind in ("string", "bytes"):
        return field.get("default", "")
    if kind == "uuid":
        return ZERO_UUID
    if kind == "float64":
        return float(text or 0)
    return int(text or "0", 0) if kind in SCALARS else "structure"


def compare(name, ours, theirs, used):
    """(fields compared, differences) over all versions."""
    compared, differences = 0, {}
    for version in range(ours.versions[0], ours.versions[1] + 1):
        mine, kafkas = ours.facts(version), theirs.facts(version)
        for path in sorted(set(mine) | set(kafkas)):
            compared += 1
            for fact in ("type", "tag", "nullable", "ignorable", "default"):
                got = mine[path].get(fact) if path in mine else "no such field"
                want = kafkas[path].get(fact) if path in kafkas else "no such field"
                if got == want or (fact == "default" and is_no_default(got, want, kafkas.get(path, {}).get("type"))):
                    continue
                if EXCEPTIONS.get((name, path), ("", ""))[0] == fact:
                    used.add((name, path))
                    continue
                differences.setdefault((path, fact, str(got), str(want)), []).append(version)
    return compared, ["%s, %s: ours %s, Kafka's %s (versions %s)" % (*difference, compact(where))
                      for difference, where in differences.items()]


def is_no_default(ours, theirs, kind):
    """Structures have none; that of records is null in Java even where null is not allowed."""
    return "structure" in (ours, theirs) or (kind == "records" and ours in (None, ""))


def compact(numbers):
    return "%d-%d" % (numbers[0], numbers[-1]) if len(numbers) > 1 else str(numbers[0])


def unstable_of(both, name):
    """The versions that a jar calls unstable; only requests say so."""
    out = []
    low, high = both.span(name)
    for version in range(low, high + 1):
        source = both.source(name, version)
        if source and source.schema.get("latestVersionUnstable") and version == source.versions[1]:
            out.append(version)
    return out


def check_message(tap, both, name, table, used):
    """One message: its frame of facts, then its fields. Returns how many fields were compared."""
    newest = both.new.get(name) or both.old[name]
    ours = Ours(table)
    tap.equal(table.get("key", -1), newest.key, "API key")
    tap.equal(table["kind"], newest.kind, "kind")
    tap.equal(ours.versions, both.span(name), "versions")
    low, high = ours.versions
    flexible = kafka.versions(table.get("flexible"))
    for version in range(low, high + 1):
        source = both.source(name, version)
        tap.check(source, "version %d is in neither jar" % version)
        tap.equal(kafka.within(flexible, version), kafka.within(source.flexible, version), "flexible %d" % version)
    if newest.kind == "request":
        unstable = kafka.versions(table.get("unstable"))
        ours_unstable = [version for version in range(low, high + 1) if kafka.within(unstable, version)]
        tap.equal(ours_unstable, unstable_of(both, name), "unstable versions")
    compared, differences = compare(name, ours, Kafka(both, name), used)
    tap.check(not differences, "%d differences:\n%s" % (len(differences), "\n".join(differences[:DIFFERENCES_SHOWN])))
    return compared


def check_listeners(tap, both, apis):
    """Who answers an API: what the newer jar says, where it still has the API."""
    for name in both.names():
        message = both.new.get(name)
        if message and message.kind == "request":
            tap.check(message.api() in apis, "%s is not in the list" % message.api())
            tap.equal(sorted(apis[message.api()]), sorted(message.schema["listeners"]), message.api() + "'s listeners")


def errors_of_kafka():
    return kafka.run_java(kafka.program(kafka.NEW, ("ErrorCodes",)), "ErrorCodes").decode()


def check_errors(tap):
    try:
        tap.equal(ERRORS.read_text(encoding="ascii").splitlines(), errors_of_kafka().splitlines(), str(ERRORS))
    except kafka.Unavailable as reason:
        raise Skip(reason) from None


def objects(*words):
    return [json.loads(line) for line in barnabas.run("barnabas", "protocol", *words).splitlines()]


def main():
    try:
        both = kafka.Both()
        if sys.argv[1:] == ["--golden"]:
            ERRORS.write_text(errors_of_kafka(), encoding="ascii")
            return
    except kafka.Unavailable as reason:
        skip_all(reason)
    tap = Tap()
    tables = {table["name"]: table for table in objects("describe", "--json")}
    names, compared, used = both.names(), 0, set()
    distinct = set()
    with tap.case("each message of kafka-clients %s and %s is there" % (kafka.NEW, kafka.OLD)):
        missing = [name for name in names if name not in tables]
        tap.check(not missing, "missing: " + ", ".join(missing))
    with tap.case("no message is there that Kafka does not have"):
        known = set(both.new) | set(both.old)
        tap.equal([name for name in tables if name not in known], [], "messages that Kafka lacks")
    for name in names:
        if name in tables:
            with tap.case(name):
                compared += check_message(tap, both, name, tables[name], used)
                distinct.update((name, path) for version in range(both.span(name)[0], both.span(name)[1] + 1)
                                for path in Kafka(both, name).facts(version))
    with tap.case("who serves an API"):
        check_listeners(tap, both, {api["name"]: api["scope"] for api in objects("list", "--json")})
    with tap.case("the error codes of the unit tests are Kafka's"):
        check_errors(tap)
    with tap.case("each exception is still one"):
        tap.equal(sorted(set(EXCEPTIONS) - used), [], "exceptions without a difference")
    tap.note("%d messages, %d fields, %d fields in a version compared" % (len(names), len(distinct), compared))
    tap.done()


if __name__ == "__main__":
    main()
