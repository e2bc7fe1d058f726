#pragma once

#include "core/observability/audit_chain_p.h"

#include <sys/types.h>

namespace trendscope::observability::audit {

/// FILE.seal, locked against every other writer of the log as long as this lives. Single-threaded.
class SealFile {
public:
    /// Created when absent. Errors: System; Invalid when another one has it.
    static Result<SealFile> open(const std::filesystem::path &log);
    ~SealFile();
    SealFile(SealFile &&other) noexcept;
    SealFile &operator=(SealFile &&) = delete;

    Result<std::string> read() const;
    /// Puts it back where it was deleted or replaced meanwhile. Not synced: after a power cut it
    /// may be older than the log, never newer.
    Result<void> write(std::string_view text);
    Result<void> sync(); ///< with its name in its folder
    void remove();       ///< the file that open() created

private:
    SealFile(std::filesystem::path path, int descriptor);
    bool isInPlace() const;
    Result<void> putBack(std::string_view text);
    Error errorOf(std::string_view verb, int reason) const;

    std::filesystem::path m_path;
    int m_descriptor;
};

/// Where the chain goes on: reads what stands after the seal, which an interrupted writer left, and
/// takes off a last line without an end. `seal` is none for a log that is to begin.
///
/// Errors: System; Invalid when it is not what the seal says.
Result<AuditPosition> recover(const std::filesystem::path &log, const std::optional<Seal> &seal,
                              Hasher &hasher);

} // namespace trendscope::observability::audit
