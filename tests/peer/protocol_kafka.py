"""Kafka's own word on the protocol: the schemas inside the kafka-clients jars, and the Java programs in java/ that use
its classes. Two jars together speak every version that this project knows: NEW, and OLD for those that 4.0 removed."""
import hashlib
import json
import re
import subprocess
import zipfile
from pathlib import Path

from kafka.jars import JVM_FLAGS, Unavailable, cache_root, fetch_client, java

NEW, OLD = "4.3.1", "3.9.1"
OPEN = 32767
SOURCES = Path(__file__).resolve().parent / "java"

# APIs that changed their name between the jars.
RENAMED = {"ListClientMetricsResources": "ListConfigResources"}


def versions(text):
    """'3', '3+', '3-7', 'none' -> (lowest, highest), or None for no version."""
    text = str(text or "none")
    if text == "none":
        return None
    found = re.fullmatch(r"(\d+)(\+|-(\d+))?", text)
    lowest = int(found[1])
    return lowest, OPEN if found[2] == "+" else int(found[3]) if found[3] else lowest


def within(span, version):
    return span is not None and span[0] <= version <= span[1]


def snake_case(name):
    """Kafka's rule: an underscore before each capital that follows no capital."""
    return re.sub(r"(?<=[^A-Z])([A-Z])", r"_\1", name).lower()


def without_comments(text):
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)


class Message:
    """One schema of one jar."""

    def __init__(self, schema):
        self.schema = schema
        self.name = schema["name"]
        self.kind = schema["type"] if schema["type"] in ("request", "response") else "data"
        self.key = schema.get("apiKey", -1)
        self.versions = versions(schema["validVersions"])
        self.flexible = versions(schema.get("flexibleVersions"))
        self.structures = {each["name"]: each["fields"] for each in schema.get("commonStructs", [])}

    def api(self):
        """What the command calls it."""
        if self.kind == "data":
            return self.name
        base = self.name.removesuffix("Request").removesuffix("Response")
        return RENAMED.get(base, base)

    def our_name(self):
        return self.api() + ("" if self.kind == "data" else self.kind.capitalize())

    def fields_of(self, field):
        return field.get("fields") or self.structures.get(field["type"].removeprefix("[]"), [])


def schemas(version):
    """All messages of a jar that have versions, by the name that we use."""
    jar = fetch_client(version) / ("kafka-clients-%s.jar" % version)
    out = {}
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            if name.startswith("common/message/") and name.endswith(".json"):
                message = Message(json.loads(without_comments(archive.read(name).decode())))
                if message.versions:
                    out[message.our_name()] = message
    return out


class Both:
    """Both jars: which of them says what a version of a message looks like."""

    def __init__(self):
        self.new, self.old = schemas(NEW), schemas(OLD)

    def names(self):
        return sorted(set(self.new) | set(self.old))

    def source(self, name, version):
        """The schema that describes a version: the newer jar's where it has it."""
        for jar in (self.new, self.old):
            if name in jar and within(jar[name].versions, version):
                return jar[name]
        return None

    def span(self, name):
        """Lowest and highest version of both jars together."""
        spans = [jar[name].versions for jar in (self.new, self.old) if name in jar]
        return min(low for low, _ in spans), max(high for _, high in spans)

    def jobs(self, only=()):
        """For each jar the messages and versions that it writes: (jar's name, api, kind, lowest, highest)."""
        out = {NEW: [], OLD: []}
        for name in self.names():
            message = self.new.get(name) or self.old[name]
            if only and not {message.api(), name} & set(only):
                continue
            by_jar = {NEW: [], OLD: []}
            low, high = self.span(name)
            for version in range(low, high + 1):
                source = self.source(name, version)
                if source:
                    by_jar[NEW if source is self.new.get(name) else OLD].append((source.name, version))
            for jar, found in by_jar.items():
                if found:
                    out[jar].append((found[0][0], message.api(), message.kind, found[0][1], found[-1][1]))
        return out


def program(version, names):
    """Class path of the named Java programs for one jar; compiled once and kept in the cache. Raises Unavailable."""
    library = ":".join(map(str, sorted(fetch_client(version).glob("*.jar"))))
    sources = [SOURCES / (name + ".java") for name in names]
    # The compiler as a module: Debian's package of the bare runtime has it too, without javac in front.
    compiler = [java(), "-m", "jdk.compiler/com.sun.tools.javac.Main"]
    if subprocess.run([*compiler, "-version"], capture_output=True, check=False).returncode != 0:
        raise Unavailable("this Java has no compiler (apt-get install openjdk-17-jdk-headless)")
    digest = hashlib.sha256(b"".join(each.read_bytes() for each in sources)).hexdigest()[:16]
    home = cache_root() / ("peer-%s-%s" % (version, digest))
    if not (home / "complete").exists():
        home.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([*compiler, "-nowarn", "-d", str(home), "-cp", library, *map(str, sources)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError("javac: " + done.stdout[:3000])
        (home / "complete").touch()
    return "%s:%s" % (home, library)


def run_java(class_path, main_class, *arguments, **options):
    """Runs a Java program to its end; what it printed on standard output, bytes."""
    done = subprocess.run([java(), *JVM_FLAGS, "-Xmx512m", "-cp", class_path, main_class, *map(str, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError("%s: exit code %d\n%s" % (main_class, done.returncode, done.stderr.decode()[-3000:]))
    return done.stdout
