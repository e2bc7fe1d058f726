#pragma once

#include <filesystem>

/// What files are asked for by a RotatingFile.
namespace trendscope::observability {

/// Where a path leads to: the file behind a link, so that it is rotated beside itself.
std::filesystem::path withoutLink(const std::filesystem::path &file);

/// Like open(2), created with mode 0640 when absent. Negative: the negative errno. A pipe that
/// nobody reads is an error (ENXIO), and not waited for.
int openToAppend(const std::filesystem::path &file, bool &isCreated);

/// Whether its last line has no end, and gets none: what another process is writing just now looks
/// the same for a moment.
bool endsTorn(const std::filesystem::path &file);

/// Like rename(2), but never over another file. Returns the errno.
int renameTo(const std::filesystem::path &from, const std::filesystem::path &to);

} // namespace trendscope::observability
