#pragma once

#include "core/dashboard/field.h"
#include "core/dashboard/model.h"

#include <vector>

namespace trendscope::ui {

/// One number of a stat or gauge: a field reduced by one calculation.
struct ReducedValue {
    QString name;
    dashboard::DisplayValue display;
    double value;                  ///< NaN: no value
    const dashboard::Field *field; ///< null where there is no series at all
    std::size_t index;             ///< of the field in the panel
};

/// One for each field and calculation of `options.reduceOptions`; a single "No data" where there is
/// no field. The fields of `data` are pointed to.
std::vector<ReducedValue> reducedValues(const dashboard::PanelData &data,
                                        const dashboard::Panel &panel);

} // namespace trendscope::ui
