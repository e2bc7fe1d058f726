#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

#include <array>
#include <map>
#include <set>

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;

/// Ticks a second in what the kernel tells programs: 100 on every architecture that Linux still
/// has.
constexpr double ticks = 100;

/// node_cpu_seconds_total, of /proc/stat; throttling by heat, of sysfs.
class CpuGroup final : public NodeGroup {
public:
    explicit CpuGroup(const NodeContext &context)
        : NodeGroup("cpu", context)
        , m_stat(context.stat)
        , m_folder(context.sysfs + "/devices/system/cpu")
        , m_seconds(families().counter("node_cpu_seconds_total",
                                       "Seconds the CPUs spent in each mode.", {"cpu", "mode"}))
        , m_guest(families().counter("node_cpu_guest_seconds_total",
                                     "Seconds the CPUs spent in guests (VMs) for each mode.",
                                     {"cpu", "mode"}))
        , m_core(families().counter("node_cpu_core_throttles_total",
                                    "Number of times this CPU core has been throttled.",
                                    {"package", "core"}))
        , m_package(families().counter("node_cpu_package_throttles_total",
                                       "Number of times this CPU package has been throttled.",
                                       {"package"}))
    {
        findThrottles();
    }

protected:
    Result<void> collect(Clock::time_point) override;

private:
    static constexpr std::size_t idle = 3;
    /// user nice system idle iowait irq softirq steal guest guest_nice
    using Times = std::array<double, 10>;
    /// Whose thermal_throttle is read: the first processor of each core and package.
    struct Throttle {
        std::string folder;
        std::string package;
        std::string core; ///< empty: of the package
    };

    void findThrottles();
    void show(std::string_view cpu, std::string_view line);
    Times &kept(std::string_view cpu, const Times &now);

    NodeStatFile &m_stat;
    const std::string m_folder;
    NodeFamily &m_seconds;
    NodeFamily &m_guest;
    NodeFamily &m_core;
    NodeFamily &m_package;
    std::map<std::string, Times, std::less<>> m_times;
    std::vector<Throttle> m_throttles;
};

Result<void> CpuGroup::collect(Clock::time_point)
{
    const auto &text = m_stat.read();
    if (!text)
        return tl::unexpected(text.error());
    bool isAny = false;
    for (std::string_view rest = *text; !rest.empty();) {
        std::string_view line = takeLine(rest);
        const std::string_view cpu = indexOf(takeWord(line), "cpu");
        if (!cpu.empty())
            show(cpu, line);
        isAny = isAny || !cpu.empty();
    }
    if (!isAny)
        return notUnderstood("/proc/stat");
    for (const Throttle &throttle : m_throttles) {
        const NodeFolder folder(throttle.folder);
        if (throttle.core.empty()) {
            if (const auto count = folder.number("package_throttle_count"))
                m_package.set({throttle.package}, *count);
        } else if (const auto count = folder.number("core_throttle_count")) {
            m_core.set({throttle.package, throttle.core}, *count);
        }
    }
    return {};
}

void CpuGroup::show(std::string_view cpu, std::string_view line)
{
    Times now{};
    for (double &time : now) // old kernels have fewer
        time = numberOf(takeWord(line)).value_or(0) / ticks;
    const Times &times = kept(cpu, now);
    constexpr std::array<std::string_view, 8> modes{"user",   "nice", "system",  "idle",
                                                    "iowait", "irq",  "softirq", "steal"};
    for (std::size_t mode = 0; mode < modes.size(); ++mode)
        m_seconds.set({cpu, modes[mode]}, times[mode]);
    m_guest.set({cpu, "user"}, times[modes.size()]);
    m_guest.set({cpu, "nice"}, times[modes.size() + 1]);
}

/// The kernel's times go back a little at times, which would be a counter's reset to Prometheus;
/// only a processor that was offline begins anew.
CpuGroup::Times &CpuGroup::kept(std::string_view cpu, const Times &now)
{
    constexpr double offline = 3; // seconds, as in node_exporter
    auto place = m_times.find(cpu);
    if (place == m_times.end())
        place = m_times.emplace(cpu, now).first;
    Times &times = place->second;
    if (times[idle] - now[idle] >= offline)
        times = {};
    for (std::size_t i = 0; i < now.size(); ++i)
        times[i] = std::max(times[i], now[i]);
    return times;
}

/// At the start only: reading them costs more than all else of the group, and few machines have
/// any.
void CpuGroup::findThrottles()
{
    const NodeFolder all(m_folder);
    std::vector<std::string> names;
    all.list(names);
    std::set<std::pair<std::string, std::string>> known;
    for (const std::string &name : names) {
        if (indexOf(name, "cpu").empty())
            continue;
        const NodeFolder cpu(all, name);
        const std::string package(cpu.text("topology/physical_package_id").value_or(""));
        const std::string core(cpu.text("topology/core_id").value_or(""));
        const std::string folder = m_folder + '/' + name + "/thermal_throttle";
        if (!isDigits(package) || !isDigits(core) || !NodeFolder(folder).isThere())
            continue;
        if (known.emplace(package, "").second)
            m_throttles.push_back({folder, package, ""});
        if (known.emplace(package, core).second)
            m_throttles.push_back({folder, package, core});
    }
}

/// Clocks of the processors, in kHz in sysfs.
class CpuFrequencyGroup final : public NodeGroup {
public:
    explicit CpuFrequencyGroup(const NodeContext &context)
        : NodeGroup("cpufreq", context)
        , m_folder(context.sysfs + "/devices/system/cpu")
    {
        add("cpuinfo_cur_freq", "frequency_hertz", "Current");
        add("cpuinfo_min_freq", "frequency_min_hertz", "Minimum");
        add("cpuinfo_max_freq", "frequency_max_hertz", "Maximum");
        add("scaling_cur_freq", "scaling_frequency_hertz", "Current scaled");
        add("scaling_min_freq", "scaling_frequency_min_hertz", "Minimum scaled");
        add("scaling_max_freq", "scaling_frequency_max_hertz", "Maximum scaled");
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        const NodeFolder all(m_folder);
        all.list(m_names);
        for (const std::string &name : m_names) {
            const std::string_view index = indexOf(name, "cpu");
            const NodeFolder cpu(all, index.empty() ? std::string("none") : name);
            for (const auto &[file, family] : m_values) {
                if (const auto value = cpu.number(file.c_str()))
                    family->set({index}, *value * 1000);
            }
        }
        return {};
    }

private:
    void add(std::string file, const std::string &metric, const std::string &which)
    {
        m_values.push_back({"cpufreq/" + std::move(file),
                            &families().gauge("node_cpu_" + metric,
                                              which + " CPU thread frequency in hertz.", {"cpu"})});
    }

    struct Value {
        std::string file;
        NodeFamily *family;
    };
    const std::string m_folder;
    std::vector<Value> m_values;
    std::vector<std::string> m_names;
};

} // namespace

void addCpuGroups(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<CpuGroup>(context));
    groups.push_back(std::make_unique<CpuFrequencyGroup>(context));
}

} // namespace trendscope::exporter
