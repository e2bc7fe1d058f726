#include "app/command.h"
#include "app/common_options.h"
#include "core/observability/audit_verify.h"

#include <iostream>

namespace trendscope::app {

namespace {

using observability::AuditPosition;

struct Options {
    observability::AuditVerification verification;
    std::string expect;
    std::string after;
    std::string format = "text";
};

std::string checkPosition(const std::string &text)
{
    return AuditPosition::fromText(text)
        ? std::string()
        : "'" + text + "' is no SEQUENCE:HASH with a hash of 64 digits, as --format json has it";
}

/// Which files were taken though they were not given.
std::string rotatedNote(const std::vector<std::filesystem::path> &files)
{
    const std::size_t rotated = files.size() - 1;
    const std::string oldest = files.front().string();
    return rotated == 1 ? "with the rotated file " + oldest
                        : "with " + std::to_string(rotated) + " rotated files, " + oldest + " to "
            + files[rotated - 1].string();
}

int verify(const Options &options)
{
    observability::AuditVerification verification = options.verification;
    verification.expect = AuditPosition::fromText(options.expect);
    verification.after = AuditPosition::fromText(options.after);
    const bool isLogAlone = options.verification.files.size() == 1 && !verification.after;
    if (isLogAlone)
        verification.files = observability::auditFilesOf(options.verification.files.front());
    auto report = observability::verifyAuditLog(verification);
    if (!report)
        return fail(report.error(), Failed);
    if (isLogAlone && verification.files.size() > 1)
        report->notes.push_back(rotatedNote(verification.files));
    std::cout << (options.format == "json" ? toJson(*report) : toText(*report)) << std::flush;
    if (!std::cout)
        return fail({Error::Kind::System, "The report can not be written", {}}, Failed);
    if (report->problemCount > 0)
        return Failed;
    return report->isEndKnown ? Done : DoneInPart;
}

void addVerify(CLI::App &audit, const std::shared_ptr<Options> &options)
{
    CLI::App *const command = audit.add_subcommand(
        "verify", "Look for records that were edited, cut off, inserted or reordered");
    command
        ->add_option(
            "file", options->verification.files,
            "Files of one log, in any order; the log alone: with what was rotated from it and "
            "is beside it, unless --after is given")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--key-file", options->verification.keyFile,
                     "The key that the log was written with")
        ->type_name("FILE");
    command->add_option("--expect", options->expect, "A record that the log must have")
        ->check(checkPosition)
        ->type_name("SEQUENCE:HASH");
    command
        ->add_option("--after", options->after,
                     "The record before the first one, where older files are gone")
        ->check(checkPosition)
        ->type_name("SEQUENCE:HASH");
    command
        ->add_option("--seal", options->verification.seal,
                     "The log's seal; the one beside the files if not given")
        ->type_name("FILE");
    command->add_option("--format", options->format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str()
        ->type_name("FORMAT");
    command->footer(
        "Examples:\n"
        "  trendscope audit verify --key-file audit.key /var/log/trend/audit.log\n"
        "  trendscope audit verify audit.log --expect 1204:9f86d081…\n"
        "\n"
        "Exit status: 0 no problem, 1 problems or failed, 2 wrong usage, 3 no problem, but "
        "nothing says where the log ends.\n");
}

} // namespace

Command addAudit(CLI::App &app)
{
    CLI::App *const command = app.add_subcommand("audit", "Verify audit logs");
    command->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    addVerify(*command, options);
    return {command, [options] { return verify(*options); }};
}

} // namespace trendscope::app
