#pragma once

#include "core/dashboard/time_range.h"
#include "ui/theme/theme.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QMenu;
class QToolButton;

namespace trendscope::ui {

/// Shows the time range, moves it, and offers others: common ones in a menu, any one as text.
class TimeRangeControl final : public QWidget {
    Q_OBJECT

public:
    TimeRangeControl(const Theme &theme, const QTimeZone &zone, QWidget *parent = nullptr);

    const dashboard::TimeRange &range() const { return m_range; }

    /// Without a signal.
    void setRange(const dashboard::TimeRange &range);

    void setZone(const QTimeZone &zone);

    void moveBack();    ///< by half of the range
    void moveForward(); ///< by half of the range, up to now
    void zoomOut();     ///< to twice the span around the same middle

Q_SIGNALS:
    void rangeChanged(const trendscope::dashboard::TimeRange &range); ///< a person chose another

protected:
    void changeEvent(QEvent *event) override;

private:
    void setupButtons();
    void setupMenu();
    void choose(const dashboard::TimeRange &range);
    void applyText();
    void shift(double spans);
    void setIcons();
    void updateText();

    const Theme &m_theme;
    QTimeZone m_zone;
    dashboard::TimeRange m_range;
    QToolButton *m_back;
    QToolButton *m_text;
    QToolButton *m_forward;
    QToolButton *m_zoomOut;
    QMenu *m_menu;
    QLineEdit *m_from;
    QLineEdit *m_to;
    QLabel *m_problem;
};

} // namespace trendscope::ui
