#pragma once

#include "ui/theme/theme.h"

#include <QStyledItemDelegate>

namespace trendscope::ui {

/// Paints an alert as one row: state and severity, name, summary with its labels as chips, age.
class AlertDelegate final : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit AlertDelegate(const Theme &theme, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    bool helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                   const QModelIndex &index) override;

private:
    void paintGround(QPainter &painter, const QStyleOptionViewItem &option,
                     const QColor &color) const;
    void paintState(QPainter &painter, const QRect &room, const QModelIndex &index) const;
    void paintSummary(QPainter &painter, QRect room, const QModelIndex &index) const;

    const Theme &m_theme;
};

} // namespace trendscope::ui
