#pragma once

#include "../result.h"
#include "audit_position.h"
#include "export.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace trendscope::observability {

/// What is verified, and against what.
struct AuditVerification {
    std::vector<std::filesystem::path> files = {}; ///< of one log, in any order
    std::filesystem::path keyFile = {};            ///< empty: hashes with a key are not checked
    std::optional<AuditPosition> expect = {};      ///< a record that the log must have
    std::optional<AuditPosition> after = {};       ///< the record before the first of `files`
    std::filesystem::path seal = {};               ///< empty: the one beside the files
};

struct AuditProblem {
    enum class Kind {
        Edited,     ///< the content is not what the hash says, or not what the next record follows
        Missing,    ///< records that should be before this one
        Inserted,   ///< a record that is none of the chain, or is in it twice
        Reordered,  ///< a record after one that was written later
        NotARecord, ///< a line that never was one
        Torn,       ///< a line without its end
        Cut,        ///< records that should be after the last one
        Downgraded, ///< a hash that needs no key, where one was given
        WrongKey,   ///< no record's hash fits the key
        WrongSeal,  ///< the seal is damaged or forged, or it names another record than the log has
    };
    Kind kind;
    std::string file = {};
    std::uint64_t line = 0;     ///< from 1; 0: the file as a whole
    std::uint64_t sequence = 0; ///< of the record; 0: of none
    std::string message = {};   ///< one sentence, without the place
};

struct AuditReport {
    struct File {
        std::string name;
        std::uint64_t records = 0;
        std::uint64_t first = 0; ///< sequence
        std::uint64_t last = 0;
    };
    std::vector<File> files = {}; ///< in the order of their records
    std::uint64_t records = 0;
    AuditPosition last = {}; ///< the last record: what `expect` may be the next time
    std::vector<AuditProblem> problems = {}; ///< the first 1000, by place
    std::uint64_t problemCount = 0;          ///< all of them
    std::vector<std::string> notes = {};     ///< what is no problem, but worth knowing
    /// Whether every record's hash was checked with the key: then no one without the key made it.
    bool isAuthenticated = false;
    /// Whether hashes were there that only a key could check: an edit would not show.
    bool hasUncheckedHashes = false;
    /// Whether something said where the log ends: without it a cut tail would not show.
    bool isEndKnown = false;
};

/// `log` and what was rotated from it and is beside it, the oldest first. A rotated file is alone.
TRENDSCOPE_OBSERVABILITY_EXPORT std::vector<std::filesystem::path>
auditFilesOf(const std::filesystem::path &log);

/// Reads the files once, with memory for one line. Errors: System (a file can not be read), Invalid
/// (the key file).
TRENDSCOPE_OBSERVABILITY_EXPORT Result<AuditReport>
verifyAuditLog(const AuditVerification &verification);

/// What a person reads: a line for each problem and note, then a summary.
TRENDSCOPE_OBSERVABILITY_EXPORT std::string toText(const AuditReport &report);
/// The same as one JSON object.
TRENDSCOPE_OBSERVABILITY_EXPORT std::string toJson(const AuditReport &report);

} // namespace trendscope::observability
