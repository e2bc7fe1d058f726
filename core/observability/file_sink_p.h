#pragma once

#include "core/result.h"

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>

namespace trendscope::observability {

/// Writes each record with one write(2) to a descriptor, and counts those that could not be
/// written.
///
/// spdlog's own file sinks buffer, and throw away what a full disk refuses without telling.
class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    /// Appends to `file`, which is created when absent. Errors: System.
    static Result<std::shared_ptr<FileSink>> open(const std::filesystem::path &file);
    static std::shared_ptr<FileSink> toStderr();
    ~FileSink() override;

    bool isTerminal() const;
    std::uint64_t droppedRecords() const;

protected:
    void sink_it_(const spdlog::details::log_msg &record) override;
    void flush_() override { }

private:
    FileSink(int descriptor, bool isOwned);

    const int m_descriptor;
    const bool m_isOwned; ///< whether to close it
    std::atomic<std::uint64_t> m_droppedRecords{0};
};

} // namespace trendscope::observability
