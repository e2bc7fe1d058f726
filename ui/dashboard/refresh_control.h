#pragma once

#include "ui/theme/theme.h"

#include <QTimer>
#include <QWidget>

#include <chrono>

class QToolButton;

namespace trendscope::ui {

/// Asks for new data: at a click, and every interval.
class RefreshControl final : public QWidget {
    Q_OBJECT

public:
    explicit RefreshControl(const Theme &theme, QWidget *parent = nullptr);

    /// 0: only by hand.
    void setInterval(std::chrono::milliseconds interval);
    std::chrono::milliseconds interval() const { return m_timer.intervalAsDuration(); }

Q_SIGNALS:
    void refreshRequested(bool isAutomatic);

protected:
    void changeEvent(QEvent *event) override;

private:
    void setIcons();

    const Theme &m_theme;
    QTimer m_timer;
    QToolButton *m_now;
    QToolButton *m_interval;
};

} // namespace trendscope::ui
