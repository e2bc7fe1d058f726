#include "core/exporter/system/cgroup.h"

#include "core/exporter/system/node_file_p.h"
#include "core/exporter/system/node_text_p.h"

#include <unistd.h>

#include <algorithm>

namespace trendscope::exporter {

namespace {

using namespace std::chrono_literals;
using Value = std::optional<double>;

constexpr double micro = 1'000'000;

/// Of "name value" lines.
Value field(const std::optional<std::string> &text, std::string_view wanted)
{
    for (std::string_view rest = text ? *text : std::string_view(); !rest.empty();) {
        std::string_view line = takeLine(rest);
        if (takeWord(line) == wanted)
            return numberOf(takeWord(line));
    }
    return {};
}

Value scaled(Value value, double factor)
{
    return value ? Value(*value * factor) : value;
}

Value least(Value a, Value b)
{
    return a && b ? Value(std::min(*a, *b)) : a ? a : b;
}

std::optional<std::string> contentOf(const NodeFolder &folder, const char *name)
{
    const auto text = folder.text(name);
    return text ? std::optional(std::string(*text)) : std::nullopt;
}

} // namespace

struct Cgroup::Private {
    Result<std::string> find() const;
    void readLimits(const std::string &folder, CgroupState &state) const;
    double machineCpus() const;
    Result<double> machineMemory() const;

    config::CgroupSettings settings;
    std::string path;
    double previousSeconds = 0;
    Clock::time_point previousTime;
    double percent = 0;         ///< the latest answer
    Clock::time_point answered; ///< the clock's begin: never
};

/// "0::/system.slice/x.service" of this process; in a container's own namespace that is "/".
Result<std::string> Cgroup::Private::find() const
{
    if (!settings.path.empty())
        return settings.path.starts_with('/') ? settings.path : '/' + settings.path;
    NodeFile file((settings.procfs / "self/cgroup").string());
    const auto text = file.read();
    if (!text)
        return tl::unexpected(text.error());
    for (std::string_view rest = *text; !rest.empty();) {
        const std::string_view line = takeLine(rest);
        constexpr std::string_view unified = "0::";
        if (line.starts_with(unified))
            return std::string(line.substr(unified.size()));
    }
    return tl::unexpected(
        Error{Error::Kind::NotFound, "this process is in no control group of version 2", {}});
}

void Cgroup::Private::readLimits(const std::string &folder, CgroupState &state) const
{
    const NodeFolder group(folder);
    if (const auto text = contentOf(group, "cpu.max")) { // "max 100000" or "50000 100000"
        std::string_view rest = *text;
        const Value quota = numberOf(takeWord(rest));
        const Value period = numberOf(takeWord(rest));
        if (quota && period && *period > 0 && (!state.cpus || *quota / *period < *state.cpus)) {
            state.cpus = *quota / *period;
            state.cpuQuota = quota;
            state.cpuPeriod = period;
        }
    }
    state.memoryLimitBytes = least(state.memoryLimitBytes, group.number("memory.max"));
    state.swapLimitBytes = least(state.swapLimitBytes, group.number("memory.swap.max"));
}

double Cgroup::Private::machineCpus() const
{
    return static_cast<double>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
}

Result<double> Cgroup::Private::machineMemory() const
{
    NodeFile file((settings.procfs / "meminfo").string());
    const auto text = file.read();
    if (!text)
        return tl::unexpected(text.error());
    const Value kilobytes = field(std::string(*text), "MemTotal:");
    if (!kilobytes || *kilobytes <= 0)
        return tl::unexpected(
            Error{Error::Kind::Invalid, file.path() + " does not say MemTotal", {}});
    return *kilobytes * 1024;
}

Cgroup::Cgroup(const config::CgroupSettings &settings)
    : d(std::make_unique<Private>())
{
    d->settings = settings;
    if (const auto state = read())
        d->previousSeconds = state->cpuSeconds.value_or(0);
    d->previousTime = Clock::now();
}

Cgroup::~Cgroup() = default;

const std::string &Cgroup::path() const
{
    return d->path;
}

Result<CgroupState> Cgroup::read()
{
    auto path = d->find();
    if (!path)
        return tl::unexpected(path.error());
    d->path = *path;
    const std::string root = d->settings.root.string();
    const NodeFolder group(root + d->path);
    const auto cpu = contentOf(group, "cpu.stat");
    if (!group.isThere() || !contentOf(NodeFolder(root), "cgroup.controllers"))
        return tl::unexpected(
            Error{Error::Kind::NotFound, root + d->path + " is no control group of version 2", {}});
    CgroupState state;
    state.cpuSeconds = scaled(field(cpu, "usage_usec"), 1 / micro);
    state.userSeconds = scaled(field(cpu, "user_usec"), 1 / micro);
    state.systemSeconds = scaled(field(cpu, "system_usec"), 1 / micro);
    state.periods = field(cpu, "nr_periods");
    state.throttledPeriods = field(cpu, "nr_throttled");
    state.throttledSeconds = scaled(field(cpu, "throttled_usec"), 1 / micro);

    const auto memory = contentOf(group, "memory.stat");
    state.memoryBytes = group.number("memory.current");
    state.anonymousBytes = field(memory, "anon");
    state.fileBytes = field(memory, "file");
    if (state.memoryBytes)
        state.workingSetBytes =
            std::max(0.0, *state.memoryBytes - field(memory, "inactive_file").value_or(0));
    state.swapBytes = group.number("memory.swap.current");
    state.oomEvents = field(contentOf(group, "memory.events"), "oom_kill");
    state.processes = group.number("pids.current");
    // What a group may use is also limited by those that it is in.
    for (std::string above = d->path; above.size() > 1; above.erase(above.rfind('/')))
        d->readLimits(root + above, state);
    d->readLimits(root, state); // the root of a container's namespace may be limited
    return state;
}

Result<double> Cgroup::cpuPercent(Clock::time_point now)
{
    if (d->answered != Clock::time_point() && now - d->answered < 1s)
        return d->percent;
    const auto state = read();
    if (!state)
        return tl::unexpected(state.error());
    const double seconds = state->cpuSeconds.value_or(-1);
    if (seconds < 0)
        return tl::unexpected(
            Error{Error::Kind::NotFound, d->path + " does not tell its CPU time", {}});
    const double elapsed = std::chrono::duration<double>(now - d->previousTime).count();
    const double used = seconds - d->previousSeconds;
    const double allowed =
        elapsed * std::min(state->cpus.value_or(d->machineCpus()), d->machineCpus());
    d->percent = allowed > 0 ? std::clamp(100 * used / allowed, 0.0, 100.0) : 0;
    d->previousSeconds = seconds;
    d->previousTime = now;
    d->answered = now;
    return d->percent;
}

Result<double> Cgroup::memoryPercent()
{
    const auto state = read();
    if (!state)
        return tl::unexpected(state.error());
    const double used = state->workingSetBytes.value_or(-1);
    if (used < 0)
        return tl::unexpected(
            Error{Error::Kind::NotFound, d->path + " does not tell its memory", {}});
    auto machine = d->machineMemory();
    if (!machine)
        return machine;
    const double limit = std::min(state->memoryLimitBytes.value_or(*machine), *machine);
    return limit > 0 ? std::clamp(100 * used / limit, 0.0, 100.0) : 100;
}

} // namespace trendscope::exporter
