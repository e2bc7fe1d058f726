#pragma once

#include "core/dashboard/model.h"
#include "core/dashboard/panel_feed.h"
#include "core/dashboard/time_range.h"
#include "ui/theme/theme.h"

#include <QScrollArea>

#include <memory>
#include <optional>
#include <vector>

namespace trendscope::prom {
class Client;
}

namespace trendscope::ui {

class PanelFrame;
class RowHeader;

/// The panels of one dashboard in Grafana's grid of 24 columns, with one crosshair for all of them.
class DashboardView final : public QScrollArea {
    Q_OBJECT

public:
    /// `client` and `theme` must outlive the view.
    DashboardView(prom::Client &client, const dashboard::Dashboard &dashboard, const Theme &theme,
                  const QTimeZone &zone, QWidget *parent = nullptr);
    ~DashboardView() override;

    /// Asks for the data of all panels that are shown.
    void refresh(const dashboard::AbsoluteRange &range, bool isAutomatic);

    const std::vector<PanelFrame *> &frames() const { return m_frames; }

    /// The first with this title, case-insensitive; null when there is none.
    PanelFrame *frame(const QString &title) const;

    /// No panel waits for its first answer any more.
    bool isSettled() const;

    /// When the oldest data on screen arrived; nothing while no panel has any.
    std::optional<prom::Timestamp> oldestData() const;

    /// Height of all panels at the current width, in device-independent pixels.
    int contentHeight() const { return m_contentHeight; }

Q_SIGNALS:
    void rangeSelected(std::int64_t start, std::int64_t end); ///< ms since the epoch
    void zoomOutRequested();
    void dataChanged(); ///< of any panel: new, or failed

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    /// A row with its panels; the first section of a dashboard has no header.
    struct Section {
        RowHeader *header = nullptr;
        int savedTop = 0; ///< grid row of its first panel in the file
        std::vector<PanelFrame *> frames;
    };

    void addPanels();
    void addRow(const dashboard::Panel &row);
    void addPanel(const dashboard::Panel &panel);
    void layoutPanels();
    void showCrosshair(const PanelFrame *source, std::optional<std::int64_t> time);
    void refreshFrame(PanelFrame &frame, bool isAutomatic);

    prom::Client &m_client;
    dashboard::Dashboard m_dashboard;
    const Theme &m_theme;
    QTimeZone m_zone;
    std::vector<std::unique_ptr<dashboard::PanelFeed>> m_feeds;
    std::vector<Section> m_sections;
    std::vector<PanelFrame *> m_frames; ///< children of the canvas
    std::optional<dashboard::AbsoluteRange> m_range;
    int m_contentHeight = 0;
};

} // namespace trendscope::ui
