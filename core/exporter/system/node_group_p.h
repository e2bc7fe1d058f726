#pragma once

#include "core/config/node_settings.h"
#include "core/exporter/collector.h"
#include "core/exporter/system/node_family_p.h"
#include "core/exporter/system/node_file_p.h"
#include "core/observability/logging.h"

#include <re2/re2.h>

#include <memory>
#include <utility>

namespace trendscope::exporter {

/// Names chosen by a setting, whose expressions must be valid.
class NodeSelection {
public:
    explicit NodeSelection(const config::NodeSettings::Selection &selection)
        : m_include(selection.include.empty() ? nullptr : new RE2(selection.include))
        , m_exclude(selection.exclude.empty() ? nullptr : new RE2(selection.exclude))
    {
    }

    bool has(std::string_view name) const
    {
        const re2::StringPiece text(name.data(), name.size());
        return (!m_include || RE2::PartialMatch(text, *m_include))
            && (!m_exclude || !RE2::PartialMatch(text, *m_exclude));
    }

private:
    std::unique_ptr<const RE2> m_include;
    std::unique_ptr<const RE2> m_exclude;
};

/// /proc/stat, which two groups need: it is costly where there are many interrupts.
class NodeStatFile {
public:
    explicit NodeStatFile(const std::string &procfs)
        : m_file(procfs + "/stat")
    {
    }

    void forget() { m_isRead = false; } ///< at the begin of each scrape
    const Result<std::string_view> &read()
    {
        if (!std::exchange(m_isRead, true))
            m_content = m_file.read();
        return m_content;
    }

private:
    NodeFile m_file;
    bool m_isRead = false;
    Result<std::string_view> m_content;
};

/// What the groups of one collector share. Paths have no slash at their end.
struct NodeContext {
    observability::Registry &registry;
    const config::NodeSettings &settings;
    const observability::Logger &log;
    const std::string procfs;
    const std::string sysfs;
    NodeStatFile &stat;
    NodeFamilies::Taken &names; ///< of all metrics of the collector
};

/// Some metrics that come from one place, as one of node_exporter's collectors.
class NodeGroup {
public:
    NodeGroup(std::string_view name, const NodeContext &context)
        : m_name(name)
        , m_families(context.registry, context.names)
    {
    }
    virtual ~NodeGroup() = default;

    std::string_view name() const { return m_name; }
    Result<void> update(Collector::Clock::time_point deadline)
    {
        m_families.begin();
        auto done = collect(deadline);
        m_families.end();
        return done;
    }

    /// Whether others gave it that metric to bring; in any thread.
    virtual bool bringsForeign(std::string_view /*metric*/) const { return false; }

protected:
    /// Sets the families. Errors: NotFound where this machine has nothing of the kind.
    virtual Result<void> collect(Collector::Clock::time_point deadline) = 0;
    NodeFamilies &families() { return m_families; }

private:
    const std::string_view m_name;
    NodeFamilies m_families;
};

using NodeGroups = std::vector<std::unique_ptr<NodeGroup>>;

void addCpuGroups(NodeGroups &groups, const NodeContext &context);
void addKernelGroups(NodeGroups &groups, const NodeContext &context);
void addMemoryGroups(NodeGroups &groups, const NodeContext &context);
void addNetworkGroups(NodeGroups &groups, const NodeContext &context);
void addProtocolGroups(NodeGroups &groups, const NodeContext &context);
void addConntrackGroup(NodeGroups &groups, const NodeContext &context);
void addDiskGroup(NodeGroups &groups, const NodeContext &context);
void addFilesystemGroup(NodeGroups &groups, const NodeContext &context);
void addHostGroups(NodeGroups &groups, const NodeContext &context);
void addClockGroups(NodeGroups &groups, const NodeContext &context);
void addThermalGroup(NodeGroups &groups, const NodeContext &context);
void addTextfileGroup(NodeGroups &groups, const NodeContext &context);

inline tl::unexpected<Error> notUnderstood(const std::string &path)
{
    return tl::unexpected(
        Error{Error::Kind::Invalid, path + " is not in the form that is known", {}});
}

inline tl::unexpected<Error> nothingThere(const std::string &what)
{
    return tl::unexpected(Error{Error::Kind::NotFound, "this machine has no " + what, {}});
}

} // namespace trendscope::exporter
