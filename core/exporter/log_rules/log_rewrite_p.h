#pragma once

#include "core/config/log_rules.h"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace trendscope::exporter {

/// A config::LogRewrite, ready to use.
class LogRewriter {
public:
    explicit LogRewriter(const config::LogRewrite &rewrite);
    ~LogRewriter();
    LogRewriter(LogRewriter &&) noexcept;
    LogRewriter &operator=(LogRewriter &&) = delete;

    /// Cut to 256 bytes: what is longer is no label.
    std::string rewritten(std::string_view text) const;

private:
    bool m_lowerCase;
    bool m_ids;
    std::vector<std::pair<std::unique_ptr<re2::RE2>, std::string>> m_replace;
    std::unordered_map<std::string, std::string> m_map;
};

/// `/users/17?x=1` → `/users/{id}`.
std::string withoutIds(std::string_view path);

} // namespace trendscope::exporter
