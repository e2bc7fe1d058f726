#pragma once

#include "core/dashboard/field.h"
#include "ui/plot/plot.h"
#include "ui/theme/theme.h"

#include <set>

namespace trendscope::ui {

/// The colour of the field at `index` of a panel, by its colour mode.
QColor fieldColor(const dashboard::Field &field, std::size_t index, const Theme &theme);

/// Turns the fields of a time series panel into what is drawn: colours, stacks, axes and
/// thresholds. Fields whose index is in `hidden` are left out, and do not stack.
Plot buildPlot(const dashboard::PanelData &data, const std::set<std::size_t> &hidden,
               const Theme &theme, const QTimeZone &zone);

} // namespace trendscope::ui
