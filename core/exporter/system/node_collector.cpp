#include "core/exporter/system/node_collector.h"

#include "core/exporter/failure_log_p.h"
#include "core/exporter/system/node_group_p.h"

#include <algorithm>
#include <array>

namespace trendscope::exporter {

namespace {

std::string withoutSlash(const std::filesystem::path &path)
{
    std::string text = path.string();
    while (text.ends_with('/'))
        text.pop_back();
    return text;
}

Result<void> check(const config::NodeSettings &settings)
{
    struct Named {
        const char *name;
        const config::NodeSettings::Selection &selection;
    };
    for (const auto &[name, selection] :
         {Named{"mount_points", settings.mountPoints},
          Named{"filesystem_types", settings.filesystemTypes}, Named{"disks", settings.disks},
          Named{"interfaces", settings.interfaces},
          Named{"interface_properties", settings.interfaceProperties},
          Named{"vmstat_fields", settings.vmstatFields},
          Named{"netstat_fields", settings.netstatFields}}) {
        for (const std::string &expression : {selection.include, selection.exclude}) {
            const RE2 compiled(expression, RE2::Quiet);
            if (!compiled.ok())
                return tl::unexpected(
                    Error{Error::Kind::Invalid,
                          std::string("node.") + name + ": \"" + expression
                              + "\" is no regular expression: " + compiled.error(),
                          {}});
        }
    }
    return {};
}

} // namespace

struct NodeCollector::Private {
    Private(config::NodeSettings given, observability::Registry &registry,
            const observability::Logger &logger)
        : settings(std::move(given))
        , log(logger)
        , stat(withoutSlash(settings.procfs))
        , families(registry, names)
        , success(families.gauge("node_scrape_collector_success",
                                 "node_exporter: Whether a collector succeeded.", {"collector"}))
        , duration(families.gauge("node_scrape_collector_duration_seconds",
                                  "node_exporter: Duration of a collector scrape.", {"collector"}))
        , failures(log, "node")
    {
        settings.rootfs = settings.rootfs == "/" ? "/" : withoutSlash(settings.rootfs);
        const NodeContext context{.registry = registry,
                                  .settings = settings,
                                  .log = log,
                                  .procfs = withoutSlash(settings.procfs),
                                  .sysfs = withoutSlash(settings.sysfs),
                                  .stat = stat,
                                  .names = names};
        for (const auto add :
             {addCpuGroups, addKernelGroups, addMemoryGroups, addNetworkGroups, addProtocolGroups,
              addConntrackGroup, addDiskGroup, addFilesystemGroup, addHostGroups, addClockGroups,
              addThermalGroup, addTextfileGroup})
            add(groups, context);
    }

    Result<void> removeDisabled()
    {
        for (const std::string &name : settings.disabledGroups) {
            if (std::erase_if(groups, [&](const auto &one) { return one->name() == name; }) == 0)
                return tl::unexpected(
                    Error{Error::Kind::Invalid,
                          "node.disabled_groups: there is no group '" + name + "'",
                          {}});
        }
        return {};
    }

    config::NodeSettings settings;
    const observability::Logger log;
    NodeStatFile stat;
    NodeFamilies::Taken names;
    NodeFamilies families;
    NodeFamily &success;
    NodeFamily &duration;
    FailureLog failures;
    NodeGroups groups;
};

Result<std::unique_ptr<NodeCollector>> NodeCollector::make(const config::NodeSettings &settings,
                                                           observability::Registry &registry,
                                                           const observability::Logger &logger)
{
    if (const auto checked = check(settings); !checked)
        return tl::unexpected(checked.error());
    auto members = std::make_unique<Private>(settings, registry, logger);
    if (const auto removed = members->removeDisabled(); !removed)
        return tl::unexpected(removed.error());
    return std::unique_ptr<NodeCollector>(new NodeCollector(std::move(members)));
}

NodeCollector::NodeCollector(std::unique_ptr<Private> members)
    : d(std::move(members))
{
}

NodeCollector::~NodeCollector() = default;

std::span<const std::string_view> NodeCollector::metricPrefixes() const
{
    static constexpr std::array<std::string_view, 1> prefixes{"node_"};
    return prefixes;
}

bool NodeCollector::brings(std::string_view metric) const
{
    return isOwn(metric) || std::ranges::any_of(d->groups, [&](const auto &group) {
               return group->bringsForeign(metric);
           });
}

Result<void> NodeCollector::collect(Clock::time_point deadline)
{
    d->stat.forget();
    d->families.begin();
    std::optional<Error> failure;
    for (const auto &group : d->groups) {
        const auto begin = Clock::now();
        const auto done = group->update(deadline);
        d->duration.set({group->name()},
                        std::chrono::duration<double>(Clock::now() - begin).count());
        d->success.set({group->name()}, done ? 1 : 0);
        const bool isFailure = !done && done.error().kind != Error::Kind::NotFound;
        d->failures.report(std::string(group->name()),
                           isFailure ? std::optional(done.error()) : std::nullopt);
        if (isFailure && failure)
            failure->message += "; " + done.error().message;
        else if (isFailure)
            failure = done.error();
    }
    d->families.end();
    if (failure)
        return tl::unexpected(*std::move(failure));
    return {};
}

std::vector<std::string> NodeCollector::groups() const
{
    std::vector<std::string> names;
    for (const auto &group : d->groups)
        names.emplace_back(group->name());
    return names;
}

} // namespace trendscope::exporter
