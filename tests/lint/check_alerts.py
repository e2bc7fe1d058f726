#!/usr/bin/env python3
"""Checks that every alert is complete: labels, annotations, runbook page, recording rules and test cases.

Usage: check_alerts.py SOURCE_DIR

Reads YAML line by line, as far as the layout of our own rule files goes: Debian's python3 has no YAML module. That the
files are valid YAML, and that the cases hold, is promtool's part.
"""

import pathlib
import re
import sys

ALWAYS_FIRING = "Watchdog"
ANNOTATIONS = ("summary", "description", "action", "runbook_url")
LABELS = ("severity", "component")
RUNBOOK_URL = "https://github.com/trendscope/trendscope/blob/main/docs/runbooks/{}.md"
CASES = ("fires", "below the threshold", "above it too briefly")
FALLS_SILENT = re.compile(r"^No[A-Z]|Down$|Unreachable$")


def blocks(text, start):
    """Pairs of the name in a line that matches `start` and the lines up to the next such line."""
    parts = re.split(start, text, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2]))


def alerts_of(path):
    return blocks(path.read_text(encoding="utf-8"), r"^ +- alert: (\w+)$")


def check_rule(alert, rule, runbooks):
    for label in LABELS:
        if not re.search(rf"^ +{label}: \S", rule, re.MULTILINE):
            yield f"{alert} has no label {label}"
    for annotation in ANNOTATIONS:
        if not re.search(rf"^ +{annotation}: \S", rule, re.MULTILINE):
            yield f"{alert} has no annotation {annotation}"
    if f"runbook_url: {RUNBOOK_URL.format(alert)}\n" not in rule + "\n":
        yield f"runbook_url of {alert} is not {RUNBOOK_URL.format(alert)}"
    page = runbooks / f"{alert}.md"
    if not page.is_file() or len(page.read_text(encoding="utf-8").splitlines()) < 10:
        yield f"{alert} has no runbook page docs/runbooks/{alert}.md of ten lines or more"


def firing_checks(alert, case):
    """For each check of the alert in a test case: whether it is expected to fire."""
    return [not body.lstrip().startswith("[]")
            for name, body in re.findall(r"- alertname: (\w+)\n +eval_time: \w+\n +exp_alerts:(.*(?:\n +- exp_labels:)?)", case)
            if name == alert]


def check_cases(alert, cases):
    """`cases` maps the kind, which is what stands behind the alert's name, to the case's text."""
    wanted = CASES if alert != ALWAYS_FIRING else CASES[:1]
    if FALLS_SILENT.search(alert):
        wanted += ("absent",)
    for kind in wanted:
        checks = firing_checks(alert, cases.get(kind, ""))
        must_fire = kind in ("fires", "absent")
        if not checks:
            yield f"no test case '{alert}: {kind}'"
        elif must_fire and not any(checks):
            yield f"test case '{alert}: {kind}' expects no alert"
        elif not must_fire and any(checks):
            yield f"test case '{alert}: {kind}' expects an alert"
        elif must_fire and all(checks) and alert != ALWAYS_FIRING:
            yield f"test case '{alert}: {kind}' does not check that the alert waits for its duration"


def check_recording(rules, tests):
    for record in re.findall(r"^ +- record: (\S+)$", rules, re.MULTILINE):
        if not re.search(rf"- labels: {re.escape(record)}\n +value: \S", tests):
            yield f"no test case has a value of {record}"


def problems(source):
    runbooks = source / "docs/runbooks"
    tests = "\n".join(path.read_text(encoding="utf-8") for path in sorted((source / "tests/data/rules").glob("*_test.yml")))
    cases = {}
    for name, body in blocks(tests, r"^  - name: '([^']+)'$"):
        alert, _, kind = name.partition(": ")
        cases.setdefault(alert, {})[kind] = body

    names = set()
    for path in sorted((source / "config/alerts").glob("*.yml")):
        for alert, rule in alerts_of(path):
            if alert in names:
                yield f"{alert} is defined twice"
            names.add(alert)
            yield from check_rule(alert, rule, runbooks)
            yield from check_cases(alert, cases.get(alert, {}))
        yield from check_recording(path.read_text(encoding="utf-8"), tests)
    if not names:
        yield "config/alerts has no alert"
    for page in sorted(runbooks.glob("*.md")):
        if page.stem not in names | {"README"}:
            yield f"docs/runbooks/{page.name} belongs to no alert"


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
