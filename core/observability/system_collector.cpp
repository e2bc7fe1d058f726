#include "core/observability/system_collector.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <numeric>
#include <sstream>

namespace trendscope::observability {

namespace {

using namespace std::chrono_literals;

tl::unexpected<Error> unreadable(const std::filesystem::path &file, std::string why)
{
    return tl::unexpected(Error{Error::Kind::System, file.string() + " " + std::move(why), {}});
}

/// Kilobytes of a line such as "MemTotal:  16316412 kB".
std::optional<double> kilobytes(std::istream &lines, std::string_view name)
{
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::string key;
        double value = 0;
        if (fields >> key && key == name && fields >> value)
            return value;
    }
    return {};
}

Result<double> usedPercent(const std::string &mountPoint)
{
    struct statvfs space { };
    if (::statvfs(mountPoint.c_str(), &space) != 0)
        return unreadable(mountPoint, std::string("can not be measured: ") + std::strerror(errno));
    const double used = static_cast<double>(space.f_blocks) - static_cast<double>(space.f_bfree);
    const double usable =
        used + static_cast<double>(space.f_bavail); // without what is kept for root
    return usable > 0 ? 100 * used / usable : 0;
}

} // namespace

SystemCollector::SystemCollector(std::vector<std::string> mountPoints,
                                 std::filesystem::path procRoot)
    : m_mountPoints(std::move(mountPoints))
    , m_procRoot(std::move(procRoot))
{
    m_previous = readCpuTime().value_or(CpuTime{});
}

void SystemCollector::setMountPoints(std::vector<std::string> mountPoints)
{
    m_mountPoints = std::move(mountPoints);
}

Result<SystemCollector::CpuTime> SystemCollector::readCpuTime() const
{
    const auto file = m_procRoot / "stat";
    std::ifstream lines(file);
    std::string name;
    // user nice system idle iowait irq softirq steal; the guests' time after them is in user and
    // nice already.
    std::array<double, 8> ticks{};
    lines >> name;
    for (double &tick : ticks)
        lines >> tick;
    if (!lines || name != "cpu")
        return unreadable(file, "does not begin with the processors' time");
    const double total = std::accumulate(ticks.begin(), ticks.end(), 0.0);
    return CpuTime{total - ticks[3] - ticks[4], total};
}

Result<double> SystemCollector::cpuPercent(Clock::time_point now)
{
    if (m_cpuPercent && now - m_answered < 1s)
        return *m_cpuPercent;
    const auto time = readCpuTime();
    if (!time) {
        m_cpuPercent.reset();
        return tl::unexpected(time.error());
    }
    // Nothing counted, or counted back (a processor went offline): then the sum since boot is what
    // is known.
    const CpuTime since = time->total > m_previous.total ? m_previous : CpuTime{};
    const double elapsed = time->total - since.total;
    const double busy = elapsed > 0 ? 100 * (time->busy - since.busy) / elapsed : 0;
    m_cpuPercent = std::clamp(busy, 0.0, 100.0);
    m_answered = now;
    m_previous = *time;
    return *m_cpuPercent;
}

Result<double> SystemCollector::memoryPercent() const
{
    const auto file = m_procRoot / "meminfo";
    std::ifstream lines(file);
    const auto total = kilobytes(lines, "MemTotal:");
    const auto available = kilobytes(lines, "MemAvailable:"); // comes after MemTotal
    if (!total || !available || *total <= 0)
        return unreadable(file, "does not say MemTotal and MemAvailable");
    return std::clamp(100 * (*total - *available) / *total, 0.0, 100.0);
}

Measured SystemCollector::diskPercent() const
{
    Measured fullest;
    for (const std::string &mountPoint : m_mountPoints) {
        const auto used = usedPercent(mountPoint);
        if (used)
            fullest.value = std::max(fullest.value.value_or(0), *used);
        else if (!fullest.error)
            fullest.error = used.error();
    }
    return fullest;
}

} // namespace trendscope::observability
