#pragma once

#include "core/logs/record.h"

#include <QColor>
#include <QFont>
#include <QFontMetrics>
#include <QStyledItemDelegate>

namespace trendscope::ui {

struct Theme;
class LogModel;

/// The colour of a level's bar and word.
QColor levelColor(const Theme &theme, logs::Level level);

/// Paints a record: a bar in the level's colour, time, level, logger, and the message with its
/// fields behind it.
///
/// For views of one LogModel. All text is plain.
class LogDelegate final : public QStyledItemDelegate {
    Q_OBJECT

public:
    static constexpr int rowHeight = 22;

    LogDelegate(const Theme &theme, const LogModel &model, QObject *parent = nullptr);

    /// The row under the pointer; -1 for none.
    void setHoveredRow(int row) { m_hoveredRow = row; }

    /// Paints everything as an old state: readable, and without the colours of levels.
    void setStale(bool isStale) { m_isStale = isStale; }

    int widthOf(int column) const; ///< 0 for the message, which takes what is left

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    /// What one cell is painted with.
    struct Cell {
        QPainter &painter;
        QRect rect;    ///< for text
        QColor ground; ///< opaque
    };

    QColor groundOf(const QStyleOptionViewItem &option, int row) const;
    void paintText(const Cell &cell, const QString &text, const QColor &color,
                   Qt::TextElideMode elision = Qt::ElideRight) const;
    void paintMessage(const Cell &cell, const logs::Record &record) const;

    const Theme &m_theme;
    const LogModel &m_model;
    QFont m_font;
    QFont m_boldFont;
    QFontMetrics m_metrics;
    int m_hoveredRow = -1;
    bool m_isStale = false;
};

} // namespace trendscope::ui
