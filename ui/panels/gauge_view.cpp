#include "ui/panels/gauge_view.h"

#include "ui/panels/big_number.h"
#include "ui/panels/plot_builder.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

constexpr double startAngle = 210; ///< degrees, counter-clockwise from three o'clock
constexpr double sweep = 240;
constexpr double padding = 8;
constexpr int largestNumber = 40;

struct Scale {
    double min;
    double max;

    double shareOf(double value) const { return std::clamp((value - min) / (max - min), 0.0, 1.0); }
};

Scale scaleOf(const dashboard::FieldConfig &config)
{
    const double min = config.min.value_or(0);
    const double max = config.max.value_or(config.unit == "percentunit"_L1 ? 1 : 100);
    return {min, max > min ? max : min + 1};
}

void paintArc(QPainter &painter, const QRectF &circle, double from, double to, const QColor &color,
              double width)
{
    painter.setPen(QPen(color, width, Qt::SolidLine, Qt::FlatCap));
    painter.drawArc(circle, static_cast<int>((startAngle - sweep * from) * 16),
                    static_cast<int>(-sweep * (to - from) * 16));
}

} // namespace

GaugeView::GaugeView(dashboard::Panel panel, const Theme &theme, const QTimeZone &zone,
                     QWidget *parent)
    : PanelView(theme, parent)
    , m_panel(std::move(panel))
    , m_zone(zone)
    , m_showsThresholds(m_panel.options["showThresholdMarkers"_L1].toBool(true))
{
}

void GaugeView::setData(const dashboard::PanelData &panelData)
{
    m_values = reducedValues(panelData, m_panel);
    QStringList texts;
    for (const ReducedValue &value : m_values)
        texts << (value.name + u' ' + value.display.text.full() + endText(value, m_zone)).trimmed();
    setAccessibleDescription(texts.join(u", "_s));
    update();
}

void GaugeView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setOpacity(isStale() ? 0.45 : 1);
    const auto count = static_cast<double>(m_values.size());
    for (std::size_t i = 0; i < m_values.size(); ++i) {
        const double width = this->width() / count;
        paintGauge(painter, QRectF(width * static_cast<double>(i), 0, width, height()),
                   m_values[i]);
    }
}

void GaugeView::paintGauge(QPainter &painter, const QRectF &rect, const ReducedValue &value) const
{
    const dashboard::FieldConfig config =
        value.field ? value.field->config : m_panel.fieldConfig.configFor({});
    const Scale scale = scaleOf(config);
    const bool hasName = m_values.size() > 1;
    const QRectF area = rect.adjusted(padding, 2, -padding, hasName ? -padding - 16 : -padding);

    // 240° of a circle of radius r are r (1 + sin 30°) high and 2 r wide.
    const double radius = std::min(area.width() / 2, area.height() / 1.5);
    const QPointF center(area.center().x(),
                         area.top() + (area.height() - 1.5 * radius) / 2 + radius);
    const double ring = std::max(2.0, radius * 0.05);
    const double band = radius * 0.2;
    const auto circleAt = [&](double r) {
        return QRectF(center.x() - r, center.y() - r, 2 * r, 2 * r);
    };
    if (m_showsThresholds)
        paintThresholdRing(painter, circleAt(radius - ring / 2), ring, config);
    const QRectF circle = circleAt(radius - ring - 2 - band / 2);
    paintArc(painter, circle, 0, 1, theme().border, band);

    const bool isMissing = std::isnan(value.value);
    const QColor color = isMissing ? theme().secondary
        : value.display.color.isEmpty() && value.field
        ? fieldColor(*value.field, value.index, theme())
        : theme().color(value.display.color);
    if (!isMissing)
        paintArc(painter, circle, 0, scale.shareOf(value.value), color, band);
    const double inner = (radius - ring - 2 - band) * 1.7;
    paintBigNumber(painter,
                   QRectF(center.x() - inner / 2, center.y() - radius * 0.3, inner, radius * 0.6),
                   value.display.text, color, isMissing ? 20 : largestNumber);
    paintEndText(
        painter,
        QRectF(area.left(), area.top(), area.width(), center.y() + radius * 0.55 - area.top()),
        value, m_zone, theme());
    if (hasName) {
        painter.setFont(textFont(12));
        painter.setPen(theme().secondary);
        const QFontMetricsF metrics(painter.font());
        painter.drawText(QRectF(area.left(), rect.bottom() - padding - 16, area.width(), 16),
                         Qt::AlignCenter,
                         metrics.elidedText(value.name, Qt::ElideRight, area.width()));
    }
}

void GaugeView::paintThresholdRing(QPainter &painter, const QRectF &circle, double width,
                                   const dashboard::FieldConfig &config) const
{
    const Scale scale = scaleOf(config);
    const auto shareOf = [&](double value) {
        return config.thresholdMode == dashboard::ThresholdMode::Percentage
            ? std::clamp(value / 100, 0.0, 1.0)
            : scale.shareOf(value);
    };
    for (std::size_t i = 0; i < config.thresholds.size(); ++i) {
        const double from = shareOf(config.thresholds[i].value);
        const double to =
            i + 1 < config.thresholds.size() ? shareOf(config.thresholds[i + 1].value) : 1;
        if (to > from)
            paintArc(painter, circle, from, to, theme().color(config.thresholds[i].color), width);
    }
}

} // namespace trendscope::ui
