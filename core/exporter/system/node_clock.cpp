#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

#include <sys/timex.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;

class TimeGroup final : public NodeGroup {
public:
    explicit TimeGroup(const NodeContext &context)
        : NodeGroup("time", context)
        , m_folder(context.sysfs + "/devices/system/clocksource")
        , m_now(families().gauge("node_time_seconds", "System time in seconds since epoch (1970)."))
        , m_zone(families().gauge("node_time_zone_offset_seconds",
                                  "System time zone offset in seconds.", {"time_zone"}))
        , m_available(families().gauge(
              "node_time_clocksource_available_info",
              "Available clocksources read from '/sys/devices/system/clocksource'.",
              {"device", "clocksource"}))
        , m_current(
              families().gauge("node_time_clocksource_current_info",
                               "Current clocksource read from '/sys/devices/system/clocksource'.",
                               {"device", "clocksource"}))
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        const auto now = std::chrono::system_clock::now();
        m_now.set(std::chrono::duration<double>(now.time_since_epoch()).count());
        const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
        std::tm local{};
        ::localtime_r(&seconds, &local);
        m_zone.set({local.tm_zone}, static_cast<double>(local.tm_gmtoff));

        const NodeFolder all(m_folder);
        all.list(m_names);
        for (const std::string &name : m_names) {
            const std::string_view device = indexOf(name, "clocksource");
            if (device.empty())
                continue;
            const NodeFolder folder(all, name);
            std::string_view sources = folder.text("available_clocksource").value_or("");
            for (auto source = takeWord(sources); !source.empty(); source = takeWord(sources))
                m_available.set({device, source}, 1);
            if (const auto current = folder.text("current_clocksource"))
                m_current.set({device, *current}, 1);
        }
        return {};
    }

private:
    const std::string m_folder;
    NodeFamily &m_now;
    NodeFamily &m_zone;
    NodeFamily &m_available;
    NodeFamily &m_current;
    std::vector<std::string> m_names;
};

/// How well the clock is kept: adjtimex(2).
class ClockDisciplineGroup final : public NodeGroup {
public:
    explicit ClockDisciplineGroup(const NodeContext &context)
        : NodeGroup("timex", context)
        , m_synchronized(
              gauge("sync_status", "Is clock synchronized to a reliable server (1 = yes, 0 = no)."))
        , m_offset(
              gauge("offset_seconds", "Time offset in between local system and reference clock."))
        , m_frequency(gauge("frequency_adjustment_ratio", "Local clock frequency adjustment."))
        , m_maxError(gauge("maxerror_seconds", "Maximum error in seconds."))
        , m_estimatedError(gauge("estimated_error_seconds", "Estimated error in seconds."))
        , m_status(gauge("status", "Value of the status array bits."))
        , m_constant(gauge("loop_time_constant", "Phase-locked loop time constant."))
        , m_tick(gauge("tick_seconds", "Seconds between clock ticks."))
        , m_ppsFrequency(gauge("pps_frequency_hertz", "Pulse per second frequency."))
        , m_ppsJitter(gauge("pps_jitter_seconds", "Pulse per second jitter."))
        , m_ppsShift(gauge("pps_shift_seconds", "Pulse per second interval duration."))
        , m_ppsStability(gauge("pps_stability_hertz",
                               "Pulse per second stability, average of recent frequency changes."))
        , m_jitters(counter("jitter", "jitter limit exceeded events."))
        , m_calibrations(counter("calibration", "calibration intervals."))
        , m_errors(counter("error", "calibration errors."))
        , m_instabilities(counter("stability_exceeded", "stability limit exceeded events."))
        , m_tai(gauge("tai_offset_seconds", "International Atomic Time (TAI) offset."))
    {
    }

protected:
    Result<void> collect(Clock::time_point) override;

private:
    NodeFamily &gauge(const std::string &name, std::string help)
    {
        return families().gauge("node_timex_" + name, std::move(help));
    }
    NodeFamily &counter(const std::string &name, const std::string &what)
    {
        return families().counter("node_timex_pps_" + name + "_total",
                                  "Pulse per second count of " + what);
    }

    NodeFamily &m_synchronized;
    NodeFamily &m_offset;
    NodeFamily &m_frequency;
    NodeFamily &m_maxError;
    NodeFamily &m_estimatedError;
    NodeFamily &m_status;
    NodeFamily &m_constant;
    NodeFamily &m_tick;
    NodeFamily &m_ppsFrequency;
    NodeFamily &m_ppsJitter;
    NodeFamily &m_ppsShift;
    NodeFamily &m_ppsStability;
    NodeFamily &m_jitters;
    NodeFamily &m_calibrations;
    NodeFamily &m_errors;
    NodeFamily &m_instabilities;
    NodeFamily &m_tai;
};

Result<void> ClockDisciplineGroup::collect(Clock::time_point)
{
    struct timex clock { };
    const int state = ::adjtimex(&clock);
    if (state < 0)
        return tl::unexpected(
            Error{errno == EPERM ? Error::Kind::NotFound : Error::Kind::System,
                  std::string("the clock can not be asked: ") + std::strerror(errno),
                  {}});
    const auto number = [](auto value) { return static_cast<double>(value); };
    constexpr double micro = 1'000'000;
    constexpr double nano = 1'000'000'000;
    constexpr double millionths = 1'000'000.0 * 65'536; // with 16 bits after the point
    const double unit = (clock.status & STA_NANO) != 0 ? nano : micro;
    m_synchronized.set(state == TIME_ERROR ? 0 : 1);
    m_offset.set(number(clock.offset) / unit);
    m_frequency.set(1 + number(clock.freq) / millionths);
    m_maxError.set(number(clock.maxerror) / micro);
    m_estimatedError.set(number(clock.esterror) / micro);
    m_status.set(clock.status);
    m_constant.set(number(clock.constant));
    m_tick.set(number(clock.tick) / micro);
    m_ppsFrequency.set(number(clock.ppsfreq) / millionths);
    m_ppsJitter.set(number(clock.jitter) / unit);
    m_ppsShift.set(clock.shift);
    m_ppsStability.set(number(clock.stabil) / millionths);
    m_jitters.set(number(clock.jitcnt));
    m_calibrations.set(number(clock.calcnt));
    m_errors.set(number(clock.errcnt));
    m_instabilities.set(number(clock.stbcnt));
    m_tai.set(clock.tai);
    return {};
}

} // namespace

void addClockGroups(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<TimeGroup>(context));
    groups.push_back(std::make_unique<ClockDisciplineGroup>(context));
}

} // namespace trendscope::exporter
