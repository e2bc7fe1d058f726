#include "ui/panels/time_series_view.h"

#include "core/dashboard/value_format.h"
#include "ui/panels/plot_builder.h"
#include "ui/panels/plot_overlay.h"
#include "ui/panels/plot_tooltip.h"
#include "ui/plot/paint.h"

#include <QDateTime>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

constexpr double margin = 8;
constexpr double smallestDrag = 5;         ///< px; a shorter one is a click
constexpr double largestLegendShare = 0.5; ///< of the panel's height, or width beside the plot

/// The index of the sample nearest to `time`, if it is no further than half a pixel column's
/// neighbourhood would be.
std::optional<std::size_t> sampleAt(const std::vector<std::int64_t> &times, std::int64_t time)
{
    const auto at = std::ranges::lower_bound(times, time);
    return at != times.end() && *at == time
        ? std::optional(static_cast<std::size_t>(at - times.begin()))
        : std::nullopt;
}

} // namespace

TimeSeriesView::TimeSeriesView(const dashboard::Panel &panel, const Theme &theme,
                               const QTimeZone &zone, QWidget *parent)
    : PanelView(theme, parent)
    , m_legend(panel.options["legend"_L1].toObject())
    , m_zone(zone)
    , m_sortsTooltip(panel.options["tooltip"_L1]["sort"_L1] == "desc"_L1)
    , m_isTooltipSingle(panel.options["tooltip"_L1]["mode"_L1] == "single"_L1)
    , m_overlay(new PlotOverlay(m_plot, m_layout, theme, this))
{
    setMouseTracking(true);
    setCursor(Qt::CrossCursor);
}

TimeSeriesView::~TimeSeriesView()
{
    delete m_tooltip;
}

void TimeSeriesView::setData(const dashboard::PanelData &panelData)
{
    m_data = &panelData;
    rebuild();
}

void TimeSeriesView::setCrosshair(std::optional<std::int64_t> time)
{
    // Panels have steps of their own: the line snaps to the nearest sample of this one.
    m_overlay->setCrosshair(time && m_layout.area.width() > 0 ? nearestTime(m_layout.xOf(*time))
                                                              : std::nullopt);
}

QString TimeSeriesView::accessibleSummary() const
{
    QStringList parts;
    for (std::size_t i = 0; m_data && i < m_data->fields.size(); ++i) {
        const dashboard::Field &field = m_data->fields[i];
        const auto last = std::ranges::find_if(field.values.rbegin(), field.values.rend(),
                                               [](double v) { return !std::isnan(v); });
        if (last != field.values.rend())
            parts << field.name + u' '
                    + dashboard::formatValue(*last, field.config.unit, field.config.decimals)
                          .full();
    }
    return parts.join(u", "_s);
}

void TimeSeriesView::rebuild()
{
    if (!m_data)
        return;
    m_plot = buildPlot(*m_data, m_hidden, theme(), m_zone);
    std::vector<QColor> colors;
    for (std::size_t i = 0; i < m_data->fields.size(); ++i)
        colors.push_back(fieldColor(m_data->fields[i], i, theme()));
    m_legend.setFields(m_data->fields, std::move(colors));
    setAccessibleDescription(accessibleSummary());
    relayout();
}

void TimeSeriesView::relayout()
{
    QRectF plotRect = QRectF(rect()).adjusted(margin, 0, -margin, -4);
    if (m_legend.isRight() && m_legend.isVisible()) {
        const double width =
            std::min(m_legend.preferredWidth(), plotRect.width() * largestLegendShare);
        m_legendRect =
            QRectF(plotRect.right() - width, plotRect.top() + 4, width, plotRect.height() - 4);
        plotRect.setRight(m_legendRect.left() - margin);
    } else {
        const double height =
            std::min(m_legend.heightFor(plotRect.width()), plotRect.height() * largestLegendShare);
        m_legendRect =
            QRectF(plotRect.left(), plotRect.bottom() - height, plotRect.width(), height);
        plotRect.setBottom(m_legendRect.top() - 2);
    }
    m_layout = layoutOf(m_plot, plotRect);
    m_overlay->setGeometry(rect());
    m_picture = {};
    if (m_pointer)
        pointAt(*m_pointer); // other data lies below it now
    update();
}

void TimeSeriesView::paintPicture()
{
    const double ratio = devicePixelRatioF();
    m_picture = QPixmap(size() * ratio);
    m_picture.setDevicePixelRatio(ratio);
    m_picture.fill(Qt::transparent);
    QPainter painter(&m_picture);
    paintPlot(painter, m_plot, m_layout, theme());
    m_legend.paint(painter, m_legendRect, m_hidden, theme());
}

void TimeSeriesView::paintEvent(QPaintEvent *event)
{
    if (!m_data)
        return;
    if (m_picture.isNull() || m_picture.devicePixelRatio() != devicePixelRatioF())
        paintPicture();
    QPainter painter(this);
    painter.setOpacity(isStale() ? 0.45 : 1);
    const double ratio = m_picture.devicePixelRatio();
    const QRect target = event->rect();
    painter.drawPixmap(QRectF(target), m_picture,
                       QRectF(target.x() * ratio, target.y() * ratio, target.width() * ratio,
                              target.height() * ratio));
}

