#pragma once

#include <string>
#include <string_view>

/// Text that is safe to write: UTF-8, escaped as the format wants it. All functions append to
/// `out`.
namespace trendscope::observability::text {

/// Bytes of the character that `rest` begins with, 1 to 4; 0 when it begins with no valid UTF-8.
std::size_t characterLength(std::string_view rest);

/// Whether it is UTF-8 without NUL, which parsers of the exposition take for its end.
bool isLabelText(std::string_view value);
/// The same with U+FFFD for every byte that is in the way.
std::string toLabelText(std::string_view value);

void appendEscapedLabel(std::string &out, std::string_view value); ///< \\ \" \n
void appendEscapedHelp(std::string &out, std::string_view help);   ///< \\ \n

/// A JSON string with its quotes, for any bytes.
void appendJson(std::string &out, std::string_view value);
/// For a terminal: control characters (C0, DEL, C1) become visible escapes, so that none has an
/// effect.
void appendVisible(std::string &out, std::string_view value);

/// Shortest text that reads back as the same number; NaN, +Inf, -Inf by those names.
void appendNumber(std::string &out, double value);
/// The same at `place`, which has room for the longest; gives the length.
inline constexpr std::size_t longestNumber = 32;
std::size_t writeNumber(char *place, double value);
/// With exactly three decimals.
void appendSeconds(std::string &out, double seconds);

} // namespace trendscope::observability::text
