#pragma once

#include <QString>

#include <string_view>

namespace trendscope::ui {

/// Text from a log for one line on screen: at most `limit` characters, control characters and those
/// that turn the direction of writing made visible, line breaks as "↵". Whoever wrote the log
/// cannot change how other text looks.
QString oneLine(std::string_view text, qsizetype limit = 1000);

/// The same for several lines: line breaks and tabs stay.
QString severalLines(std::string_view text, qsizetype limit = 65'536);

} // namespace trendscope::ui
