#include "core/observability/audit_checker_p.h"

#include <algorithm>

namespace trendscope::observability::audit {

namespace {

constexpr std::size_t maxProblems = 1000;
constexpr std::size_t notListed = maxProblems; // a problem that is only counted

/// `record 5`, `records 5 to 9`
std::string recordsOf(std::uint64_t first, std::uint64_t last)
{
    return first == last ? "record " + std::to_string(first)
                         : "records " + std::to_string(first) + " to " + std::to_string(last);
}

std::string areMissing(std::uint64_t first, std::uint64_t last)
{
    return recordsOf(first, last) + (first == last ? " is missing" : " are missing");
}

} // namespace

Checker::Checker(std::string_view key, const std::optional<AuditPosition> &after)
    : m_isStartGiven(after.has_value())
{
    if (!key.empty())
        m_keyed.emplace(key);
    m_last.position = after.value_or(AuditPosition{});
}

void Checker::watch(const AuditPosition &position, std::string source)
{
    m_watches.push_back({position, std::move(source), position == m_last.position});
}

void Checker::beginFile(const std::string &name)
{
    m_report.files.push_back({.name = name});
    m_place = {.file = m_report.files.size() - 1};
}

void Checker::takeLine(std::string_view line)
{
    ++m_place.line;
    const auto link = parseLink(line);
    if (!link) {
        add(Kind::NotARecord, m_place, 0, "this line is no audit record");
        return;
    }
    AuditReport::File &file = m_report.files.back();
    ++file.records;
    file.first = file.records == 1 ? link->sequence : file.first;
    file.last = link->sequence;
    ++m_report.records;
    checkAlgorithm(*link);
    const std::string actual = actualHashOf(*link);
    if (actual == link->hash)
        takeIntact(*link);
    else
        takeBroken(*link, actual);
}

void Checker::takeTooLongLine()
{
    ++m_place.line;
    add(Kind::NotARecord, m_place, 0, "this line is too long for an audit record");
}

void Checker::takeTornLine()
{
    ++m_place.line;
    const bool hasAllThatIsKnown = !m_watches.empty()
        && std::all_of(m_watches.begin(), m_watches.end(), [](const Watch &w) { return w.isSeen; });
    const std::string message = "this line has no end: its writer was interrupted or is writing";
    if (hasAllThatIsKnown)
        m_report.notes.push_back(m_report.files.back().name + ':' + std::to_string(m_place.line)
                                 + ": " + message);
    else
        add(Kind::Torn, m_place, 0, message);
}

void Checker::checkAlgorithm(const Link &link)
{
    const bool isPlain = link.algorithm == Algorithm::Sha256;
    m_hasPlainRecords = m_hasPlainRecords || isPlain;
    m_keyedRecords += isPlain ? 0 : 1;
    if (m_keyed && isPlain && !m_isDowngraded)
        add(Kind::Downgraded, m_place, link.sequence,
            "from record " + std::to_string(link.sequence)
                + " on the hashes need no key: anyone can have made them");
    m_isDowngraded = m_keyed && isPlain;
    m_report.hasUncheckedHashes = m_report.hasUncheckedHashes || (!m_keyed && !isPlain);
}

std::string Checker::actualHashOf(const Link &link)
{
    if (link.algorithm == Algorithm::Sha256)
        return std::string(viewOf(m_plain.hash(link.hashed)));
    return std::string(m_keyed ? viewOf(m_keyed->hash(link.hashed)) : link.hash);
}

void Checker::takeIntact(const Link &link)
{
    const std::uint64_t expected = m_last.position.sequence + 1;
    const bool fitsBeforeSuspect = m_suspect
        && link.sequence == m_suspect->before.position.sequence + 1
        && m_suspect->before.isFollowedBy(link.previous);
    if (link.sequence < expected && !fitsBeforeSuspect)
        return takeOutOfPlace(link);
    if (fitsBeforeSuspect && !m_last.isFollowedBy(link.previous)
        && m_suspect->problem != notListed) {
        AuditProblem &problem = m_report.problems[m_suspect->problem];
        problem.kind = Kind::Inserted;
        problem.message = "this line was inserted: no record follows it, and its hash is wrong";
    } else if (link.sequence == expected && !m_last.isFollowedBy(link.previous)) {
        reportBrokenLink(link);
    } else if (link.sequence > expected) {
        const std::size_t problem =
            add(Kind::Missing, m_place, expected,
                areMissing(expected, link.sequence - 1)
                    + (m_report.records == 1 && !m_isStartGiven ? " before these files"
                                                                : " before this line"));
        if (m_gaps.size() < maxProblems)
            m_gaps.push_back({expected, link.sequence - 1, problem});
    }
    accept(link.position(), {});
    m_suspect.reset();
}

void Checker::reportBrokenLink(const Link &link)
{
    const std::string number = std::to_string(m_last.position.sequence);
    if (m_last.place.line == 0)
        add(Kind::Edited, m_place, link.sequence,
            m_isStartGiven ? "this record does not follow the one that --after names"
                           : "this record does not begin a chain");
    else if (!m_suspect) // else its edit is known
        add(Kind::Edited, m_last.place, m_last.position.sequence,
            "record " + number + " was replaced: it is not the one that record "
                + std::to_string(link.sequence) + " was written after");
}

/// An intact record whose number was passed already.
void Checker::takeOutOfPlace(const Link &link)
{
    const std::string record = "record " + std::to_string(link.sequence);
    if (fillGap(link.sequence))
        add(Kind::Reordered, m_place, link.sequence,
            record + " stands after record " + std::to_string(m_last.position.sequence));
    else
        add(Kind::Inserted, m_place, link.sequence, record + " stands here once more");
    for (Watch &watch : m_watches)
        watch.isSeen = watch.isSeen || watch.position == link.position();
}

void Checker::takeBroken(const Link &link, const std::string &actualHash)
{
    m_keyedEdits += link.algorithm == Algorithm::HmacSha256 ? 1 : 0;
    m_lastBroken = link.position();
    const std::uint64_t expected = m_last.position.sequence + 1;
    // An edit can have changed either, too.
    if (link.sequence != expected && !m_last.isFollowedBy(link.previous)) {
        add(Kind::Inserted, m_place, link.sequence,
            "this line is no record of the log: its hash is wrong, and so is its number, "
                + std::to_string(link.sequence));
        return;
    }
    const std::size_t problem =
        add(Kind::Edited, m_place, expected,
            "record " + std::to_string(expected) + " was edited: its hash is that of another text");
    m_suspect = Suspect{problem, m_last};
    accept({expected, std::string(link.hash)}, actualHash);
}

void Checker::accept(AuditPosition position, const std::string &actualHash)
{
    m_last = {std::move(position), actualHash, m_place};
    for (Watch &watch : m_watches) {
        if (watch.isSeen || watch.position.sequence != m_last.position.sequence)
            continue;
        watch.isSeen = true;
        // An edit was told of already.
        if (actualHash.empty() && watch.position.hash != m_last.position.hash)
            add(Kind::WrongSeal, m_place, m_last.position.sequence,
                "record " + std::to_string(m_last.position.sequence) + " is not the one that "
                    + watch.source + " names");
    }
}

bool Checker::fillGap(std::uint64_t sequence)
{
    const auto gap = std::find_if(m_gaps.begin(), m_gaps.end(), [&](const Gap &candidate) {
        return candidate.first <= sequence && sequence <= candidate.last;
    });
    if (gap == m_gaps.end())
        return false;
    const Gap whole = *gap;
    m_gaps.erase(gap);
    if (whole.first < sequence)
        m_gaps.push_back({whole.first, sequence - 1, whole.problem});
    if (sequence < whole.last)
        m_gaps.push_back({sequence + 1, whole.last, whole.problem});
    std::string left;
    for (const Gap &part : m_gaps) {
        if (part.problem == whole.problem)
            left += (left.empty() ? "" : ", ") + recordsOf(part.first, part.last);
    }
    if (left.empty())
        withdraw(whole.problem);
    else if (whole.problem != notListed && left.size() < 200)
        m_report.problems[whole.problem].message = left + " missing before this line";
    return true;
}

void Checker::endWatch(const Watch &watch)
{
    const std::uint64_t last = m_last.position.sequence;
    if (watch.isSeen || watch.position.sequence == 0)
        return;
    if (watch.position.sequence > last)
        add(Kind::Cut, m_last.place, last,
            areMissing(last + 1, watch.position.sequence) + " at the end: " + watch.source
                + " names record " + std::to_string(watch.position.sequence));
    else
        add(Kind::Missing, {}, watch.position.sequence,
            "record " + std::to_string(watch.position.sequence) + ", which " + watch.source
                + " names, is not in these files");
}

/// When no hash fits, it is the key that doesn't, and not that all was edited.
void Checker::forgiveWrongKey()
{
    for (std::size_t i = 0; i < m_report.problems.size(); ++i) {
        const Kind kind = m_report.problems[i].kind;
        if (kind == Kind::Edited || kind == Kind::Inserted)
            withdraw(i);
    }
    m_report.problemCount =
        static_cast<std::uint64_t>(std::count(m_isWithdrawn.begin(), m_isWithdrawn.end(), false));
    m_last.position = m_lastBroken;
    add(Kind::WrongKey, {}, 0, "the key fits none of the records: it is another log's key");
}

AuditReport Checker::finish(bool isKeyRight)
{
    for (const Watch &watch : m_watches)
        endWatch(watch);
    if (m_keyed && !isKeyRight && m_keyedRecords > 0 && m_keyedEdits == m_keyedRecords)
        forgiveWrongKey();
    std::vector<AuditProblem> problems;
    for (std::size_t i = 0; i < m_report.problems.size(); ++i) {
        if (!m_isWithdrawn[i])
            problems.push_back(std::move(m_report.problems[i]));
    }
    m_report.problems = std::move(problems);
    m_report.last = m_last.position;
    m_report.isAuthenticated =
        m_keyed && m_keyedRecords > 0 && !m_hasPlainRecords && m_report.problemCount == 0;
    return std::move(m_report);
}

std::size_t Checker::add(Kind kind, const Place &place, std::uint64_t sequence, std::string message)
{
    ++m_report.problemCount;
    if (m_report.problems.size() == maxProblems)
        return notListed;
    m_report.problems.push_back(
        {.kind = kind,
         .file = m_report.files.empty() ? std::string() : m_report.files[place.file].name,
         .line = place.line,
         .sequence = sequence,
         .message = std::move(message)});
    m_isWithdrawn.push_back(false);
    return m_report.problems.size() - 1;
}

void Checker::withdraw(std::size_t problem)
{
    if (problem != notListed && m_isWithdrawn[problem])
        return;
    if (problem != notListed)
        m_isWithdrawn[problem] = true;
    --m_report.problemCount;
}

} // namespace trendscope::observability::audit
