#pragma once

#include "core/alert/monitor.h"
#include "ui/alerts/banner_line.h"

#include <QTimer>

#include <array>

class QPushButton;

namespace trendscope::ui {

/// What fires, above whatever the user looks at: a line for each of the worst three alerts, then
/// how many more.
///
/// Nothing fires: no height. When Prometheus has stopped answering, the last known alerts stay and
/// say of when they are; where there were none, a line says that nobody knows.
class AlertBanners final : public QWidget {
    Q_OBJECT

public:
    /// Both must outlive the widget.
    AlertBanners(alert::Monitor &monitor, const Theme &theme, QWidget *parent = nullptr);

    static constexpr int mostLines = 3;

Q_SIGNALS:
    void showAllRequested();
    void alertActivated(const prom::Labels &labels); ///< the user wants to see this one

private:
    void setupLines();
    void showWhatFires();
    void showAlerts(const std::vector<prom::Alert> &alerts);
    void showOutage();
    void showMore(const std::vector<prom::Alert> &alerts);
    void runAction(size_t line);

    alert::Monitor &m_monitor;
    const Theme &m_theme;
    std::array<BannerLine *, mostLines> m_lines{};
    std::array<prom::Labels, mostLines>
        m_labels; ///< of the alert in each line; empty for the outage
    QPushButton *m_more = nullptr;
    QTimer m_clock;
};

} // namespace trendscope::ui
