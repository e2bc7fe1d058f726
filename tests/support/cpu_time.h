#pragma once

#include <algorithm>
#include <array>
#include <ctime>

/// CPU seconds that this process, all of its threads, has used.
inline double cpuSeconds()
{
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Seconds of five runs by that clock, ascending: the first is the best, the third the usual one.
template <class Run>
std::array<double, 5> measured(Run run, double (*clock)() = cpuSeconds)
{
    std::array<double, 5> seconds{};
    for (double &each : seconds) {
        const double start = clock();
        run();
        each = clock() - start;
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds;
}

template <class Run>
double best(Run run, double (*clock)() = cpuSeconds)
{
    return measured(run, clock)[0];
}
