#!/usr/bin/env python3
"""The manual pages: groff and mandoc find nothing wrong, each flag of --help is told, the examples work."""
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from cli_support import barnabas, broker, run
from tap import Failed, Skip, Tap

LIMIT_S = 60

# Examples that are not run, each with its reason.
NOT_RUN = {
    "barnabas broker -t orders:4": "goes on until a signal",
    "barnabas broker -n 3 -p 0 -t orders:4": "goes on until a signal",
    "barnabas run --config kafkamq.conf": "goes on until a signal",
    "barnabas groups lag -b localhost:9092 --all --watch": "goes on until a signal",
    "barnabas demo": "takes half a minute; the next one is the same, shorter",
    "barnabas completion fish > ~/.config/fish/completions/barnabas.fish": "writes into the home of whoever tests",
    "barnabas man consume | man -l -": "there may be no man here; groff and mandoc have read that page",
}


def commands():
    told = run("--help").expect(0).out.decode().split("\nSubcommands:")[1]
    return re.findall(r"^  (\w[\w-]*)\s{2,}", told, re.MULTILINE)


def page(command):
    return run("man", *([command] if command else [])).expect(0).out


def checked(words, text):
    """Runs a program that reads a page; whatever it says against it is a failure."""
    if not shutil.which(words[0]):
        raise Skip(words[0] + " is not installed")
    done = subprocess.run(words, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT_S, check=False)
    if done.returncode != 0 or done.stderr:
        raise Failed("%s: %s" % (words[0], (done.stderr + done.stdout).decode(errors="replace")[-800:]))
    return done.stdout


def plain(roff):
    """Bold, italics and escapes taken away."""
    text = re.sub(r"\\f[BIR]", "", roff.decode())
    for escape, char in (("\\-", "-"), ("\\(aq", "'"), ("\\(dq", '"'), ("\\(ha", "^"), ("\\(ti", "~"), ("\\&", "")):
        text = text.replace(escape, char)
    return text.replace("\\e", "\\")


def examples(roff):
    section = plain(roff).split(".SH EXAMPLES\n")[1].split(".SH ")[0]
    return [line for block in re.findall(r"\.nf\n(.*?)\.fi\n", section, re.DOTALL) for line in block.splitlines()]


def missing_flags(command, roff):
    """Flags of --help, of the command and what is below it, that the page does not tell."""
    text = plain(roff)
    helps, missing = [run(command, "--help").expect(0).out.decode()], []
    if "\nSubcommands:" in helps[0]:
        names = re.findall(r"^  (\w[\w-]*)\s{2,}", helps[0].split("\nSubcommands:")[1], re.MULTILINE)
        helps += [run(command, name, "--help").expect(0).out.decode() for name in names]
    for told in helps:
        for line in re.findall(r"^  (-\S+)", told, re.MULTILINE):
            missing += [flag for flag in line.split(",") if not re.search(r"(^|[ ,])%s($|[ ,])" % re.escape(flag), text, re.MULTILINE)]
    return missing


class Surroundings:
    """A folder with what the examples name, and a PATH with `barnabas` on it."""

    def __init__(self, folder, bootstrap):
        self.folder, self.bootstrap = Path(folder), bootstrap
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "barnabas").symlink_to(Path(barnabas.program()).resolve())
        (self.folder / "kafkamq.conf").write_text(
            '[[inputs.kafkamq]]\n  addrs = ["%s"]\n  group_id = "g"\n  [inputs.kafkamq.remote_handle]\n'
            '    endpoint = "http://127.0.0.1:1/"\n    topics = ["orders"]\n' % bootstrap, encoding="utf-8")
        batch = run("records", "encode", "--raw", '{"records":[{"value":"dg=="}]}').expect(0).out
        (self.folder / "00000000000000000000.log").write_bytes(batch)
        (self.folder / "capture.pcap").write_bytes(capture())

    def run(self, line):
        line = line.replace("localhost:9092", self.bootstrap)
        environment = dict(os.environ, PATH="%s:%s" % (self.folder / "bin", os.environ["PATH"]))
        return subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=self.folder, env=environment, timeout=LIMIT_S,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def capture():
    """A pcap file with one packet: a Metadata request to port 9092."""
    request = bytes.fromhex("0000001e0003000400000003000772646b61666b610000000100066f726465727301")
    tcp = (40000).to_bytes(2, "big") + (9092).to_bytes(2, "big") + bytes(8) + b"\x50\x18\xff\xff\0\0\0\0" + request
    ip = b"\x45\0" + (20 + len(tcp)).to_bytes(2, "big") + b"\0\0\0\0\x40\x06\0\0" + bytes([127, 0, 0, 1]) * 2 + tcp
    packet = bytes(12) + b"\x08\0" + ip
    size = len(packet).to_bytes(4, "little")
    header = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
    return header + bytes(8) + size + size + packet


def check_examples(tap, surroundings, names):
    run_count = 0
    for name in [""] + names:
        for line in examples(page(name)):
            tap.check(line.startswith(("barnabas ", "seq ", "echo ", "date ", "source ")), "strange example: " + line)
            if line in NOT_RUN:
                continue
            done = surroundings.run(line)
            tap.check(done.returncode == 0, "%s\nexit code %d: %s" % (line, done.returncode, done.stderr.decode()[-500:]))
            run_count += 1
    tap.check(run_count > 20, "only %d examples were run" % run_count)


def main():
    tap = Tap()
    names = commands()
    with tap.case("a page for each command, and none for others"):
        with tempfile.TemporaryDirectory() as folder:
            run("man", "--directory", folder).expect(0)
            tap.equal(sorted(os.listdir(folder)), sorted(["barnabas.1"] + ["barnabas-%s.1" % name for name in names]), "files")
        run("man", "nonsense").expect(2, "nonsense")
    with tap.case("an installation gets each page"):
        text = (Path(__file__).resolve().parents[2] / "tools/shell/meson.build").read_text(encoding="utf-8")
        tap.equal(re.findall(r"'(\w+)'", text.split("foreach command : [")[1].split("]")[0]), names, "commands")
    for reader in (["groff", "-man", "-ww", "-Tutf8"], ["mandoc", "-T", "lint", "-W", "warning"]):
        with tap.case("%s finds nothing wrong with a page" % reader[0]):
            for name in [""] + names:
                checked(reader, page(name))
    with tap.case("pages have their sections"):
        for name in [""] + names:
            sections = re.findall(r"^\.SH (.*)$", page(name).decode(), re.MULTILINE)
            wanted = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"]
            tap.equal([section for section in sections if section != "COMMANDS"], wanted, "sections of " + name)
    with tap.case("each flag of --help is in the page"):
        for name in names:
            tap.equal(missing_flags(name, page(name)), [], "flags missing in the page of " + name)
        tap.equal(missing_flags("consume", page("produce"))[:1], ["-G"], "what this check finds")
    with tempfile.TemporaryDirectory() as folder, broker("-t", "orders:1") as server:
        with tap.case("the examples work"):
            at = server.bootstrap()
            run("produce", "-b", at, "-t", "orders", stdin=b"first\n").expect(0)
            check_examples(tap, Surroundings(folder, at), names)
        with tap.case("examples that are not run still exist"):
            lines = [line for name in [""] + names for line in examples(page(name))]
            tap.equal([line for line in NOT_RUN if line not in lines], [], "no example any more")
    tap.done()


if __name__ == "__main__":
    main()
