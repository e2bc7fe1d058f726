#include "ui/panels/legend.h"

#include "core/dashboard/reducer.h"
#include "core/dashboard/value_format.h"
#include "ui/theme/tabular.h"

#include <QFontMetricsF>
#include <QJsonArray>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

constexpr int fontSize = 12;
constexpr double rowHeight = 22;
constexpr double listRowHeight = 21;
constexpr double swatch = 14;
constexpr double gap = 8;
constexpr double itemGap = 16;
constexpr double columnGap = 20;
constexpr double smallestName = 80;

void paintSwatch(QPainter &painter, double x, double center, const QColor &color)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.drawRoundedRect(QRectF(x, center - 2, swatch, 4), 2, 2);
}

double baselineOf(const QFontMetricsF &metrics, double center)
{
    return center + (metrics.ascent() - metrics.descent()) / 2;
}

} // namespace

Legend::Legend(const QJsonObject &options)
    : m_isVisible(options["showLegend"_L1].toBool(true) && options["displayMode"_L1] != "hidden"_L1)
    , m_isRight(options["placement"_L1] == "right"_L1)
    , m_isTable(options["displayMode"_L1] == "table"_L1)
{
    for (const QJsonValue calculation : options["calcs"_L1].toArray())
        m_calculations << calculation.toString();
}

void Legend::setFields(const std::vector<dashboard::Field> &fields, std::vector<QColor> colors)
{
    m_entries.clear();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto &field = fields[i];
        if (!field.config.graph.isInLegend)
            continue;
        Entry entry{i, field.name, colors[i], {}};
        for (const QString &calculation : std::as_const(m_calculations)) {
            const double value = dashboard::reduce(field.values, calculation);
            const QString unit = dashboard::unitOf(calculation, field.config.unit);
            entry.values
                << (std::isnan(value)
                        ? u"–"_s
                        : dashboard::formatValue(value, unit, field.config.decimals).full());
        }
        m_entries.push_back(std::move(entry));
    }
}

double Legend::heightFor(double width) const
{
    if (!m_isVisible || m_entries.empty())
        return 0;
    if (m_isTable)
        return rowHeight * static_cast<double>(m_entries.size() + 1);
    double x = 0;
    int rows = 1;
    for (const Entry &entry : m_entries) {
        const double item = listItemWidth(entry);
        if (x > 0 && x + item > width) {
            ++rows;
            x = 0;
        }
        x += item + itemGap;
    }
    return rows * listRowHeight + 4;
}

double Legend::preferredWidth() const
{
    double width = 0;
    for (const Entry &entry : m_entries)
        width = std::max(width,
                         m_isTable ? swatch + gap
                                 + QFontMetricsF(textFont(fontSize)).horizontalAdvance(entry.name)
                                   : listItemWidth(entry));
    for (const double column : columnWidths())
        width += m_isTable ? column + columnGap : 0;
    return width + 2 * gap;
}

void Legend::paint(QPainter &painter, const QRectF &rect, const std::set<std::size_t> &hidden,
                   const Theme &theme)
{
    m_cells.clear();
    if (!m_isVisible || m_entries.empty() || rect.height() < listRowHeight)
        return;
    painter.setFont(textFont(fontSize));
    if (m_isTable)
        paintTable(painter, rect, hidden, theme);
    else
        paintList(painter, rect, hidden, theme);
}

std::optional<std::size_t> Legend::fieldAt(const QPointF &position) const
{
    const auto cell =
        std::ranges::find_if(m_cells, [&](const Cell &c) { return c.rect.contains(position); });
    return cell == m_cells.end() ? std::nullopt : std::optional(cell->field);
}

QString Legend::listText(const Entry &entry) const
{
    QString text = entry.name;
    for (qsizetype i = 0; i < entry.values.size(); ++i)
        text += u"  %1: %2"_s.arg(dashboard::calculationTitle(m_calculations[i]), entry.values[i]);
    return text;
}

double Legend::listItemWidth(const Entry &entry) const
{
    return swatch + gap + tabularWidth(QFontMetricsF(textFont(fontSize)), listText(entry));
}

