#pragma once

#include "core/observability/log_file_p.h"

#include <spdlog/sinks/sink.h>

#include <string>

namespace trendscope::observability {

/// A text of this thread that keeps its memory from record to record, but not much of it. A record
/// that is logged while another one is being written gets another.
class ScratchText {
public:
    ScratchText();
    ~ScratchText();
    ScratchText(const ScratchText &) = delete;
    ScratchText &operator=(const ScratchText &) = delete;

    std::string &text() { return *m_text; }

private:
    std::string m_own;
    std::string *m_text = &m_own;
};

/// Puts the time in front of an encoded record and gives the line to the file. Formats outside of
/// any lock.
class LineSink final : public spdlog::sinks::sink {
public:
    LineSink(LogFileSettings settings, bool json);

    void log(const spdlog::details::log_msg &record) override;
    void flush() override { m_file.flush(); }
    void set_pattern(const std::string &) override { }
    void set_formatter(std::unique_ptr<spdlog::formatter>) override { }

    LogFile &file() { return m_file; }
    const LogFile &file() const { return m_file; }

private:
    LogFile m_file;
    const bool m_isJson;
};

} // namespace trendscope::observability
