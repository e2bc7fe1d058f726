#include "core/net/backoff.h"

#include <QDateTime>
#include <QLocale>
#include <QRandomGenerator>

#include <algorithm>

namespace trendscope::net {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

std::chrono::milliseconds scaled(std::chrono::milliseconds span, double factor)
{
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(span.count()) * factor));
}

} // namespace

std::chrono::milliseconds Backoff::next(std::chrono::milliseconds asked)
{
    const double variation = 0.2 * QRandomGenerator::global()->generateDouble();
    const auto varied = std::clamp(scaled(m_base, 0.9 + variation), shortest, longest);
    m_base = std::min(m_base * 2, longest);
    return std::max(varied, std::min(scaled(asked, 1 + variation / 2), longestAsked));
}

std::optional<std::chrono::seconds> retryAfter(const QByteArray &header,
                                               std::chrono::system_clock::time_point now)
{
    constexpr std::chrono::seconds most = 24h;
    const QByteArray text = header.trimmed();
    bool isNumber = false;
    const quint64 seconds = text.toULongLong(&isNumber);
    if (isNumber)
        return std::chrono::seconds(std::min<quint64>(seconds, most.count()));
    QDateTime date =
        QLocale::c().toDateTime(QString::fromLatin1(text), u"ddd, dd MMM yyyy HH:mm:ss 'GMT'"_s);
    date.setTimeSpec(Qt::UTC);
    if (!date.isValid())
        return {};
    const std::chrono::sys_seconds until{std::chrono::seconds(date.toSecsSinceEpoch())};
    return std::clamp(std::chrono::ceil<std::chrono::seconds>(until - now), 0s, most);
}

} // namespace trendscope::net
