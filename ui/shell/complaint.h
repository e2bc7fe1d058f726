#pragma once

#include "core/result.h"

namespace trendscope::ui {

/// Says on standard error what went wrong, and below it the detail, if there is one.
void complain(const Error &error);

} // namespace trendscope::ui
