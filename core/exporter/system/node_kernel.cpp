#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

#include <array>

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;

/// What /proc/stat has beside the processors' times.
class StatGroup final : public NodeGroup {
public:
    explicit StatGroup(const NodeContext &context)
        : NodeGroup("stat", context)
        , m_stat(context.stat)
    {
        m_lines = {{
            {"intr",
             &families().counter("node_intr_total", "Total number of interrupts serviced.")},
            {"ctxt",
             &families().counter("node_context_switches_total",
                                 "Total number of context switches.")},
            {"btime", &families().gauge("node_boot_time_seconds", "Node boot time, in unixtime.")},
            {"processes", &families().counter("node_forks_total", "Total number of forks.")},
            {"procs_running",
             &families().gauge("node_procs_running", "Number of processes in runnable state.")},
            {"procs_blocked",
             &families().gauge("node_procs_blocked",
                               "Number of processes blocked waiting for I/O to complete.")},
        }};
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        const auto &text = m_stat.read();
        if (!text)
            return tl::unexpected(text.error());
        for (std::string_view rest = *text; !rest.empty();) {
            std::string_view line = takeLine(rest);
            const std::string_view name = takeWord(line);
            for (const auto &[known, family] : m_lines) {
                if (name != known)
                    continue;
                if (const auto value = numberOf(takeWord(line)))
                    family->set(*value);
            }
        }
        return {};
    }

private:
    NodeStatFile &m_stat;
    std::array<std::pair<std::string_view, NodeFamily *>, 6> m_lines{};
};

class LoadGroup final : public NodeGroup {
public:
    explicit LoadGroup(const NodeContext &context)
        : NodeGroup("loadavg", context)
        , m_file(context.procfs + "/loadavg")
        , m_loads{&families().gauge("node_load1", "1m load average."),
                  &families().gauge("node_load5", "5m load average."),
                  &families().gauge("node_load15", "15m load average.")}
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        auto text = m_file.read();
        if (!text)
            return tl::unexpected(text.error());
        for (NodeFamily *const load : m_loads) {
            const auto value = numberOf(takeWord(*text));
            if (!value)
                return notUnderstood(m_file.path());
            load->set(*value);
        }
        return {};
    }

private:
    NodeFile m_file;
    const std::array<NodeFamily *, 3> m_loads;
};

/// Pressure stall information, microseconds in /proc/pressure.
class PressureGroup final : public NodeGroup {
public:
    explicit PressureGroup(const NodeContext &context)
        : NodeGroup("pressure", context)
        , m_cpu(context.procfs + "/pressure/cpu")
        , m_io(context.procfs + "/pressure/io")
        , m_memory(context.procfs + "/pressure/memory")
        , m_cpuWaiting(family("cpu_waiting", "that processes have waited for CPU time"))
        , m_ioWaiting(family("io_waiting", "that processes have waited due to IO congestion"))
        , m_ioStalled(family("io_stalled", "no process could make progress due to IO congestion"))
        , m_memoryWaiting(family("memory_waiting", "that processes have waited for memory"))
        , m_memoryStalled(
              family("memory_stalled", "no process could make progress due to memory congestion"))
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        return read(m_cpu, &m_cpuWaiting, nullptr)
            .and_then([this] { return read(m_io, &m_ioWaiting, &m_ioStalled); })
            .and_then([this] { return read(m_memory, &m_memoryWaiting, &m_memoryStalled); });
    }

private:
    NodeFamily &family(const std::string &name, const std::string &what)
    {
        return families().counter("node_pressure_" + name + "_seconds_total",
                                  "Total time in seconds " + what);
    }

    static Result<void> read(NodeFile &file, NodeFamily *waiting, NodeFamily *stalled)
    {
        auto text = file.read();
        if (!text)
            return tl::unexpected(text.error());
        while (!text->empty()) {
            std::string_view line = takeLine(*text);
            const std::string_view kind = takeWord(line);
            NodeFamily *const family = kind == "some" ? waiting
                : kind == "full"                      ? stalled
                                                      : nullptr;
            constexpr std::string_view total = "total=";
            const std::size_t at = line.find(total);
            if (!family || at == line.npos)
                continue;
            if (const auto value = numberOf(line.substr(at + total.size())))
                family->set(*value / 1000 / 1000);
        }
        return {};
    }

    NodeFile m_cpu;
    NodeFile m_io;
    NodeFile m_memory;
    NodeFamily &m_cpuWaiting;
    NodeFamily &m_ioWaiting;
    NodeFamily &m_ioStalled;
    NodeFamily &m_memoryWaiting;
    NodeFamily &m_memoryStalled;
};

