#include "core/observability/observability.h"

namespace trendscope::observability {

Metrics &metrics()
{
    // Never destroyed: threads and static objects record until the very end.
    static Metrics &made = *new Metrics;
    return made;
}

} // namespace trendscope::observability
