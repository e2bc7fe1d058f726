#pragma once

#include "ui/panels/panel_view.h"
#include "ui/panels/reduced_values.h"

namespace trendscope::ui {

/// A stat panel: large numbers, each with the shape of its series below it.
class StatView final : public PanelView {
    Q_OBJECT

public:
    StatView(dashboard::Panel panel, const Theme &theme, const QTimeZone &zone,
             QWidget *parent = nullptr);

    void setData(const dashboard::PanelData &panelData) override;
    bool showsEmptyData() const override { return true; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void paintValue(QPainter &painter, const QRectF &rect, const ReducedValue &value) const;
    void fillBackground(QPainter &painter, const QRectF &rect, const QColor &color) const;
    void paintSparkline(QPainter &painter, const QRectF &rect, const ReducedValue &value,
                        const QColor &color) const;
    std::vector<QRectF> cells() const;

    dashboard::Panel m_panel;
    QTimeZone m_zone;
    bool m_hasGraph;
    bool m_hasBackground;
    bool m_isBackgroundSolid;
    bool m_isColored;
    bool m_showsValue;
    std::optional<bool> m_showsName; ///< nothing: when there is more than one value
    const dashboard::PanelData *m_data = nullptr;
    std::vector<ReducedValue> m_values;
};

} // namespace trendscope::ui
