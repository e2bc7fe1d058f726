#!/usr/bin/env python3
"""Checks which headers each folder of the sources includes against the layers of the design.

Everything that is not allowed below is reported. Qt headers are told apart by the names in Qt's own include folders, so
<QColor> counts as QtGui however it is written. A file in a folder without a rule is reported, too.

Usage: layering.py --qt-headers DIR [ROOT]     DIR holds QtCore/, QtGui/, …
       layering.py --qt-headers DIR --self-test
"""

import argparse
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

CORE, NETWORK, GUI, WIDGETS, SVG, CHARTS = "QtCore", "QtNetwork", "QtGui", "QtWidgets", "QtSvg", "QtCharts"
SCREEN = {CORE, GUI, WIDGETS, SVG}


@dataclass(frozen=True)
class Rule:
    """What one folder may include beside itself, the standard library and core/result.h."""

    folders: frozenset = frozenset()
    qt: frozenset = frozenset()
    third_party: frozenset = frozenset()


def rule(folders="", qt=(), third_party=""):
    return Rule(frozenset(folders.split()), frozenset(qt), frozenset(third_party.split()))


WITHOUT_QT = "core/observability core/logs core/exporter core/config"
ALL_OF_CORE = WITHOUT_QT + " core/net core/prom core/alert core/dashboard core/demo"
PAGE = ALL_OF_CORE + " ui/theme ui/plot"

RULES = {
    "core/result.h": rule(third_party="tl/expected.hpp"),
    "core/observability": rule(third_party="prometheus spdlog"),
    "core/config": rule("core/observability"),
    "core/logs": rule(),
    "core/exporter": rule("core/logs core/observability core/config", third_party="prometheus"),
    "core/net": rule(qt={CORE, NETWORK}),
    "core/prom": rule("core/net", {CORE, NETWORK}),
    "core/alert": rule("core/prom core/net", {CORE, NETWORK}),
    "core/dashboard": rule("core/prom core/net", {CORE, NETWORK}),
    "core/demo": rule("core/exporter core/prom core/net core/observability", {CORE, NETWORK}),
    "ui/module.h": rule(),
    "ui/theme": rule(qt={CORE, GUI, SVG}),
    "ui/plot": rule("ui/theme core/prom core/dashboard", {CORE, GUI}),
    "ui/panels": rule(PAGE, SCREEN | {CHARTS}),
    "ui/dashboard": rule(PAGE + " ui/panels", SCREEN),
    "ui/alerts": rule(PAGE, SCREEN),
    "ui/logs": rule(PAGE + " ui/alerts", SCREEN),
    "ui/explore": rule(PAGE + " ui/panels ui/dashboard", SCREEN),
    "ui/targets": rule(PAGE + " ui/alerts", SCREEN),
    "ui/servers": rule("core/prom ui/module.h", {CORE}),
    "ui/snapshot": rule(PAGE + " ui/panels ui/dashboard ui/servers ui/module.h", SCREEN | {CHARTS}),
    "ui/shell": rule(
        PAGE + " ui/panels ui/dashboard ui/alerts ui/logs ui/explore ui/targets ui/servers ui/snapshot ui/module.h", SCREEN
    ),
    "app": rule(WITHOUT_QT + " ui/module.h"),
}

TOP_FOLDERS = ("core", "ui", "app")
PROCESS_WIDE = "core/observability/observability.h"
# Libraries that belong behind one folder; others (fmt, yaml-cpp, …) are the linker's business.
RESTRICTED = re.compile(r"^(prometheus|spdlog)/|^(tl/expected\.hpp)$|^(?:tl/|expected\.hpp)")
INCLUDE = re.compile(r"^[ \t]*#[ \t]*(?:include|import|include_next)[ \t]*(.*)$")
TARGET = re.compile(r'^(?:<([^>]+)>|"([^"]+)")')
DECLARATION = re.compile(r"^[ \t]*(?:class|struct)[ \t]+(Q[A-Z]\w*)[ \t]*;")


