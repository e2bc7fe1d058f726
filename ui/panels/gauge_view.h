#pragma once

#include "ui/panels/panel_view.h"
#include "ui/panels/reduced_values.h"

namespace trendscope::ui {

/// A gauge panel: an arc from min to max with the thresholds as a thin ring around it.
class GaugeView final : public PanelView {
    Q_OBJECT

public:
    GaugeView(dashboard::Panel panel, const Theme &theme, const QTimeZone &zone,
              QWidget *parent = nullptr);

    void setData(const dashboard::PanelData &panelData) override;
    bool showsEmptyData() const override { return true; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void paintGauge(QPainter &painter, const QRectF &rect, const ReducedValue &value) const;
    void paintThresholdRing(QPainter &painter, const QRectF &circle, double width,
                            const dashboard::FieldConfig &config) const;

    dashboard::Panel m_panel;
    QTimeZone m_zone;
    bool m_showsThresholds;
    std::vector<ReducedValue> m_values;
};

} // namespace trendscope::ui
