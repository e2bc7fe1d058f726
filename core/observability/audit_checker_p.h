#pragma once

#include "core/observability/audit_chain_p.h"
#include "core/observability/audit_verify.h"

namespace trendscope::observability::audit {

/// Takes the lines of an audit log in order and finds what is wrong with them. Its memory does not
/// grow with the log.
class Checker {
public:
    /// `key` may be empty. Without `after` the first record is to be number 1.
    Checker(std::string_view key, const std::optional<AuditPosition> &after);

    /// A record that must be as it is named. `source` is how problems call it.
    void watch(const AuditPosition &position, std::string source);

    void beginFile(const std::string &name);
    void takeLine(std::string_view line); ///< without its line break
    void takeTooLongLine();
    void takeTornLine();
    /// `isKeyRight`: something else than the records proves the key.
    AuditReport finish(bool isKeyRight);

    std::uint64_t lastSequence() const { return m_last.position.sequence; }

private:
    using Kind = AuditProblem::Kind;
    struct Place {
        std::size_t file = 0; ///< of m_report.files
        std::uint64_t line = 0;
    };
    /// Where the chain has come to.
    struct State {
        AuditPosition position;
        std::string actualHash; ///< where the record was edited: what its content has
        Place place;

        bool isFollowedBy(std::string_view previous) const
        {
            return previous == position.hash || previous == actualHash;
        }
    };
    /// A record that does not fit: whether it was edited or inserted, the next one tells.
    struct Suspect {
        std::size_t problem; ///< of m_report.problems
        State before;
    };
    struct Gap {
        std::uint64_t first;
        std::uint64_t last;
        std::size_t problem;
    };
    struct Watch {
        AuditPosition position;
        std::string source;
        bool isSeen = false;
    };

    void checkAlgorithm(const Link &link);
    std::string actualHashOf(const Link &link);
    void takeIntact(const Link &link);
    void takeBroken(const Link &link, const std::string &actualHash);
    void takeOutOfPlace(const Link &link);
    void reportBrokenLink(const Link &link);
    void accept(AuditPosition position, const std::string &actualHash);
    bool fillGap(std::uint64_t sequence);
    void endWatch(const Watch &watch);
    void forgiveWrongKey();
    std::size_t add(Kind kind, const Place &place, std::uint64_t sequence, std::string message);
    void withdraw(std::size_t problem);

    Hasher m_plain;
    std::optional<Hasher> m_keyed;
    AuditReport m_report;
    std::vector<bool> m_isWithdrawn; ///< of m_report.problems
    State m_last;
    Place m_place;
    bool m_isStartGiven;
    bool m_isDowngraded = false; ///< the record before was
    std::optional<Suspect> m_suspect;
    std::vector<Gap> m_gaps;
    std::vector<Watch> m_watches;
    std::uint64_t m_keyedRecords = 0;
    std::uint64_t m_keyedEdits = 0;
    AuditPosition m_lastBroken; ///< as the last record says whose hash is wrong
    bool m_hasPlainRecords = false;
};

} // namespace trendscope::observability::audit
