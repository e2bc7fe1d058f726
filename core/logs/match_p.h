#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trendscope::logs {

/// ASCII letters only: folding the rest needs tables that are larger than this whole program's logs
/// part.
std::string foldedCase(std::string_view text);

/// Whether `foldedNeedle`, at most 1,024 bytes, is in `text` in either case. Linear in the size of
/// `text`.
bool containsFolded(std::string_view text, std::string_view foldedNeedle);

/// A text in which `*` stands for any number of bytes.
class Glob {
public:
    Glob() = default;
    explicit Glob(std::string_view pattern);

    /// Linear in the size of `text` for a pattern of a given number of `*`.
    bool matches(std::string_view text) const;

private:
    std::vector<std::string> m_pieces; // what is between the stars; the first and last are anchored
};

} // namespace trendscope::logs