void Legend::paintList(QPainter &painter, const QRectF &rect, const std::set<std::size_t> &hidden,
                       const Theme &theme)
{
    const QFontMetricsF metrics(painter.font());
    double x = rect.left();
    double y = rect.top() + 2;
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const Entry &entry = m_entries[i];
        const double width = std::min(listItemWidth(entry), rect.width());
        if (x > rect.left() && (m_isRight || x + width > rect.right())) {
            x = rect.left();
            y += listRowHeight;
        }
        const bool isLastRow = y + 2 * listRowHeight > rect.bottom() + 1;
        const bool isLast = i + 1 == m_entries.size();
        if (isLastRow && !isLast && (m_isRight || x + width + itemGap + 80 > rect.right())) {
            painter.setPen(theme.secondary);
            painter.drawText(QPointF(x, baselineOf(metrics, y + listRowHeight / 2)),
                             u"+ %1 more"_s.arg(m_entries.size() - i));
            return;
        }
        const bool isHidden = hidden.contains(entry.field);
        paintSwatch(painter, x, y + listRowHeight / 2, isHidden ? theme.faint : entry.color);
        painter.setPen(isHidden ? theme.faint : theme.text);
        drawTabular(painter, x + swatch + gap, baselineOf(metrics, y + listRowHeight / 2),
                    metrics.elidedText(listText(entry), Qt::ElideRight, width - swatch - gap + 2));
        m_cells.push_back({QRectF(x, y, width, listRowHeight), entry.field});
        x += width + itemGap;
    }
}

std::vector<double> Legend::columnWidths() const
{
    const QFontMetricsF metrics(textFont(fontSize));
    std::vector<double> widths;
    for (qsizetype column = 0; column < m_calculations.size(); ++column) {
        double width =
            metrics.horizontalAdvance(dashboard::calculationTitle(m_calculations[column]));
        for (const Entry &entry : m_entries)
            width = std::max(width, tabularWidth(metrics, entry.values[column]));
        widths.push_back(width);
    }
    return widths;
}

void Legend::paintTable(QPainter &painter, const QRectF &rect, const std::set<std::size_t> &hidden,
                        const Theme &theme)
{
    const QFontMetricsF metrics(painter.font());
    std::vector<double> widths = columnWidths();
    const double right = rect.right() - gap;
    const double free = rect.width() - 2 * gap
        - std::accumulate(widths.begin(), widths.end(), columnGap * double(widths.size()));
    if (free > 2 * smallestName && !widths.empty()) {
        // Room to spare is shared, so that numbers do not crowd at the edge of a wide panel.
        const double extra = (free - 2 * smallestName) * 0.6 / static_cast<double>(widths.size());
        std::ranges::for_each(widths, [extra](double &width) { width += extra; });
    }
    double nameRight = right;
    for (const double width : widths)
        nameRight -= width + columnGap;

    const auto paintValues = [&](const QStringList &texts, double center) {
        double x = right;
        for (qsizetype column = texts.size() - 1; column >= 0; --column) {
            drawTabular(painter, x - tabularWidth(metrics, texts[column]),
                        baselineOf(metrics, center), texts[column]);
            x -= widths[static_cast<std::size_t>(column)] + columnGap;
        }
    };
    double y = rect.top();
    painter.setPen(theme.accent);
    painter.drawText(QPointF(rect.left() + gap, baselineOf(metrics, y + rowHeight / 2)), u"Name"_s);
    QStringList titles;
    std::ranges::transform(m_calculations, std::back_inserter(titles), dashboard::calculationTitle);
    paintValues(titles, y + rowHeight / 2);

    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        y += rowHeight;
        const Entry &entry = m_entries[i];
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(theme.border);
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y));
        const double baseline = baselineOf(metrics, y + rowHeight / 2);
        if (y + 2 * rowHeight > rect.bottom() + 1 && i + 1 < m_entries.size()) {
            painter.setPen(theme.secondary);
            painter.drawText(QPointF(rect.left() + gap, baseline),
                             u"+ %1 more"_s.arg(m_entries.size() - i));
            return;
        }
        const bool isHidden = hidden.contains(entry.field);
        paintSwatch(painter, rect.left() + gap, y + rowHeight / 2,
                    isHidden ? theme.faint : entry.color);
        painter.setPen(isHidden ? theme.faint : theme.text);
        const double nameLeft = rect.left() + 2 * gap + swatch;
        painter.drawText(QPointF(nameLeft, baseline),
                         metrics.elidedText(entry.name, Qt::ElideRight, nameRight - nameLeft));
        paintValues(entry.values, y + rowHeight / 2);
        m_cells.push_back({QRectF(rect.left(), y, rect.width(), rowHeight), entry.field});
    }
}

} // namespace trendscope::ui
