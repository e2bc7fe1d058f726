#include "core/exporter/failure_log_p.h"
#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/text_metrics_p.h"

#include <fcntl.h>
#include <prometheus/collectable.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using Families = std::vector<MetricFamily>;

constexpr off_t largest = 16 << 20;

/// The metrics of all files together, for whoever scrapes.
class TextfileMetrics final : public prometheus::Collectable {
public:
    void set(Families families)
    {
        const std::lock_guard lock(m_mutex);
        m_families = std::move(families);
    }
    Families Collect() const override
    {
        const std::lock_guard lock(m_mutex);
        return m_families;
    }
    bool has(std::string_view name) const
    {
        const std::lock_guard lock(m_mutex);
        return std::ranges::find(m_families, name, &MetricFamily::name) != m_families.end();
    }

private:
    mutable std::mutex m_mutex;
    Families m_families;
};

bool haveSameLabels(const ClientMetric &a, const ClientMetric &b)
{
    return a.label == b.label; // both sorted
}

/// Why they can not be served together; nothing where they can, then `all` has them.
std::optional<std::string> merge(Families &all, const Families &more)
{
    const auto same = [&](const MetricFamily &family) {
        return std::find_if(all.begin(), all.end(),
                            [&](const MetricFamily &one) { return one.name == family.name; });
    };
    for (const MetricFamily &family : more) {
        const auto known = same(family);
        if (known == all.end())
            continue;
        if (known->type != family.type)
            return family.name + " has another type in another file";
        for (const ClientMetric &metric : family.metric) {
            if (std::any_of(known->metric.begin(), known->metric.end(),
                            [&](const auto &one) { return haveSameLabels(one, metric); }))
                return family.name + " has a series that another file has too";
        }
    }
    for (const MetricFamily &family : more) {
        if (const auto known = same(family); known != all.end())
            known->metric.insert(known->metric.end(), family.metric.begin(), family.metric.end());
        else
            all.push_back(family);
    }
    return {};
}

Error failure(Error::Kind kind, std::string message)
{
    return {kind, std::move(message), {}};
}

/// Metrics that others leave in files: *.prom of a folder.
class TextfileGroup final : public NodeGroup {
public:
    explicit TextfileGroup(const NodeContext &context)
        : NodeGroup("textfile", context)
        , m_folder(context.settings.textfileDirectory.string())
        , m_mayBeAbsent(context.settings.textfileDirectory
                        == config::NodeSettings().textfileDirectory)
        , m_own(context.names)
        , m_failures(context.log, "node.textfile")
        , m_metrics(std::make_shared<TextfileMetrics>())
        , m_modified(families().gauge("node_textfile_mtime_seconds",
                                      "Unixtime mtime of textfiles successfully read.", {"file"}))
        , m_error(
              families().gauge("node_textfile_scrape_error",
                               "1 if there was an error opening or reading a file, 0 otherwise"))
    {
        context.registry.addCollectable(m_metrics);
    }

    bool bringsForeign(std::string_view metric) const override { return m_metrics->has(metric); }

protected:
    Result<void> collect(Clock::time_point) override;

private:
    struct File {
        struct stat state = {};
        Result<Families> families;
        std::optional<Error> problem; ///< also with others' metrics
    };

    bool listFiles();
    void update(const std::string &path);
    static Result<Families> read(const std::string &path, struct stat &state);
    void mergeAll();
    std::optional<Error> problemOf(const std::string &path, const File &file, Families &all) const;

    const std::string m_folder;
    const bool m_mayBeAbsent; ///< nobody asked for it
    const std::set<std::string, std::less<>> &m_own;
    FailureLog m_failures;
    const std::shared_ptr<TextfileMetrics> m_metrics;
    NodeFamily &m_modified;
    NodeFamily &m_error;
    std::map<std::string, File> m_files; ///< by path
    bool m_isChanged = false;
};

