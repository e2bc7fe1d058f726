#pragma once

#include "core/observability/logging.h"

#include <spdlog/formatter.h>

/// A record on its way through spdlog, which knows a message but no context.
namespace trendscope::observability::record {

/// The payload that carries both: the message's length, the message, the context.
///
/// A message may hold any bytes, also such a payload: only the length says where it ends.
std::string encode(std::string_view message, Logger::Fields context, bool json);

/// `module` of a source file: its name without folder and extension.
std::string_view moduleOf(std::string_view file);
/// The unqualified name in what std::source_location calls a function; a lambda is part of its
/// function.
std::string_view functionOf(std::string_view signature);

/// One JSON object a line.
class JsonFormatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg &record, spdlog::memory_buf_t &out) override;
    std::unique_ptr<spdlog::formatter> clone() const override;
};

/// A line for reading: time, level, logger, message, key=value.
class ReadableFormatter final : public spdlog::formatter {
public:
    explicit ReadableFormatter(bool coloured);
    void format(const spdlog::details::log_msg &record, spdlog::memory_buf_t &out) override;
    std::unique_ptr<spdlog::formatter> clone() const override;

private:
    const bool m_coloured;
};

} // namespace trendscope::observability::record
