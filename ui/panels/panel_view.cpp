#include "ui/panels/panel_view.h"

#include "ui/panels/gauge_view.h"
#include "ui/panels/stat_view.h"
#include "ui/panels/time_series_view.h"
#include "ui/panels/unsupported_view.h"

namespace trendscope::ui {

using namespace Qt::StringLiterals;

std::unique_ptr<PanelView> createPanelView(const dashboard::Panel &panel, const Theme &theme,
                                           const QTimeZone &zone)
{
    if (panel.type == "timeseries"_L1)
        return std::make_unique<TimeSeriesView>(panel, theme, zone);
    if (panel.type == "stat"_L1)
        return std::make_unique<StatView>(panel, theme, zone);
    if (panel.type == "gauge"_L1)
        return std::make_unique<GaugeView>(panel, theme, zone);
    return std::make_unique<UnsupportedView>(panel.type, theme);
}

} // namespace trendscope::ui
