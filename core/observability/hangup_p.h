#pragma once

namespace trendscope::observability {

/// While one lives, SIGHUP is counted instead of ending the process; the handler that was there
/// before is still called. Several share the one handler.
class HangupCounter {
public:
    HangupCounter();
    ~HangupCounter();
    HangupCounter(const HangupCounter &) = delete;
    HangupCounter &operator=(const HangupCounter &) = delete;

    unsigned count() const; ///< since the process began; costs a load
};

} // namespace trendscope::observability
