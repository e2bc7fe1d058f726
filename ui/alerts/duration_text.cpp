#include "ui/alerts/duration_text.h"

#include <QDateTime>

#include <array>

namespace trendscope::ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Unit {
    std::chrono::seconds size;
    QStringView name;
};

constexpr std::array<Unit, 4> units{
    Unit{24h, u"d"},
    Unit{1h, u"h"},
    Unit{1min, u"min"},
    Unit{1s, u"s"},
};

QString text(std::chrono::milliseconds span, size_t parts)
{
    auto rest = std::max(std::chrono::duration_cast<std::chrono::seconds>(span), 0s);
    size_t first = 0;
    while (first + 1 < units.size() && rest < units[first].size)
        ++first;
    QStringList words;
    for (size_t i = first; i < std::min(first + parts, units.size()); ++i) {
        const auto count = rest / units[i].size;
        rest %= units[i].size;
        if (count > 0 || i == first)
            words.append(QString::number(count) + u' ' + units[i].name.toString());
    }
    return words.join(u' ');
}

} // namespace

QString durationText(std::chrono::milliseconds span)
{
    return text(span, 2);
}

QString ageText(std::chrono::milliseconds span)
{
    return text(span, 1);
}

QString clockText(prom::Timestamp time)
{
    const QDateTime local = QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count());
    const bool isToday = local.date() == QDate::currentDate();
    return local.toString(isToday ? u"HH:mm:ss"_s : u"yyyy-MM-dd HH:mm:ss"_s);
}

std::chrono::milliseconds ageOf(prom::Timestamp time)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()
                                                                 - time);
}

QString plainToolTip(const QString &text)
{
    constexpr qsizetype limit = 2000;
    if (text.isEmpty())
        return {};
    return u"<p style=\"white-space:pre-wrap\">"_s + text.left(limit).toHtmlEscaped() + u"</p>"_s;
}

} // namespace trendscope::ui