def qt_headers(folder):
    """Header name, alone and with its module in front, to module."""
    modules = {}
    for module in sorted(path for path in folder.iterdir() if path.is_dir() and path.name.startswith("Qt")):
        for header in module.iterdir():
            if header.is_file():
                modules.setdefault(header.name, module.name)
                modules[f"{module.name}/{header.name}"] = module.name
    return modules


def rule_of(path):
    """The name of the rule for a file or an included header, by its path below the root; None when there is none."""
    if path in RULES:
        return path
    parts = path.split("/")
    for depth in (2, 1):
        if len(parts) > depth and "/".join(parts[:depth]) in RULES:
            return "/".join(parts[:depth])
    return None


def check_project(folder, rules, target):
    if target == "core/result.h":
        return None
    owner = rule_of(target)
    if owner is None:
        return f"{target} is in a folder without a rule"
    if owner != folder and owner not in rules.folders:
        return f"{folder} may not include from {owner} ({target})"
    if owner != folder and Path(target).stem.endswith("_p"):
        return f"{target} is private to {owner}"
    if owner != folder and target == PROCESS_WIDE:
        return f"{target} has the process-wide set of objects, for services; our own code passes objects"
    return None


def check_library(folder, rules, target, qt):
    module = qt.get(target) or (target.split("/")[0] if re.match(r"Qt[A-Z]", target) else None)
    if module is None and re.match(r"Q[A-Z]\w*$", target):
        return f"{target} is in none of Qt's include folders"
    if module is not None and module not in rules.qt:
        return f"{folder} may not include from {module} ({target})"
    restricted = RESTRICTED.match(target)
    if restricted and not {restricted.group(1), restricted.group(2)} & rules.third_party:
        return f"{folder} may not include {target}"
    return None


def check_line(root, file, folder, line, qt):
    rules = RULES[folder]
    declaration = DECLARATION.match(line)
    if declaration:
        module = qt.get(declaration.group(1))
        if module is not None and module not in rules.qt:
            return f"{folder} may not name {declaration.group(1)}, which is of {module}"
        return None
    include = INCLUDE.match(line)
    if not include:
        return None
    target = TARGET.match(include.group(1))
    if not target:
        return f"an include that is not a plain name: {include.group(1).strip()}"
    name = target.group(1) or target.group(2)
    if name == "../result.h" and folder == "core/observability":
        return None  # its headers are installed under another root, where result.h is above them, too
    if ".." in name.split("/"):
        return f"{name} climbs out of its folder"
    if name.endswith(".moc"):
        return None
    if name.split("/")[0] in TOP_FOLDERS and ((root / name).exists() or "/" in name):
        return check_project(folder, rules, name)
    if target.group(2) and (file.parent / name).exists():
        return check_project(folder, rules, (file.parent / name).relative_to(root).as_posix())
    return check_library(folder, rules, name, qt)


def check_tree(root, qt):
    problems = []
    for top in TOP_FOLDERS:
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".hpp", ".cpp", ".cc", ".inl") or not file.is_file():
                continue
            path = file.relative_to(root).as_posix()
            folder = rule_of(path)
            if folder is None:
                problems.append(f"{path}:1: no rule says what this folder may include")
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                problem = check_line(root, file, folder, line, qt)
                if problem:
                    problems.append(f"{path}:{number}: {problem}")
    return problems


