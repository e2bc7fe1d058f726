#pragma once

#include "ui/theme/theme.h"

#include <QStyledItemDelegate>

namespace trendscope::ui {

/// Paints the cells of a scrape target. A pool's name stands only in the first of its rows.
class TargetDelegate final : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit TargetDelegate(const Theme &theme, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    bool helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                   const QModelIndex &index) override;

private:
    void paintGround(QPainter &painter, const QStyleOptionViewItem &option,
                     const QModelIndex &index) const;
    void paintHealth(QPainter &painter, const QRect &room, const QModelIndex &index) const;
    void paintCell(QPainter &painter, const QRect &room, const QModelIndex &index) const;

    const Theme &m_theme;
};

} // namespace trendscope::ui
