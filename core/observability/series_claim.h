#pragma once

#include "export.h"

namespace trendscope::observability {

class Series;

/// A source's part in a series that other sources may have a part in: as long as one of them has a
/// claim the series stays; with the last one it ends, as by Family::remove().
///
/// For sources that come and go while the process runs. Thread safe, but for one claim itself.
class TRENDSCOPE_OBSERVABILITY_EXPORT SeriesClaim {
public:
    SeriesClaim() = default; ///< of none
    SeriesClaim(SeriesClaim &&other) noexcept;
    SeriesClaim &operator=(SeriesClaim &&other) noexcept;
    ~SeriesClaim();

    /// False where there is no such series: its family is full, or the labels make no sense.
    explicit operator bool() const { return m_series != nullptr; }

private:
    friend class Family;
    explicit SeriesClaim(Series *counted); ///< takes over a reference

    Series *m_series = nullptr;
};

} // namespace trendscope::observability
