#pragma once

#include <QStandardPaths>
#include <QTest>

/// Ends the test function where `name` is not installed: skipped on a developer's machine, failed
/// in CI, where an absent server would otherwise leave everything green and untested.
#define REQUIRE_PROGRAM(name)                                                                      \
    do {                                                                                           \
        if (QStandardPaths::findExecutable(QStringLiteral(name)).isEmpty()) {                      \
            if (qEnvironmentVariableIsSet("CI"))                                                   \
                QFAIL(name " is not installed; see packaging/install-deps.sh");                    \
            QSKIP(name " is not installed; see packaging/install-deps.sh");                        \
        }                                                                                          \
    } while (false)
