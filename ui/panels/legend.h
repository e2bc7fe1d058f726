#pragma once

#include "core/dashboard/field.h"
#include "ui/theme/theme.h"

#include <QJsonObject>
#include <QRectF>
#include <QStringList>

#include <optional>
#include <set>
#include <vector>

class QPainter;

namespace trendscope::ui {

/// The legend of a time series panel: a list, or a table with one column for each calculation.
class Legend {
public:
    /// `options` is `options.legend` of the panel.
    explicit Legend(const QJsonObject &options);

    bool isVisible() const { return m_isVisible; }
    bool isRight() const { return m_isRight; }

    /// `colors[i]` belongs to `fields[i]`.
    void setFields(const std::vector<dashboard::Field> &fields, std::vector<QColor> colors);

    /// Height that all rows need below a plot `width` wide, in device-independent pixels.
    double heightFor(double width) const;

    /// Width that it wants beside the plot.
    double preferredWidth() const;

    /// Fields whose index is in `hidden` are faint. What does not fit is summed up as "+ n more".
    void paint(QPainter &painter, const QRectF &rect, const std::set<std::size_t> &hidden,
               const Theme &theme);

    /// The index of the field at `position`, after paint().
    std::optional<std::size_t> fieldAt(const QPointF &position) const;

private:
    struct Entry {
        std::size_t field;
        QString name;
        QColor color;
        QStringList values; ///< one for each calculation
    };
    struct Cell {
        QRectF rect;
        std::size_t field;
    };

    void paintList(QPainter &painter, const QRectF &rect, const std::set<std::size_t> &hidden,
                   const Theme &theme);
    void paintTable(QPainter &painter, const QRectF &rect, const std::set<std::size_t> &hidden,
                    const Theme &theme);
    void paintListItem(QPainter &painter, const QRectF &rect, const Entry &entry, bool isHidden,
                       const Theme &theme);
    void paintMore(QPainter &painter, const QRectF &rect, std::size_t count, const Theme &theme);
    void paintTableRow(QPainter &painter, const QRectF &rect, const QString &name,
                       const QStringList &values, const std::vector<double> &ends) const;
    std::vector<double> columnEnds(const QRectF &rect) const;
    double widthFrom(std::size_t first) const;
    double listItemWidth(const Entry &entry) const;
    QString listText(const Entry &entry) const;
    std::vector<double> columnWidths() const;

    bool m_isVisible;
    bool m_isRight;
    bool m_isTable;
    QStringList m_calculations;
    std::vector<Entry> m_entries;
    std::vector<Cell> m_cells; ///< what was painted last, for the mouse
};

} // namespace trendscope::ui