void TimeSeriesView::resizeEvent(QResizeEvent *)
{
    relayout();
}

void TimeSeriesView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        rebuild();
    PanelView::changeEvent(event);
}

std::optional<std::int64_t> TimeSeriesView::nearestTime(double x) const
{
    const std::int64_t wanted = m_layout.timeOf(x);
    std::optional<std::int64_t> nearest;
    for (const PlotLine &line : m_plot.lines) {
        const auto at = std::ranges::lower_bound(line.times, wanted);
        for (auto candidate = at == line.times.begin() ? at : at - 1;
             candidate != line.times.end() && candidate <= at; ++candidate) {
            if (*candidate >= m_layout.start && *candidate <= m_layout.end
                && (!nearest || std::abs(*candidate - wanted) < std::abs(*nearest - wanted)))
                nearest = *candidate;
        }
    }
    return nearest;
}

void TimeSeriesView::pointAt(const QPointF &position)
{
    const auto time = m_layout.area.contains(position) ? nearestTime(position.x()) : std::nullopt;
    setCrosshair(time);
    Q_EMIT crosshairMoved(time);
    std::vector<std::pair<double, PlotTooltip::Row>> rows;
    for (std::size_t index = 0; m_data && time && index < m_data->fields.size(); ++index) {
        const dashboard::Field &field = m_data->fields[index];
        const auto sample = sampleAt(field.times, *time);
        if (!sample || m_hidden.contains(index) || !field.config.graph.isInTooltip
            || std::isnan(field.values[*sample]))
            continue;
        const double value = field.values[*sample];
        rows.push_back(
            {value,
             {fieldColor(field, index, theme()), field.name,
              dashboard::formatValue(value, field.config.unit, field.config.decimals).full()}});
    }
    if (rows.empty()) {
        if (m_tooltip)
            m_tooltip->hide();
        return;
    }
    if (m_sortsTooltip)
        std::ranges::stable_sort(rows, std::greater<>(), [](const auto &row) { return row.first; });
    std::vector<PlotTooltip::Row> shown;
    std::ranges::transform(rows, std::back_inserter(shown),
                           [](auto &row) { return std::move(row.second); });
    if (!m_tooltip)
        m_tooltip = new PlotTooltip(theme(), window());
    m_tooltip->showAt(
        mapTo(window(), position.toPoint()),
        QDateTime::fromMSecsSinceEpoch(*time, m_zone).toString(u"yyyy-MM-dd HH:mm:ss"),
        std::move(shown));
}

void TimeSeriesView::mouseMoveEvent(QMouseEvent *event)
{
    if (m_dragStart && std::abs(event->position().x() - m_dragStart->x()) >= smallestDrag) {
        const auto inside = [&](double x) {
            return std::clamp(x, m_layout.area.left(), m_layout.area.right());
        };
        m_overlay->setSelection(std::pair(inside(m_dragStart->x()), inside(event->position().x())));
    }
    m_pointer = event->position();
    setCursor(m_legend.fieldAt(event->position()) ? Qt::PointingHandCursor : Qt::CrossCursor);
    pointAt(event->position());
}

void TimeSeriesView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && m_layout.area.contains(event->position()))
        m_dragStart = event->position();
    else if (const auto field = m_legend.fieldAt(event->position());
             field && event->button() == Qt::LeftButton)
        toggleField(*field, event->modifiers().testFlag(Qt::ControlModifier));
}

void TimeSeriesView::mouseReleaseEvent(QMouseEvent *event)
{
    const auto from = std::exchange(m_dragStart, std::nullopt);
    m_overlay->setSelection(std::nullopt);
    if (!from || std::abs(event->position().x() - from->x()) < smallestDrag)
        return;
    const auto inside = [&](double x) {
        return m_layout.timeOf(std::clamp(x, m_layout.area.left(), m_layout.area.right()));
    };
    const auto [start, end] = std::minmax({inside(from->x()), inside(event->position().x())});
    if (start < end)
        Q_EMIT rangeSelected(start, end);
}

void TimeSeriesView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (m_layout.area.contains(event->position()))
        Q_EMIT zoomOutRequested();
}

void TimeSeriesView::leaveEvent(QEvent *)
{
    forgetPointer();
}

void TimeSeriesView::forgetPointer()
{
    if (!std::exchange(m_pointer, std::nullopt))
        return;
    setCrosshair(std::nullopt);
    Q_EMIT crosshairMoved(std::nullopt);
    if (m_tooltip)
        m_tooltip->hide();
}

void TimeSeriesView::toggleField(std::size_t field, bool isAdditive)
{
    const std::size_t count = m_data->fields.size();
    if (isAdditive) {
        if (m_hidden.erase(field) == 0)
            m_hidden.insert(field);
    } else if (m_hidden.size() == count - 1 && !m_hidden.contains(field)) {
        m_hidden.clear();
    } else {
        m_hidden.clear();
        for (std::size_t i = 0; i < count; ++i) {
            if (i != field)
                m_hidden.insert(i);
        }
    }
    rebuild();
}

} // namespace trendscope::ui
