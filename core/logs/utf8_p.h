#pragma once

#include <string>
#include <string_view>

namespace trendscope::logs {

/// `text` with U+FFFD in place of each byte that is not part of a valid character.
std::string withoutInvalidBytes(std::string_view text);

} // namespace trendscope::logs
