#include "ui/panels/legend.h"

#include "core/dashboard/reducer.h"
#include "core/dashboard/value_format.h"
#include "ui/theme/tabular.h"

#include <QFontMetricsF>
#include <QJsonArray>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>
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

/// `text` shortened so that it fits with digits of equal width, which are wider than its own.
QString fitted(const QFontMetricsF &metrics, const QString &text, double width)
{
    QString shown = text;
    for (double room = width; room > 0 && tabularWidth(metrics, shown) > width; room -= 2)
        shown = metrics.elidedText(text, Qt::ElideRight, room);
    return tabularWidth(metrics, shown) > width ? QString() : shown;
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
        const double item = std::min(listItemWidth(entry), width);
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
    const double more = metrics.horizontalAdvance(u"+ 9999 more"_s);
    double x = rect.left();
    double y = rect.top() + 2;
    const auto isLastRow = [&] { return y + 2 * listRowHeight > rect.bottom() + 1; };
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const Entry &entry = m_entries[i];
        double width = std::min(listItemWidth(entry), rect.width());
        if (x > rect.left() && !isLastRow() && (m_isRight || x + width > rect.right())) {
            x = rect.left();
            y += listRowHeight;
        }
        const double room = rect.right() - x;
        const bool isTaken = m_isRight && x > rect.left();
        const bool isAlone = x == rect.left() && i + 1 == m_entries.size();
        if (isLastRow() && !isAlone && (isTaken || widthFrom(i) > room)) {
            // Not all fit: keep room for what says how many are missing.
            const double wanted = std::min(width, smallestName);
            width = x > rect.left() ? width : std::min(width, room - itemGap - more);
            if (isTaken || width < wanted || width + itemGap + more > room)
                return paintMore(painter, {x, y, room, listRowHeight}, m_entries.size() - i, theme);
        }
        width = std::min(width, room);
        paintListItem(painter, {x, y, width, listRowHeight}, entry, hidden.contains(entry.field),
                      theme);
        x += width + itemGap;
    }
}

/// What the entries from `first` on need in one row; a single one can be shortened.
double Legend::widthFrom(std::size_t first) const
{
    if (first + 1 == m_entries.size())
        return std::min(listItemWidth(m_entries[first]), smallestName);
    double width = m_isRight ? std::numeric_limits<double>::infinity() : 0; // right: one a row
    for (std::size_t i = first; i < m_entries.size(); ++i)
        width += listItemWidth(m_entries[i]) + (i > first ? itemGap : 0);
    return width;
}

void Legend::paintListItem(QPainter &painter, const QRectF &rect, const Entry &entry, bool isHidden,
                           const Theme &theme)
{
    const QFontMetricsF metrics(painter.font());
    paintSwatch(painter, rect.left(), rect.center().y(), isHidden ? theme.faint : entry.color);
    painter.setPen(isHidden ? theme.faint : theme.text);
    drawTabular(painter, rect.left() + swatch + gap, baselineOf(metrics, rect.center().y()),
                fitted(metrics, listText(entry), rect.width() - swatch - gap + 1));
    m_cells.push_back({rect, entry.field});
}

void Legend::paintMore(QPainter &painter, const QRectF &rect, std::size_t count, const Theme &theme)
{
    const QFontMetricsF metrics(painter.font());
    painter.setPen(theme.secondary);
    painter.drawText(
        QPointF(rect.left(), baselineOf(metrics, rect.center().y())),
        metrics.elidedText(u"+ %1 more"_s.arg(count), Qt::ElideRight, rect.width() + 1));
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

/// Where the names of a table end, and each column that has room beside them; the last ones give
/// way first.
std::vector<double> Legend::columnEnds(const QRectF &rect) const
{
    const QFontMetricsF metrics(textFont(fontSize));
    std::vector<double> widths = columnWidths();
    const auto room = [&] {
        return rect.width() - 3 * gap - swatch
            - std::accumulate(widths.begin(), widths.end(), columnGap * double(widths.size()));
    };
    while (!widths.empty() && room() < smallestName)
        widths.pop_back();
    double names = 2 * smallestName;
    for (const Entry &entry : m_entries)
        names = std::max(names, metrics.horizontalAdvance(entry.name));
    // Room to spare is shared, so that numbers do not crowd at the edge of a wide panel.
    const double extra =
        std::max(0.0, (room() - names) * 0.6 / std::max(1.0, double(widths.size())));
    std::vector<double> ends(widths.size());
    double right = rect.right() - gap;
    for (std::size_t column = widths.size(); column-- > 0;
         right -= widths[column] + extra + columnGap)
        ends[column] = right;
    ends.insert(ends.begin(), right); // of the names
    return ends;
}

void Legend::paintTable(QPainter &painter, const QRectF &rect, const std::set<std::size_t> &hidden,
                        const Theme &theme)
{
    QRectF row(rect.left(), rect.top(), rect.width(), rowHeight);
    const std::vector<double> ends = columnEnds(rect);
    if (rect.height() >= 2 * rowHeight) {
        QStringList titles;
        std::ranges::transform(m_calculations, std::back_inserter(titles),
                               dashboard::calculationTitle);
        painter.setPen(theme.accent);
        paintTableRow(painter, row.adjusted(gap, 0, 0, 0), u"Name"_s, titles, ends);
        row.translate(0, rowHeight);
    }
    for (std::size_t i = 0; i < m_entries.size(); ++i, row.translate(0, rowHeight)) {
        const Entry &entry = m_entries[i];
        if (row.top() > rect.top()) {
            painter.setRenderHint(QPainter::Antialiasing, false);
            painter.setPen(theme.border);
            painter.drawLine(row.topLeft(), row.topRight());
        }
        if (row.bottom() + rowHeight > rect.bottom() + 1 && i + 1 < m_entries.size())
            return paintMore(painter, row.adjusted(gap, 0, -gap, 0), m_entries.size() - i, theme);
        const bool isHidden = hidden.contains(entry.field);
        paintSwatch(painter, row.left() + gap, row.center().y(),
                    isHidden ? theme.faint : entry.color);
        painter.setPen(isHidden ? theme.faint : theme.text);
        paintTableRow(painter, row.adjusted(2 * gap + swatch, 0, 0, 0), entry.name, entry.values,
                      ends);
        m_cells.push_back({row, entry.field});
    }
}

/// `ends` are those of the name and of each value that is shown.
void Legend::paintTableRow(QPainter &painter, const QRectF &rect, const QString &name,
                           const QStringList &values, const std::vector<double> &ends) const
{
    const QFontMetricsF metrics(painter.font());
    const double baseline = baselineOf(metrics, rect.center().y());
    painter.drawText(QPointF(rect.left(), baseline),
                     metrics.elidedText(name, Qt::ElideRight, ends.front() - rect.left() + 1));
    for (std::size_t column = 1; column < ends.size(); ++column) {
        const QString &text = values[qsizetype(column) - 1];
        drawTabular(painter, ends[column] - tabularWidth(metrics, text), baseline, text);
    }
}

} // namespace trendscope::ui
