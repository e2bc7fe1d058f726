#include "ui/panels/stat_view.h"

#include "ui/panels/big_number.h"
#include "ui/panels/plot_builder.h"
#include "ui/plot/paint.h"
#include "ui/theme/tabular.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

constexpr double padding = 8;
constexpr int largestNumber = 60;
constexpr double sparklineShare = 0.46; ///< of the height

/// Dark text on light colours, white on all others.
QColor textOn(const QColor &background)
{
    const double luminance =
        0.2126 * background.redF() + 0.7152 * background.greenF() + 0.0722 * background.blueF();
    return luminance > 0.7 ? QColor(0x11, 0x12, 0x17) : QColor(Qt::white);
}

} // namespace

StatView::StatView(dashboard::Panel panel, const Theme &theme, const QTimeZone &zone,
                   QWidget *parent)
    : PanelView(theme, parent)
    , m_panel(std::move(panel))
    , m_zone(zone)
{
    const QJsonObject &options = m_panel.options;
    const QString colorMode = options["colorMode"_L1].toString();
    const QString textMode = options["textMode"_L1].toString();
    m_hasGraph = options["graphMode"_L1] != "none"_L1;
    m_hasBackground = colorMode.startsWith("background"_L1);
    m_isBackgroundSolid = colorMode == "background_solid"_L1;
    m_isColored = colorMode != "none"_L1;
    m_showsValue = textMode != "name"_L1 && textMode != "none"_L1;
    if (textMode == "value"_L1 || textMode == "none"_L1)
        m_showsName = false;
    else if (textMode == "name"_L1 || textMode == "value_and_name"_L1)
        m_showsName = true;
}

void StatView::setData(const dashboard::PanelData &panelData)
{
    m_data = &panelData;
    m_values = reducedValues(panelData, m_panel);
    QStringList texts;
    for (const ReducedValue &value : m_values)
        texts << (value.name + u' ' + value.display.text.full() + endText(value, m_zone)).trimmed();
    setAccessibleDescription(texts.join(u", "_s));
    update();
}

/// The values side by side or below each other, whichever way the cells come out closer to a
/// square.
std::vector<QRectF> StatView::cells() const
{
    const QRectF area = rect();
    const auto count = static_cast<double>(m_values.size());
    const QString orientation = m_panel.options["orientation"_L1].toString();
    const bool isStacked = orientation == "horizontal"_L1
        || (orientation != "vertical"_L1 && area.height() > area.width() * 0.8);
    std::vector<QRectF> cells;
    for (double i = 0; i < count; ++i) {
        cells.push_back(isStacked ? QRectF(area.left(), area.top() + area.height() * i / count,
                                           area.width(), area.height() / count)
                                  : QRectF(area.left() + area.width() * i / count, area.top(),
                                           area.width() / count, area.height()));
    }
    return cells;
}

void StatView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setOpacity(isStale() ? 0.45 : 1);
    const std::vector<QRectF> places = cells();
    for (std::size_t i = 0; i < m_values.size(); ++i)
        paintValue(painter, places[i], m_values[i]);
}

void StatView::paintValue(QPainter &painter, const QRectF &rect, const ReducedValue &value) const
{
    QColor color = !m_isColored ? theme().text
        : value.display.color.isEmpty() && value.field
        ? fieldColor(*value.field, value.index, theme())
        : theme().color(value.display.color);
    if (m_hasBackground && !std::isnan(value.value)) {
        fillBackground(painter, rect, color);
        color = textOn(color);
    }
    const bool hasGraph = m_hasGraph && value.field && rect.height() > 60;
    if (hasGraph)
        paintSparkline(painter, rect, value, color);

    QRectF text = rect.adjusted(padding, 0, -padding, -padding);
    if (hasGraph)
        text.setBottom(rect.bottom() - rect.height() * sparklineShare * 0.72);
    if (m_showsName.value_or(m_values.size() > 1)) {
        painter.setFont(textFont(13));
        painter.setPen(m_showsValue ? theme().secondary : color);
        const QFontMetricsF metrics(painter.font());
        const QRectF line(text.left(), text.top(), text.width(), metrics.height());
        painter.drawText(line, Qt::AlignHCenter | Qt::AlignTop,
                         metrics.elidedText(value.name, Qt::ElideRight, text.width()));
        text.setTop(line.bottom());
    }
    text.setBottom(text.bottom() - paintEndText(painter, text, value, m_zone, theme()));
    const bool isMissing = std::isnan(value.value);
    if (m_showsValue)
        paintBigNumber(painter, text, value.display.text, isMissing ? theme().secondary : color,
                       isMissing ? 22 : largestNumber);
}

void StatView::fillBackground(QPainter &painter, const QRectF &rect, const QColor &color) const
{
    if (m_isBackgroundSolid)
        return painter.fillRect(rect, color);
    QLinearGradient gradient(rect.topLeft(), rect.bottomRight());
    constexpr float turn = 15.0F / 360; // of the hue, to both sides
    const float hue = std::max(color.hslHueF(), 0.0F);
    const auto turned = [&](float by, float lightness) {
        return QColor::fromHslF(std::fmod(hue + by + 1, 1.0F), color.hslSaturationF(),
                                std::clamp(lightness, 0.0F, 1.0F));
    };
    gradient.setColorAt(0, turned(turn, color.lightnessF() * 0.82F));
    gradient.setColorAt(1, turned(-turn, color.lightnessF() * 0.95F));
    painter.fillRect(rect, gradient);
}

void StatView::paintSparkline(QPainter &painter, const QRectF &rect, const ReducedValue &value,
                              const QColor &color) const
{
    PlotLine line;
    line.color = color;
    line.times = value.field->times;
    line.values = value.field->values;
    line.style.lineWidth = 1;
    line.style.fillOpacity = 18;
    const auto &extremes = value.field->range;
    const auto range =
        valueRange(ValueRange{extremes.min, extremes.max}, {value.field->config.min, {}, {}, {}});
    const double height = rect.height() * sparklineShare;
    ui::paintSparkline(painter, QRectF(rect.left(), rect.bottom() - height, rect.width(), height),
                       line, m_data->range.start.time_since_epoch().count(),
                       m_data->range.end.time_since_epoch().count(), range);
}

} // namespace trendscope::ui
