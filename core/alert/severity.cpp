#include "core/alert/severity.h"

#include <QUrl>

namespace trendscope::alert {

using namespace Qt::StringLiterals;

Severity severityOf(const prom::Alert &alert)
{
    const QString text = alert.labels.value(u"severity"_s).toLower();
    if (text == "critical"_L1 || text == "page"_L1 || text == "error"_L1)
        return Severity::Critical;
    if (text == "warning"_L1 || text == "warn"_L1)
        return Severity::Warning;
    if (text == "info"_L1)
        return Severity::Info;
    return Severity::None;
}

QString severityWord(const prom::Alert &alert)
{
    constexpr qsizetype longestWord = 12;
    switch (severityOf(alert)) {
    case Severity::Critical:
        return u"CRITICAL"_s;
    case Severity::Warning:
        return u"WARNING"_s;
    case Severity::Info:
        return u"INFO"_s;
    case Severity::None:
        break;
    }
    const QString own = alert.labels.value(u"severity"_s).simplified().left(longestWord).toUpper();
    return own.isEmpty() ? u"ALERT"_s : own;
}

bool isWatchdog(const prom::Alert &alert)
{
    return nameOf(alert) == "Watchdog"_L1;
}

QString nameOf(const prom::Alert &alert)
{
    return alert.labels.value(u"alertname"_s);
}

QString summaryOf(const prom::Alert &alert)
{
    for (const QString &name : {u"summary"_s, u"message"_s, u"description"_s}) {
        const QString text = alert.annotations.value(name).simplified();
        if (!text.isEmpty())
            return text;
    }
    return {};
}

QString runbookOf(const prom::Alert &alert)
{
    const QUrl url(alert.annotations.value(u"runbook_url"_s).trimmed(), QUrl::StrictMode);
    const bool isWeb = url.scheme() == "http"_L1 || url.scheme() == "https"_L1;
    return url.isValid() && isWeb && !url.host().isEmpty() ? url.toString(QUrl::FullyEncoded)
                                                           : QString();
}

} // namespace trendscope::alert
