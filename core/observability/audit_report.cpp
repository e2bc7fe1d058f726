#include "core/observability/audit_verify.h"
#include "core/observability/json_p.h"

#include <array>

namespace trendscope::observability {

namespace {

std::string_view nameOf(AuditProblem::Kind kind)
{
    constexpr std::array<std::string_view, 10> names{
        "edited", "missing", "inserted",   "reordered", "not_a_record",
        "torn",   "cut",     "downgraded", "wrong_key", "wrong_seal"};
    return names[static_cast<std::size_t>(kind)];
}

std::string placeOf(const AuditProblem &problem)
{
    std::string place = problem.file;
    if (problem.line > 0)
        place += ':' + std::to_string(problem.line);
    return place + ": ";
}

/// 1,204
std::string grouped(std::uint64_t number)
{
    std::string digits = std::to_string(number);
    for (std::size_t i = digits.size(); i > 3; i -= 3)
        digits.insert(i - 3, ",");
    return digits;
}

std::string counted(std::uint64_t count, const std::string &what)
{
    return grouped(count) + ' ' + what + (count == 1 ? "" : "s");
}

std::string verdictOf(const AuditReport &report)
{
    if (report.problemCount > 0)
        return counted(report.problemCount, "problem");
    if (report.isAuthenticated)
        return "authenticated";
    return report.hasUncheckedHashes
        ? "consistent, not authenticated (without the key an edit of a record's content does not "
          "show)"
        : "consistent, not authenticated";
}

void appendMember(std::string &out, std::string_view name, std::string_view text)
{
    json::appendString(out += out.ends_with('{') ? "" : ",", name);
    json::appendString(out += ':', text);
}

void appendMember(std::string &out, std::string_view name, std::uint64_t number)
{
    json::appendString(out += out.ends_with('{') ? "" : ",", name);
    out += ':' + std::to_string(number);
}

void appendFlag(std::string &out, std::string_view name, bool isSet)
{
    json::appendString(out += ',', name);
    out += isSet ? ":true" : ":false";
}

} // namespace

std::string toText(const AuditReport &report)
{
    std::string out;
    for (const AuditProblem &problem : report.problems)
        out += placeOf(problem) + problem.message + '\n';
    if (report.problemCount > report.problems.size())
        out +=
            "and " + counted(report.problemCount - report.problems.size(), "problem") + " more\n";
    for (const std::string &note : report.notes)
        out += "note: " + note + '\n';

    out +=
        report.files.size() == 1 ? report.files.front().name : counted(report.files.size(), "file");
    out += ": " + counted(report.records, "record");
    if (report.records > 0)
        out += ", " + std::to_string(report.files.front().first) + " to "
            + std::to_string(report.last.sequence);
    return out + ", " + verdictOf(report) + '\n';
}

std::string toJson(const AuditReport &report)
{
    std::string out = R"({"files":[)";
    for (const AuditReport::File &file : report.files) {
        out += out.ends_with('[') ? "{" : ",{";
        appendMember(out, "name", file.name);
        appendMember(out, "records", file.records);
        appendMember(out, "first", file.first);
        appendMember(out, "last", file.last);
        out += '}';
    }
    out += ']';
    appendMember(out, "records", report.records);
    appendMember(out, "last", report.last.toText());
    appendMember(out, "verdict", verdictOf(report));
    appendFlag(out, "authenticated", report.isAuthenticated);
    appendFlag(out, "end_known", report.isEndKnown);
    appendMember(out, "problem_count", report.problemCount);
    out += R"(,"problems":[)";
    for (const AuditProblem &problem : report.problems) {
        out += out.ends_with('[') ? "{" : ",{";
        appendMember(out, "kind", nameOf(problem.kind));
        appendMember(out, "file", problem.file);
        appendMember(out, "line", problem.line);
        appendMember(out, "sequence", problem.sequence);
        appendMember(out, "message", problem.message);
        out += '}';
    }
    out += R"(],"notes":[)";
    for (const std::string &note : report.notes)
        json::appendString(out += out.ends_with('[') ? "" : ",", note);
    return out + "]}\n";
}

} // namespace trendscope::observability
