#!/usr/bin/env python3
"""Checks the form of the dashboards, and writes their PromQL as a rule file for `promtool check rules`.

Usage: check_dashboards.py SOURCE_DIR EXPRESSIONS_FILE
"""

import json
import pathlib
import re
import sys

SCHEMA_VERSION = 39
BUILT_IN = re.compile(r"\$(?:__rate_interval|__interval|__range)\b|\$\{__(?:rate_interval|interval|range)\}")
COLUMNS = 24


def overlap(a, b):
    return (a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
            and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"])


def panel_problems(panel):
    for field in ("title", "description", "type"):
        if not panel.get(field):
            yield f"has no {field}"
    if panel.get("datasource", {}).get("uid") != "${datasource}":
        yield "does not use the variable 'datasource'"
    if not panel.get("fieldConfig", {}).get("defaults", {}).get("unit"):
        yield "has no unit"
    targets = panel.get("targets", [])
    if not targets or not all(target.get("expr") and target.get("refId") for target in targets):
        yield "has no query, or one without expr or refId"
    if panel["gridPos"]["x"] + panel["gridPos"]["w"] > COLUMNS:
        yield f"is wider than the {COLUMNS} columns"


def dashboard_problems(dashboard):
    if dashboard.get("schemaVersion") != SCHEMA_VERSION:
        yield f"schemaVersion is not {SCHEMA_VERSION}"
    panels = dashboard.get("panels", [])
    if not panels:
        yield "has no panel"
    ids = [panel.get("id") for panel in panels]
    if len(set(ids)) != len(ids):
        yield "has panels of the same id"
    for at, panel in enumerate(panels):
        for problem in panel_problems(panel):
            yield f"panel '{panel.get('title', at)}' {problem}"
        for other in panels[:at]:
            if overlap(panel["gridPos"], other["gridPos"]):
                yield f"panels '{other.get('title')}' and '{panel.get('title')}' overlap"


def rule_groups(file, dashboard):
    """One group a panel, so that promtool's message names the file and the panel."""
    for panel in dashboard.get("panels", []):
        rules = [{"record": "dashboard:query", "expr": BUILT_IN.sub("5m", target.get("expr", "")),
                  "labels": {"refId": target.get("refId", "")}} for target in panel.get("targets", [])]
        yield {"name": f"{file}: {panel.get('id')} {panel.get('title')}", "rules": rules}


def main():
    source, expressions = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    found, groups, uids = [], [], {}
    for path in sorted((source / "dashboards").glob("*.json")):
        try:
            dashboard = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            found.append(f"{path.name}: {error}")
            continue
        found += [f"{path.name}: {problem}" for problem in dashboard_problems(dashboard)]
        uid = dashboard.get("uid")
        if not uid or uid in uids:
            found.append(f"{path.name}: uid {uid!r} is missing or also that of {uids.get(uid)}")
        uids[uid] = path.name
        groups += rule_groups(path.name, dashboard)
    if not uids:
        found.append("dashboards/ has no dashboard")

    # JSON is YAML, so that no expression needs quoting.
    expressions.write_text(json.dumps({"groups": groups}), encoding="utf-8")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
