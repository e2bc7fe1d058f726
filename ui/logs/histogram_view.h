#pragma once

#include "ui/logs/log_model.h"

#include <QWidget>

namespace trendscope::ui {

struct Theme;

/// Draws how many records match over time, by level; a click asks for the records of that time.
class HistogramView final : public QWidget {
    Q_OBJECT

public:
    /// `model` must outlive the view.
    HistogramView(const Theme &theme, const LogModel &model, QWidget *parent = nullptr);

    /// Takes the model's counts as they are now.
    void refresh();

    QSize sizeHint() const override;

Q_SIGNALS:
    void timeChosen(trendscope::logs::Timestamp time);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    bool event(QEvent *event) override;

private:
    QRect plotRect() const;
    int bucketAt(int x) const; ///< -1 outside
    logs::Timestamp startOf(int bucket) const;
    QString clockText(logs::Timestamp time) const;
    QString countsText(int bucket) const;
    void paintBars(QPainter &painter) const;
    void paintCaptions(QPainter &painter) const;

    const Theme &m_theme;
    const LogModel &m_model;
    LogHistogram m_histogram;
    QString m_summary;
    int m_hovered = -1;
};

} // namespace trendscope::ui
