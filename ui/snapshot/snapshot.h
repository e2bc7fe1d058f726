#pragma once

#include "core/result.h"
#include "ui/module.h"

namespace trendscope::prom {
class Client;
}
namespace trendscope::dashboard {
struct Dashboard;
}

namespace trendscope::ui {

struct Theme;

/// Draws a dashboard, or one panel of it, to a PNG file: what the window would show, through the
/// same widgets.
///
/// Returns the process' exit status: 0, or 3 when a panel failed (its reason is in the picture and
/// on stderr). Errors: Invalid and NotFound for options that make no sense, System for a file that
/// can not be written.
Result<int> takeSnapshot(const SnapshotOptions &options, const Theme &theme);

/// How many panels of a picture do not show data.
struct Gaps {
    int failed = 0; ///< the query failed or was not answered in time
    int empty = 0;  ///< answered, without any series
};

/// Draws one dashboard with the range it asks for, or that of `options`; runs an event loop until
/// its data is there.
Result<Gaps> drawDashboard(const dashboard::Dashboard &dashboard, prom::Client &client,
                           const SnapshotOptions &options, const Theme &theme);

} // namespace trendscope::ui
