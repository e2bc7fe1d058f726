#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trendscope::exporter {

/// Whether an Accept-Encoding header allows gzip: it is named, without q=0.
bool acceptsGzip(std::string_view acceptEncoding);

/// The text in gzip's format; nothing when there is no memory for it.
std::optional<std::string> gzip(std::string_view text);

} // namespace trendscope::exporter
