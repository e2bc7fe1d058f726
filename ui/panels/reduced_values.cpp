#include "ui/panels/reduced_values.h"

#include "core/dashboard/reducer.h"
#include "ui/theme/icons.h"

#include <QDateTime>
#include <QJsonArray>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

/// Stats and gauges colour by thresholds unless the panel says otherwise.
dashboard::FieldConfig withThresholdColor(dashboard::FieldConfig config)
{
    if (config.colorMode.isEmpty())
        config.colorMode = u"thresholds"_s;
    return config;
}

/// When the series ended, if that was more than a few of its steps, and a minute, before the end of
/// the range.
std::optional<std::int64_t> endOf(const dashboard::Field &field,
                                  const dashboard::AbsoluteRange &range)
{
    if (field.times.size() < 2)
        return {};
    std::int64_t step = field.times[1] - field.times[0];
    for (std::size_t i = 2; i < field.times.size(); ++i)
        step = std::min(step, field.times[i] - field.times[i - 1]);
    const auto last = std::find_if(field.values.rbegin(), field.values.rend(),
                                   [](double v) { return !std::isnan(v); });
    if (last == field.values.rend())
        return {};
    const std::int64_t time = field.times[static_cast<std::size_t>(field.values.rend() - last) - 1];
    constexpr std::int64_t patience = 60'000;
    const bool hasEnded =
        range.end.time_since_epoch().count() - time > std::max(3 * step, patience);
    return hasEnded ? std::optional(time) : std::nullopt;
}

bool isLastValue(const QString &calculation)
{
    return calculation == "lastNotNull"_L1 || calculation == "last"_L1
        || calculation == "current"_L1;
}

} // namespace

std::vector<ReducedValue> reducedValues(const dashboard::PanelData &data,
                                        const dashboard::Panel &panel)
{
    QStringList calculations;
    for (const QJsonValue calculation : panel.options["reduceOptions"_L1]["calcs"_L1].toArray())
        calculations << calculation.toString();
    if (calculations.isEmpty())
        calculations << u"lastNotNull"_s;

    std::vector<ReducedValue> values;
    for (std::size_t i = 0; i < data.fields.size(); ++i) {
        const dashboard::Field &field = data.fields[i];
        for (const QString &calculation : std::as_const(calculations)) {
            const double value = dashboard::reduce(field.values, calculation);
            auto config = withThresholdColor(field.config);
            config.unit = dashboard::unitOf(calculation, config.unit);
            const QString name = calculations.size() > 1
                ? dashboard::calculationTitle(calculation) + u' ' + field.name
                : field.name;
            values.push_back({name, dashboard::displayValue(config, value, field.range), value,
                              &field, i,
                              isLastValue(calculation) ? endOf(field, data.range) : std::nullopt});
            if (values.back().endedAt)
                values.back().display.color = u"text"_s;
        }
    }
    if (values.empty()) {
        const auto config = withThresholdColor(panel.fieldConfig.configFor({}));
        values.push_back(
            {{}, dashboard::displayValue(config, std::nan("")), std::nan(""), nullptr, 0, {}});
        values.back().display.color = u"text"_s;
    }
    return values;
}

QString endText(const ReducedValue &value, const QTimeZone &zone)
{
    if (!value.endedAt)
        return {};
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(*value.endedAt, zone);
    const bool isToday = time.date() == QDateTime::currentDateTimeUtc().toTimeZone(zone).date();
    return u" until "_s + time.toString(isToday ? u"HH:mm:ss" : u"yyyy-MM-dd HH:mm");
}

double paintEndText(QPainter &painter, const QRectF &rect, const ReducedValue &value,
                    const QTimeZone &zone, const Theme &theme)
{
    const QString text = endText(value, zone).trimmed();
    if (text.isEmpty())
        return 0;
    constexpr int icon = 12;
    painter.setFont(textFont(12));
    painter.setPen(theme.orange);
    const QFontMetricsF metrics(painter.font());
    const double left = rect.center().x() - (metrics.horizontalAdvance(text) + icon + 4) / 2;
    const QRectF line(left + icon + 4, rect.bottom() - metrics.height(), rect.right() - left,
                      metrics.height());
    painter.drawPixmap(
        QPointF(left, line.center().y() - icon / 2.0),
        iconPixmap(u"clock"_s, theme.orange, icon, painter.device()->devicePixelRatioF()));
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, text);
    return line.height();
}

} // namespace trendscope::ui
