#pragma once

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include <cmath>

namespace trendscope::test {

/// What Grafana's own code answers, one JSON file a subject, where that data lies beside the
/// checkout.
inline QString vectorFolder()
{
    return QStringLiteral(SOURCE_DIR "/../shared/grafana/vectors");
}

inline bool hasVectors()
{
    return QDir(vectorFolder()).exists();
}

/// The cases of one file; empty where it can not be read, so check for that.
inline QJsonArray vectorCases(const QString &file)
{
    QFile source(vectorFolder() + u'/' + file);
    if (!source.open(QIODevice::ReadOnly))
        return {};
    return QJsonDocument::fromJson(source.readAll()).object()[QLatin1String("cases")].toArray();
}

/// A case as text, to name it in a message.
inline QString caseText(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

/// Equal but for the dust of binary fractions; two NaN are equal.
inline bool isClose(double actual, double expected)
{
    if (std::isnan(actual) || std::isnan(expected))
        return std::isnan(actual) == std::isnan(expected);
    return actual == expected
        || std::abs(actual - expected) <= 1e-9 * std::max(std::abs(actual), std::abs(expected));
}

/// Prints the cases that came out otherwise.
inline bool allAgree(const QStringList &wrong)
{
    for (const QString &text : wrong)
        qWarning("%s", qPrintable(text));
    return wrong.isEmpty();
}

} // namespace trendscope::test

/// Skips where there is no such data; the cases that the project has of its own still ran.
#define NEEDS_GRAFANA_VECTORS()                                                                    \
    if (!trendscope::test::hasVectors())                                                           \
    QSKIP("Grafana's own answers are not beside this checkout")
