#pragma once

#include "ui/plot/plot.h"
#include "ui/theme/theme.h"

#include <QWidget>

#include <optional>

namespace trendscope::ui {

/// Crosshair and selection above a plot. It never makes the plot itself paint again: only the
/// strips that change are updated, and below them lies a finished picture.
class PlotOverlay final : public QWidget {
    Q_OBJECT

public:
    /// `plot` and `layout` belong to the parent and are read while painting.
    PlotOverlay(const Plot &plot, const PlotLayout &layout, const Theme &theme, QWidget *parent);

    void setCrosshair(std::optional<std::int64_t> time);               ///< ms since the epoch
    void setSelection(std::optional<std::pair<double, double>> edges); ///< x, in the widget
    std::optional<std::int64_t> crosshair() const { return m_crosshair; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void updateStrip(std::optional<std::int64_t> time);

    const Plot &m_plot;
    const PlotLayout &m_layout;
    const Theme &m_theme;
    std::optional<std::int64_t> m_crosshair;
    std::optional<std::pair<double, double>> m_selection;
};

} // namespace trendscope::ui
