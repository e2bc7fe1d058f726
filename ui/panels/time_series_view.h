#pragma once

#include "ui/panels/legend.h"
#include "ui/panels/panel_view.h"
#include "ui/plot/plot.h"

#include <QPixmap>

#include <set>

namespace trendscope::ui {

class PlotOverlay;
class PlotTooltip;

/// A time series panel: plot and legend in a cached picture, crosshair and selection in an overlay
/// above it.
///
/// Drag selects a range, a double click asks to zoom out, a click in the legend shows one series
/// alone and a click with Ctrl takes one away or back.
class TimeSeriesView final : public PanelView {
    Q_OBJECT

public:
    TimeSeriesView(const dashboard::Panel &panel, const Theme &theme, const QTimeZone &zone,
                   QWidget *parent = nullptr);
    ~TimeSeriesView() override;

    void setData(const dashboard::PanelData &panelData) override;
    void setCrosshair(std::optional<std::int64_t> time) override;
    void forgetPointer() override;

    const Plot &plot() const { return m_plot; }
    const PlotLayout &plotLayout() const { return m_layout; }

    /// What the tooltip says at a time: the nearest samples. Empty: nothing is there.
    QString accessibleSummary() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    void rebuild();
    void relayout();
    void paintPicture();
    void pointAt(const QPointF &position);
    void toggleField(std::size_t field, bool isAdditive);
    std::optional<std::int64_t> nearestTime(double x) const;

    Legend m_legend;
    QTimeZone m_zone;
    bool m_sortsTooltip;
    bool m_isTooltipSingle;
    const dashboard::PanelData *m_data = nullptr;
    std::set<std::size_t> m_hidden; ///< fields that a click in the legend took away
    Plot m_plot;
    PlotLayout m_layout;
    QRectF m_legendRect;
    QPixmap m_picture; ///< null: to be painted
    PlotOverlay *m_overlay;
    PlotTooltip *m_tooltip = nullptr; ///< a child of the window, so that the panel does not clip it
    std::optional<QPointF> m_dragStart;
    std::optional<QPointF> m_pointer; ///< where it was last; nothing: outside
};

} // namespace trendscope::ui
