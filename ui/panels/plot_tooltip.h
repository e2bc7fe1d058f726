#pragma once

#include "ui/theme/theme.h"

#include <QWidget>

#include <vector>

namespace trendscope::ui {

/// The box beside the pointer: a time, and for each series its value there. Text is never read as
/// markup.
class PlotTooltip final : public QWidget {
    Q_OBJECT

public:
    struct Row {
        QColor color;
        QString name;
        QString value;
    };

    PlotTooltip(const Theme &theme, QWidget *window);

    /// Shows `rows` beside `pointer` (in the window), on the side that has room. Rows that do not
    /// fit are summed up.
    void showAt(const QPoint &pointer, const QString &time, std::vector<Row> rows);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    QString m_time;
    std::vector<Row> m_rows;
    QString m_more;
    double m_valueWidth = 0;
};

} // namespace trendscope::ui