Result<void> TextfileGroup::collect(Clock::time_point)
{
    m_isChanged = false;
    bool hasFailed = !m_folder.empty() && !listFiles();
    if (m_isChanged)
        mergeAll();
    for (const auto &[path, file] : m_files) {
        hasFailed = hasFailed || file.problem;
        if (!file.problem)
            m_modified.set({path}, static_cast<double>(file.state.st_mtim.tv_sec));
    }
    m_error.set(hasFailed ? 1 : 0);
    return {};
}

void TextfileGroup::mergeAll()
{
    Families all;
    for (auto &[path, file] : m_files) {
        file.problem = problemOf(path, file, all);
        m_failures.report(path, file.problem);
    }
    m_metrics->set(std::move(all));
}

/// False: the folder can not be read, or is not there and should be.
bool TextfileGroup::listFiles()
{
    std::error_code error;
    std::set<std::string> found;
    for (std::filesystem::directory_iterator at(m_folder, error), end; !error && at != end;
         at.increment(error)) {
        if (at->path().extension() == ".prom")
            found.insert(at->path().string());
    }
    const bool isAbsent = error == std::errc::no_such_file_or_directory && m_mayBeAbsent;
    const bool isRead = !error || isAbsent;
    m_failures.report(
        m_folder,
        isRead ? std::nullopt
               : std::optional(failure(Error::Kind::System, m_folder + ": " + error.message())));
    std::erase_if(m_files, [&](const auto &entry) {
        if (found.contains(entry.first))
            return false;
        m_failures.report(entry.first, {});
        return m_isChanged = true;
    });
    for (const std::string &path : found)
        update(path);
    return isRead;
}

/// Reads it where it has changed. Whoever writes such files renames them into place, as their
/// content could otherwise change within a tick of their time.
void TextfileGroup::update(const std::string &path)
{
    struct stat state { };
    const bool isThere = ::stat(path.c_str(), &state) == 0;
    File &file = m_files[path];
    const bool isSame = isThere && file.state.st_ino == state.st_ino
        && file.state.st_size == state.st_size && file.state.st_dev == state.st_dev
        && file.state.st_mtim.tv_sec == state.st_mtim.tv_sec
        && file.state.st_mtim.tv_nsec == state.st_mtim.tv_nsec;
    if (isSame)
        return;
    m_isChanged = true;
    file.families = read(path, file.state);
    if (!file.families)
        return;
    for (MetricFamily &family : *file.families)
        if (family.help.empty())
            family.help = "Metric read from " + path;
}

Result<Families> TextfileGroup::read(const std::string &path, struct stat &state)
{
    const auto fail = [&](const std::string &why) {
        return tl::unexpected(failure(Error::Kind::System, path + " can not be read: " + why));
    };
    state = {};
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0 || ::fstat(file, &state) != 0)
        return fail(std::strerror(errno));
    std::string text(static_cast<std::size_t>(std::clamp<off_t>(state.st_size, 0, largest)) + 1,
                     '\0');
    const ssize_t count = S_ISREG(state.st_mode) ? ::read(file, text.data(), text.size()) : 0;
    const int error = errno;
    ::close(file);
    if (!S_ISREG(state.st_mode))
        return fail("it is not a plain file");
    if (state.st_size > largest)
        return fail("it is larger than 16 MB");
    if (count < 0)
        return fail(std::strerror(error));
    text.resize(static_cast<std::size_t>(count));
    return parseTextMetrics(text).map_error(
        [&](Error problem) { return failure(problem.kind, path + ": " + problem.message); });
}

/// Adds the file's metrics to `all`, as far as it has none that are someone else's.
std::optional<Error> TextfileGroup::problemOf(const std::string &path, const File &file,
                                              Families &all) const
{
    if (!file.families)
        return file.families.error();
    for (const MetricFamily &family : *file.families) {
        if (m_own.contains(family.name))
            return failure(Error::Kind::Invalid,
                           path + ": " + family.name + " is measured by the exporter itself");
    }
    if (const auto conflict = merge(all, *file.families))
        return failure(Error::Kind::Invalid, path + ": " + *conflict);
    return {};
}

} // namespace

void addTextfileGroup(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<TextfileGroup>(context));
}

} // namespace trendscope::exporter