# Each is one file with one line; the second group must be reported, the first must not.
ALLOWED = [
    ("core/logs/a.cpp", '#include "core/result.h"'),
    ("core/logs/a.cpp", "#include <string>"),
    ("core/logs/a.cpp", "#include <simdjson.h>"),
    ("core/logs/a.cpp", '#include "core/logs/a_p.h"'),
    ("core/result.h", "#include <tl/expected.hpp>"),
    ("core/observability/a.cpp", "#include <spdlog/logger.h>"),
    ("core/observability/a.cpp", '#include "core/observability/observability.h"'),
    ("core/exporter/a.cpp", "#include <prometheus/registry.h>"),
    ("core/exporter/a.cpp", '#include "core/observability/metrics.h"'),
    ("core/prom/a.cpp", "#include <QString>"),
    ("core/prom/a.cpp", "#include <QtNetwork/QNetworkReply>"),
    ("core/demo/a.cpp", '#include "core/exporter/http/server.h"'),
    ("ui/plot/a.cpp", "#include <QPainter>"),
    ("ui/shell/a.cpp", '#include "ui/logs/logs_view.h"'),
    ("ui/shell/a.cpp", '#include "a.moc"'),
    ("app/main.cpp", '#include "ui/module.h"'),
]
FORBIDDEN = [
    ("core/prom/a.cpp", "#include <QColor>"),
    ("core/prom/a.cpp", "  #  include <qcolor.h>"),
    ("core/prom/a.cpp", "#include <QtGui/QImage>"),
    ("core/prom/a.cpp", "#include <QtWidgets/QWidget>"),
    ("core/prom/a.cpp", "#include <QtWidgets>"),
    ("core/prom/a.h", "class QWidget;"),
    ("core/prom/a.cpp", "#include <QNoSuchThing>"),
    ("core/prom/a.cpp", '#include "core/alert/alert.h"'),
    ("core/prom/a.cpp", '#include "ui/theme/theme.h"'),
    ("core/net/a.cpp", '#include "core/prom/client.h"'),
    ("core/alert/a.cpp", '#include "core/dashboard/model.h"'),
    ("core/exporter/a.cpp", '#include "core/prom/client.h"'),
    ("core/logs/a.cpp", "#include <QString>"),
    ("core/config/a.cpp", "#include <QtCore/qglobal.h>"),
    ("core/observability/a.h", "class QString;"),
    ("core/exporter/a.cpp", "#include <spdlog/spdlog.h>"),
    ("core/exporter/a.cpp", '#include "core/observability/observability.h"'),
    ("app/main.cpp", '#include "core/observability/observability.h"'),
    ("core/demo/a.cpp", "#include <prometheus/registry.h>"),
    ("core/prom/a.h", "#include <tl/expected.hpp>"),
    ("core/dashboard/a.cpp", '#include "../prom/client.h"'),
    ("core/dashboard/a.cpp", '#include "core/prom/envelope_p.h"'),
    ("core/dashboard/a.cpp", "#include HEADER"),
    ("core/new_folder/a.cpp", "#include <string>"),
    ("ui/plot/a.cpp", "#include <QWidget>"),
    ("ui/plot/a.cpp", '#include "ui/panels/panel_view.h"'),
    ("ui/logs/a.cpp", "#include <QNetworkReply>"),
    ("ui/shell/a.h", "class QNetworkAccessManager;"),
    ("ui/logs/a.cpp", '#include "ui/shell/main_window.h"'),
    ("ui/logs/a.cpp", '#include "app/command.h"'),
    ("ui/module.h", "#include <QString>"),
    ("app/main.cpp", "#include <QCoreApplication>"),
    ("app/main.cpp", '#include "ui/shell/main_window.h"'),
    ("app/main.cpp", '#include "core/prom/client.h"'),
]


def self_test(qt):
    failures = []
    for expected, cases in ((0, ALLOWED), (1, FORBIDDEN)):
        for path, line in cases:
            with tempfile.TemporaryDirectory() as directory:
                file = Path(directory, path)
                file.parent.mkdir(parents=True)
                file.write_text(line + "\n", encoding="utf-8")
                found = check_tree(Path(directory), qt)
            if len(found) != expected:
                failures.append(f"{path} with `{line}`: {'not reported' if expected else found[0]}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).resolve().parents[2], metavar="ROOT")
    parser.add_argument("--qt-headers", type=Path, required=True, metavar="DIR")
    parser.add_argument("--self-test", action="store_true", help="check that planted violations are reported")
    options = parser.parse_args()

    qt = qt_headers(options.qt_headers)
    missing = [header for header in ("QString", "QColor", "QWidget", "QNetworkReply") if header not in qt]
    if missing:
        parser.error(f"{options.qt_headers} has no {', '.join(missing)}: not Qt's include folder?")
    problems = self_test(qt) if options.self_test else check_tree(options.root, qt)
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
