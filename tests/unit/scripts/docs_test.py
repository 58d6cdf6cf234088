#!/usr/bin/env python3
"""Holds the pages to what they are about: tests that docs/faults.md names exist and its table adds up, docs/commands.md
names every flag, links lead somewhere.

    docs_test.py            runs the checks, prints TAP; BARNABAS is the command whose flags are looked at
    docs_test.py --write    writes the table of docs/faults.md anew
"""
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests/support"))

from tap import Skip, Tap  # noqa: E402

TIERS = ("unit", "sim", "peer", "kafka")
TABLE = re.compile(r"(<!-- table: [^\n]* -->\n)(.*?)(<!-- end of table -->)", re.DOTALL)
BLANK = "—"


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def pages():
    """All pages of the project; not those of build directories and hidden ones."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "build", "subprojects")))
        found += [str((Path(folder) / name).relative_to(ROOT)) for name in sorted(files) if name.endswith(".md")]
    return found


# ---- docs/faults.md ----

class Fault:
    def __init__(self, section, name):
        self.section, self.name = section, name
        self.tests = []  # (tier, name of a test)


def faults_of(page):
    """Faults, and the lines that look like nothing known."""
    faults, strange, section = [], [], ""
    for number, line in enumerate(page[page.index("<!-- end of table -->"):].splitlines()[1:], 1):
        entry = re.fullmatch(r"\* (\w+): `(.+)`", line)
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("### "):
            faults.append(Fault(section, line[4:]))
        elif entry and faults and entry[1] in TIERS:
            faults[-1].tests.append((entry[1], entry[2]))
        elif line:
            strange.append("line %d behind the table: %s" % (number, line))
    return faults, strange


def table_of(faults):
    lines = ["| fault | %s |" % " | ".join(TIERS), "|---|%s" % ("---|" * len(TIERS))]
    section = None
    for fault in faults:
        if fault.section != section:
            section = fault.section
            lines.append("| **%s** |%s" % (section, " |" * len(TIERS)))
        counts = [sum(1 for tier, _ in fault.tests if tier == wanted) for wanted in TIERS]
        lines.append("| %s | %s |" % (fault.name, " | ".join(str(count) if count else BLANK for count in counts)))
    return "\n".join(lines) + "\n"


def tests_of(tier):
    """Names of all cases of a tier; of the sim tier, its kinds of chaos."""
    if tier == "sim":
        return set(re.findall(r"&Chaos::(\w+)", read("tests/sim/chaos.cpp")))
    names = set()
    for path in sorted((ROOT / "tests" / tier).rglob("*")):
        if path.suffix == ".cpp":
            names.update(re.findall(r'TEST_CASE(?:_\w+)?\(\s*"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8")))
        elif path.suffix == ".py":
            names.update(re.findall(r'\.case\(\s*"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8")))
    return names


def unknown_tests(faults):
    known = {tier: tests_of(tier) for tier in TIERS}
    return ["%s: %s" % (tier, name) for fault in faults for tier, name in fault.tests if name not in known[tier]]


# ---- docs/cases.md ----

def cases_of(page):
    """The tests that each row of the tables names, row by row."""
    rows = [line.split("|") for line in page.splitlines() if re.match(r"\| (?!trouble )[^-|]", line)]
    return [re.findall(r"`([^`]+)`", row[3]) for row in rows]


def strange_cases(page):
    """Rows without a test, and tests that do not exist."""
    known, cases = tests_of("unit"), cases_of(page)
    return ["row %d names no test" % number for number, tests in enumerate(cases, 1) if not tests] + [
        name for tests in cases for name in tests if name not in known]


# ---- docs/commands.md ----

def help_of(command, *words):
    done = subprocess.run([command, *words, "--help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=60)
    return done.stdout


def commands_of(command, words=()):
    """(words, help) of the command and of all below it."""
    text = help_of(command, *words)
    found = [(words, text)]
    if "\nSubcommands:" in text:
        for line in text.split("\nSubcommands:")[1].splitlines():
            name = re.match(r"  (\w[\w-]*)\s{2,}", line)
            if name:
                found += commands_of(command, words + (name[1],))
    return found


def missing_flags(page, commands):
    """Long flags that neither the section of their command nor the one of common flags names."""
    sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE))
    common = sections.get("For every command with a cluster", "")
    missing = []
    for words, text in commands:
        section = sections.get("barnabas " + words[0], "") if words else page
        for flag in set(re.findall(r"^  .*?(--[a-z][a-z-]+)", text, re.MULTILINE)):
            if flag not in ("--help", "--version") and "`%s" % flag not in section + common:
                missing.append(" ".join(words + (flag,)))
        if words and "`%s" % " ".join(words) not in page and "## barnabas %s" % words[0] not in page:
            missing.append(" ".join(words))
    return sorted(missing)


def strange_flags(page, commands):
    """Flags in the tables of the page that their command does not have."""
    strange = []
    for title, section in re.findall(r"^## barnabas (\w+)\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE):
        known = set()
        for words, text in commands:
            if words[:1] == (title,):
                for names in re.findall(r"^  (-\S+)", text, re.MULTILINE):
                    known.update(names.split(","))
        for row in re.findall(r"^\| (`-.*?) \|", section, re.MULTILINE):
            strange += ["%s %s" % (title, flag) for flag in re.findall(r"`(-[\w-]+)`", row) if flag not in known]
    return strange


# ---- links ----

def anchors_of(page):
    """Anchors as GitHub makes them from headings."""
    anchors = set()
    for heading in re.findall(r"^#+ (.*)$", page, re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchors.add(re.sub(r"[^\w\- ]", "", text).strip().replace(" ", "-"))
    return anchors


def broken_links(name, page):
    broken = []
    prose = re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.exists():
            broken.append("%s: %s" % (name, target))
        elif anchor and file.suffix == ".md" and anchor not in anchors_of(file.read_text(encoding="utf-8")):
            broken.append("%s: %s (no such heading)" % (name, target))
    return broken


# ---- cases ----

def check_itself(tap):
    """Each check finds what it is there for."""
    page = "<!-- end of table -->\n## A\n### b\n* unit: `no such test`\n* moon: `x`\n"
    faults, strange = faults_of(page)
    tap.equal(unknown_tests(faults), ["unit: no such test"], "unknown tests")
    tap.equal(len(strange), 1, "strange lines")
    tap.equal(table_of(faults).splitlines()[-1], "| b | 1 | — | — | — |", "row of the table")
    rows = "| trouble | rule | tests |\n|---|---|---|\n| a | b `c` | `no such test` |\n| d | e | f |\n"
    tap.equal(strange_cases(rows), ["row 2 names no test", "no such test"], "strange cases")
    commands = [(("run",), "  -c,--config TEXT   x\n  --other   y\n")]
    tap.equal(missing_flags("## barnabas run\n| `-c`, `--config` |\n", commands), ["run --other"], "missing flags")
    tap.equal(strange_flags("## barnabas run\n| `-c`, `--config` | x |\n| `--gone` | y |\n", commands), ["run --gone"],
              "strange flags")
    tap.equal(broken_links("docs/faults.md", "[a](nowhere.md) [b](delivery.md#nothing-like-it) [c](delivery.md#the-stop)"),
              ["docs/faults.md: nowhere.md", "docs/faults.md: delivery.md#nothing-like-it (no such heading)"], "links")


def main():
    page = read("docs/faults.md")
    faults, strange = faults_of(page)
    if sys.argv[1:] == ["--write"]:
        new = TABLE.sub(lambda match: match[1] + table_of(faults) + match[3], page)
        (ROOT / "docs/faults.md").write_text(new, encoding="utf-8")
        return
    tap = Tap()
    with tap.case("docs: the checks find what they are there for"):
        check_itself(tap)
    with tap.case("docs: every test that faults.md names exists"):
        tap.equal(strange, [], "lines that are no entry")
        tap.check(len(faults) > 30, "only %d faults read" % len(faults))
        tap.equal(unknown_tests(faults), [], "tests that do not exist")
    with tap.case("docs: every test that cases.md names exists"):
        tap.check(len(cases_of(read("docs/cases.md"))) > 20, "too few cases read")
        tap.equal(strange_cases(read("docs/cases.md")), [], "tests that do not exist")
    with tap.case("docs: every kind of chaos stands in faults.md"):
        named = {name for fault in faults for tier, name in fault.tests if tier == "sim"}
        tap.equal(sorted(tests_of("sim") - named), [], "kinds of chaos that are not named")
    with tap.case("docs: the table of faults.md adds up (docs_test.py --write makes it anew)"):
        tap.equal(TABLE.search(page)[2].splitlines(), table_of(faults).splitlines(), "table")
    with tap.case("docs: commands.md names every flag"):
        command = os.environ.get("BARNABAS")
        if not command:
            raise Skip("the barnabas command is not built here")
        commands = commands_of(command)
        tap.check(len(commands) > 7, "only %d commands found in --help" % len(commands))
        tap.equal(missing_flags(read("docs/commands.md"), commands), [], "flags that are not told")
    with tap.case("docs: commands.md names no flag that is not there"):
        command = os.environ.get("BARNABAS")
        if not command:
            raise Skip("the barnabas command is not built here")
        tap.equal(strange_flags(read("docs/commands.md"), commands_of(command)), [], "flags that do not exist")
    with tap.case("docs: links lead somewhere"):
        tap.check("docs/faults.md" in pages(), "no pages found")
        tap.equal([link for name in pages() for link in broken_links(name, read(name))], [], "broken links")
    tap.done()


if __name__ == "__main__":
    main()
