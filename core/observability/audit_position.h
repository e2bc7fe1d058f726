#pragma once

#include "export.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trendscope::observability {

/// A record's place in an audit log: kept elsewhere, it shows later whether the log still has it.
struct AuditPosition {
    std::uint64_t sequence = 0;              ///< from 1; 0: before the first record
    std::string hash = std::string(64, '0'); ///< the record's, lower-case hexadecimal

    bool operator==(const AuditPosition &other) const = default;

    /// `1204:9f86d0…`
    std::string toText() const { return std::to_string(sequence) + ':' + hash; }
    /// Nothing when it is not of that form.
    TRENDSCOPE_OBSERVABILITY_EXPORT static std::optional<AuditPosition>
    fromText(std::string_view text);
};

} // namespace trendscope::observability
