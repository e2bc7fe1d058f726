#pragma once

#include "export.h"

#include <optional>
#include <string>
#include <string_view>

namespace trendscope::observability {

/// Whether an Accept-Encoding header allows gzip (RFC 9110, 12.5.3): it or `*` is named, without
/// q=0.
TRENDSCOPE_OBSERVABILITY_EXPORT bool acceptsGzip(std::string_view acceptEncoding);

/// The text in gzip's format (RFC 1952), at its fastest; nothing when there is no memory for it.
TRENDSCOPE_OBSERVABILITY_EXPORT std::optional<std::string> gzip(std::string_view text);

/// A shorter body is as well sent as it is: with its headers it fits a packet.
inline constexpr std::size_t smallestGzipBody = 1024;

} // namespace trendscope::observability