/// What the scheduler did on each processor.
class SchedulerGroup final : public NodeGroup {
public:
    explicit SchedulerGroup(const NodeContext &context)
        : NodeGroup("schedstat", context)
        , m_file(context.procfs + "/schedstat")
        , m_running(families().counter("node_schedstat_running_seconds_total",
                                       "Number of seconds CPU spent running a process.", {"cpu"}))
        , m_waiting(families().counter(
              "node_schedstat_waiting_seconds_total",
              "Number of seconds spent by processing waiting for this CPU.", {"cpu"}))
        , m_slices(families().counter("node_schedstat_timeslices_total",
                                      "Number of timeslices executed by CPU.", {"cpu"}))
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        auto text = m_file.read();
        if (!text)
            return tl::unexpected(text.error());
        while (!text->empty()) {
            std::string_view line = takeLine(*text);
            const std::string_view cpu = indexOf(takeWord(line), "cpu");
            for (int before = 0; before < 6; ++before)
                takeWord(line);
            const auto running = numberOf(takeWord(line));
            const auto waiting = numberOf(takeWord(line));
            const auto slices = numberOf(takeWord(line));
            if (cpu.empty() || !slices || !waiting || !running)
                continue;
            m_running.set({cpu}, *running / 1e9);
            m_waiting.set({cpu}, *waiting / 1e9);
            m_slices.set({cpu}, *slices);
        }
        return {};
    }

private:
    NodeFile m_file;
    NodeFamily &m_running;
    NodeFamily &m_waiting;
    NodeFamily &m_slices;
};

/// Packets that each processor took from network devices; hexadecimal columns.
class SoftnetGroup final : public NodeGroup {
public:
    explicit SoftnetGroup(const NodeContext &context)
        : NodeGroup("softnet", context)
        , m_file(context.procfs + "/net/softnet_stat")
        , m_processed(families().counter("node_softnet_processed_total",
                                         "Number of processed packets", {"cpu"}))
        , m_dropped(families().counter("node_softnet_dropped_total", "Number of dropped packets",
                                       {"cpu"}))
        , m_squeezed(families().counter("node_softnet_times_squeezed_total",
                                        "Number of times processing packets ran out of quota",
                                        {"cpu"}))
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        auto text = m_file.read();
        if (!text)
            return tl::unexpected(text.error());
        for (std::size_t row = 0; !text->empty(); ++row) {
            std::string_view line = takeLine(*text);
            std::array<std::optional<double>, 13> columns;
            for (auto &column : columns)
                column = hexOf(takeWord(line));
            if (!columns[2])
                continue;
            // The processor's number is the last column of newer kernels: rows of those that are
            // offline are missing.
            const auto number =
                static_cast<unsigned>(columns.back().value_or(static_cast<double>(row)));
            std::array<char, 12> digits{};
            const char *const end =
                std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
            const std::string_view cpu(digits.data(),
                                       static_cast<std::size_t>(end - digits.data()));
            m_processed.set({cpu}, columns[0].value_or(0));
            m_dropped.set({cpu}, columns[1].value_or(0));
            m_squeezed.set({cpu}, *columns[2]);
        }
        return {};
    }

private:
    NodeFile m_file;
    NodeFamily &m_processed;
    NodeFamily &m_dropped;
    NodeFamily &m_squeezed;
};

} // namespace

void addKernelGroups(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<StatGroup>(context));
    groups.push_back(std::make_unique<LoadGroup>(context));
    groups.push_back(std::make_unique<PressureGroup>(context));
    groups.push_back(std::make_unique<SchedulerGroup>(context));
    groups.push_back(std::make_unique<SoftnetGroup>(context));
}

} // namespace trendscope::exporter
